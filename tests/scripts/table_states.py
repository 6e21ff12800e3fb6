"""What the scripts of the state table are made of: segments, states with the way into each, and verdicts."""

import dataclasses

# Both ends count from 0. The window is ten segments of 1460 and has no scale, so that the kernel, which rounds windows to
# whole segments, offers the same one.
IRS = 0
WINDOW = 14600
WRAP = 1 << 32


@dataclasses.dataclass(frozen=True)
class Segment:
    """What arrives. `name` and `words` are for the file and its first line."""
    flags: str
    seq: int
    length: int = 0
    ack: int | None = None
    name: str = ''
    words: str = ''

    def has(self, flag):
        return flag in self.flags

    def space(self):
        """What it takes of the sequence space (SEG.LEN)."""
        return self.length + self.has('S') + self.has('F')

    def line(self, time='+.01'):
        ack = '' if self.ack is None else f' ack {self.ack}'
        urgent = f' urg {self.length}' if self.has('U') else ''
        options = ' <mss 1000>' if self.has('S') else ''
        first = self.seq % WRAP
        return f'{time:>6} < {self.flags} {first}:{first + self.length}({self.length}){ack} win 65535{urgent}{options}'


@dataclasses.dataclass(frozen=True)
class State:
    """A state as the prelude of a script reaches it, and the variables that the checks ask for."""
    name: str
    number: int  # as tcpi_state has it; 0: no socket shows it
    prelude: tuple
    una: int = 1
    nxt: int = 1
    rcv_nxt: int = IRS + 1
    fin_came: bool = False

    @property
    def folder(self):
        return self.name.lower()

    def last_inside(self):
        """The last number that is in the window for certain. The peer's FIN may or may not have moved the right edge on."""
        return self.rcv_nxt + WINDOW - 1 - self.fin_came

    def first_outside(self):
        """The first number that is outside for certain."""
        return self.rcv_nxt + WINDOW


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What has to follow: the packet of ours, if any, the state, and where that is written."""
    cite: str
    says: str
    reply: str | None
    state: str
    time: str = '+0'


# --- The ways into each state -------------------------------------------------------------------------------------------

LISTEN = (
    '     0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
    '    +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
    f'    +0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [{WINDOW}], 4) = 0',
    '    +0 bind(3, ..., ...) = 0',
    '    +0 listen(3, 1) = 0',
)
SYN_RECEIVED = LISTEN + (
    '   +.1 < S 0:0(0) win 65535 <mss 1000>',
    f'    +0 > S. 0:0(0) ack 1 win {WINDOW} <mss 1460>',
)
ESTABLISHED = SYN_RECEIVED + (
    '   +.1 < . 1:1(0) ack 1 win 65535',
    '    +0 accept(3, ..., ...) = 4',
)
FIN_WAIT_1 = ESTABLISHED + (
    '    +0 shutdown(4, SHUT_WR) = 0',
    '    +0 > F. 1:1(0) ack 1',
)
FIN_WAIT_2 = FIN_WAIT_1 + ('  +.01 < . 1:1(0) ack 2 win 65535',)
CLOSE_WAIT = ESTABLISHED + (
    '  +.01 < F. 1:1(0) ack 1 win 65535',
    '    +0 > . 1:1(0) ack 2',
)
CLOSING = FIN_WAIT_1 + (
    '  +.01 < F. 1:1(0) ack 1 win 65535',
    '    +0 > . 2:2(0) ack 2',
)
LAST_ACK = CLOSE_WAIT + (
    '    +0 shutdown(4, SHUT_WR) = 0',
    '    +0 > F. 1:1(0) ack 2',
)
TIME_WAIT = FIN_WAIT_2 + (
    '  +.01 < F. 1:1(0) ack 2 win 65535',
    '    +0 > . 2:2(0) ack 2',
)
SYN_SENT = (
    '     0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
    '    +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0',
    '    +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)',
    '    +0 > S 0:0(0) <...>',
)

AFTER_FIN = {'rcv_nxt': IRS + 2, 'fin_came': True}
STATES = {
    state.name: state
    for state in (
        State('SYN-RECEIVED', 0, SYN_RECEIVED, una=0),
        State('ESTABLISHED', 1, ESTABLISHED),
        State('FIN-WAIT-1', 4, FIN_WAIT_1, nxt=2),
        State('FIN-WAIT-2', 5, FIN_WAIT_2, una=2, nxt=2),
        State('CLOSE-WAIT', 8, CLOSE_WAIT, **AFTER_FIN),
        State('CLOSING', 11, CLOSING, nxt=2, **AFTER_FIN),
        State('LAST-ACK', 9, LAST_ACK, nxt=2, **AFTER_FIN),
        State('TIME-WAIT', 6, TIME_WAIT, una=2, nxt=2, **AFTER_FIN),
    )
}
