#!/usr/bin/env python3
"""Writes tests/scripts/rfc9293/table: one script for each state, each event and each place in the window.

Usage: make_table.py [--check]

--check writes nothing: it fails when the folder does not hold exactly these scripts.

What a script expects is worked out here, by walking the checks of RFC 9293 §3.10.7 in their order over a few numbers. It
is never taken from a run: where the stack and a script disagree, one of them has read the RFC wrongly. RFC 5961 (blind
attacks), RFC 1337 (TIME-WAIT) and RFC 5681 §4.2 (duplicate ACKs) refine the checks, and each script cites the one that
decided.
"""

import dataclasses
import pathlib
import shutil
import sys

# Both ends count from 0. The window is ten segments of 1460 and has no scale, so that the kernel, which rounds windows to
# whole segments, offers the same one.
IRS = 0
WINDOW = 14600
WRAP = 1 << 32
UNACCEPTABLE = 'RFC 9293 §3.10.7.4, first check'
TEXT = 10


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


# --- The checks of RFC 9293 §3.10.7.4 -----------------------------------------------------------------------------------

def pure_ack(state, acked=None):
    """<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>"""
    return f'> . {state.nxt}:{state.nxt}(0) ack {state.rcv_nxt if acked is None else acked}'


def reset(seq):
    """<SEQ=SEG.ACK><CTL=RST>"""
    return f'> R {seq}:{seq}(0) win 0'


def is_acceptable(state, segment):
    """Table 6, for a window that is not zero. A RST counts by its number alone (RFC 5961 §3.2)."""
    space = 0 if segment.has('R') else segment.space()
    last = segment.seq + max(space, 1) - 1
    inside = range(state.rcv_nxt, state.last_inside() + 1)
    return segment.seq in inside or last in inside


def arrives(state, segment):
    """The eight checks, in their order; each returns a Verdict or passes the segment on."""
    checks = (check_sequence, check_rst, check_syn, check_ack, check_text, check_fin)
    for check in checks:
        verdict = check(state, segment)
        if verdict:
            return verdict
    return ignored(state, 'RFC 9293 §3.10.7.4, fifth check', 'is a duplicate ACK and ignored')


def ignored(state, cite, says):
    return Verdict(cite, says, None, state.name)


def acknowledged(state, cite, says):
    return Verdict(cite, says, pure_ack(state), state.name)


def check_sequence(state, segment):
    if is_acceptable(state, segment):
        return None
    if segment.has('R'):
        return ignored(state, 'RFC 5961 §3.2, case 1', 'is dropped without an answer')
    if segment.has('S') and state.name != 'SYN-RECEIVED':
        return acknowledged(state, 'RFC 5961 §4.2', 'earns a challenge ACK, whatever its number')
    return acknowledged(state, UNACCEPTABLE, 'is answered by an ACK and dropped')


def check_rst(state, segment):
    if not segment.has('R'):
        return None
    if state.name == 'TIME-WAIT':
        return ignored(state, 'RFC 1337 §3, fix F1', 'does not end the wait')
    if segment.seq != state.rcv_nxt:
        return acknowledged(state, 'RFC 5961 §3.2, case 3', 'earns a challenge ACK, being in the window but not at RCV.NXT')
    if state.name == 'SYN-RECEIVED':
        return Verdict('RFC 9293 §3.10.7.4, second check', 'takes the passive side back to LISTEN', None, 'LISTEN')
    return Verdict('RFC 5961 §3.2, case 2', 'ends the connection', None, 'CLOSED')


def check_syn(state, segment):
    if not segment.has('S'):
        return None
    if state.name == 'SYN-RECEIVED':
        return Verdict('RFC 9293 §3.10.7.4, fourth check', 'takes the passive side back to LISTEN', None, 'LISTEN')
    return acknowledged(state, 'RFC 5961 §4.2', 'earns a challenge ACK, whatever its number')


def check_ack(state, segment):
    cite = 'RFC 9293 §3.10.7.4, fifth check'
    if not segment.has('.'):
        return ignored(state, cite, 'is dropped without an answer')
    if state.name == 'SYN-RECEIVED':
        if not state.una < segment.ack <= state.nxt:
            return Verdict(cite, 'is answered by a RST with its number', reset(segment.ack), state.name)
        return arrives_after_ack_of_syn(segment)
    if segment.ack > state.nxt:
        return acknowledged(state, cite, 'is answered by an ACK and dropped')
    if segment.ack < state.una - 65535:
        return acknowledged(state, 'RFC 5961 §5.2', 'is answered by an ACK and dropped')
    fin_acked = state.una < segment.ack == state.nxt == 2
    if state.name == 'TIME-WAIT':
        return check_ack_in_time_wait(state, segment)
    if fin_acked:
        return arrives_with_ack_of_fin(state, segment)
    return None


def check_ack_in_time_wait(state, segment):
    """All that can come is the peer's FIN again: what takes a number is acknowledged, a bare ACK says nothing."""
    cite = 'RFC 9293 §3.10.7.4, fifth check'
    at_its_place = segment.seq == state.rcv_nxt
    if segment.space() == 0 and at_its_place:
        return ignored(state, cite, 'is ignored')
    return acknowledged(state, cite, 'is acknowledged again')


def arrives_after_ack_of_syn(segment):
    """The rest of a segment whose ACK took SYN-RECEIVED to ESTABLISHED is processed there."""
    established = STATES['ESTABLISHED']
    verdict = check_text(established, segment) or check_fin(established, segment)
    if verdict:
        return verdict
    return Verdict('RFC 9293 §3.10.7.4, fifth check', 'acknowledges our SYN: the connection is ESTABLISHED', None,
                   'ESTABLISHED')


def arrives_with_ack_of_fin(state, segment):
    cite = 'RFC 9293 §3.10.7.4, fifth check'
    if state.name == 'FIN-WAIT-1':
        then = STATES['FIN-WAIT-2']
        verdict = check_text(then, segment) or check_fin(then, segment)
        return verdict or Verdict(cite, 'acknowledges our FIN: FIN-WAIT-2', None, 'FIN-WAIT-2')
    if state.name == 'CLOSING':
        return Verdict(cite, 'acknowledges our FIN: TIME-WAIT', None, 'TIME-WAIT')
    return Verdict(cite, 'acknowledges our FIN: CLOSED', None, 'CLOSED')


def check_text(state, segment):
    if segment.length == 0:
        return None
    cite = 'RFC 9293 §3.10.7.4, sixth check' if segment.has('U') else 'RFC 9293 §3.10.7.4, seventh check'
    if state.fin_came:
        return ignored(state, cite, 'is ignored: nothing can follow the FIN')
    if segment.seq > state.rcv_nxt:
        return acknowledged(state, 'RFC 5681 §4.2', 'lies behind a hole and earns a duplicate ACK at once')
    if segment.has('F'):
        return None
    new_end = min(segment.seq + segment.length, state.last_inside() + 1)
    says = 'is taken and acknowledged within half a second'
    return Verdict(cite, says, pure_ack(state, new_end), state.name, '+0~+.5')


def check_fin(state, segment):
    if not segment.has('F'):
        return None
    cite = 'RFC 9293 §3.10.7.4, eighth check'
    if state.fin_came:
        return ignored(state, cite, f'leaves the connection in {state.name}: nothing can follow the FIN')
    if segment.seq > state.rcv_nxt:
        return acknowledged(state, 'RFC 5681 §4.2', 'lies behind a hole and earns a duplicate ACK at once')
    then = {'ESTABLISHED': 'CLOSE-WAIT', 'FIN-WAIT-1': 'CLOSING', 'FIN-WAIT-2': 'TIME-WAIT'}[state.name]
    end = segment.seq + segment.space()
    # Nothing forbids that the ACK of text waits a little, with or without a FIN behind it.
    return Verdict(cite, f'is acknowledged: {then}', pure_ack(state, end), then, '+0~+.5' if segment.length else '+0')


# --- What shows the state afterwards ------------------------------------------------------------------------------------

def old_byte(state, verdict):
    """A byte that was received long ago is acknowledged at once, and shows that nothing else was sent before."""
    if state.name == 'SYN-RECEIVED':
        state = STATES[verdict.state]
    acked = state.rcv_nxt
    if verdict.reply and ' ack ' in verdict.reply:
        acked = int(verdict.reply.rsplit(' ', 1)[1])
    una = min(state.nxt, STATES[verdict.state].una)
    segment = Segment('.', IRS, 1, una)
    return [segment.line(), f'    +0 > . {state.nxt}:{state.nxt}(0) ack {acked}']


def state_shown(number):
    return f'    +0 %{{ assert tcpi_state == {number}, tcpi_state }}%'


def afterwards(state, segment, verdict):
    then = verdict.state
    if then == 'SYN-RECEIVED':
        return ['// the handshake can still be completed', '  +.01 < . 1:1(0) ack 1 win 65535',
                '    +0 accept(3, ..., ...) = 4', state_shown(STATES['ESTABLISHED'].number)]
    if then == 'LISTEN':
        return ['// nothing is left of it: an ACK meets the listener', '  +.01 < . 1:1(0) ack 1 win 65535',
                '    +0 > R 1:1(0) win 0']
    if then == 'CLOSED':
        shown = [] if state.name == 'TIME-WAIT' else [state_shown(7)]
        gone = Segment('.', state.rcv_nxt, 0, state.nxt)
        return shown + ['// nothing is left of it', gone.line(), f'    {reset(state.nxt).replace(">", "+0 >", 1)}']
    if then == 'TIME-WAIT':
        fin = Segment('F.', IRS + 1, 0, 2)
        if state.name == 'FIN-WAIT-2' and segment.length:
            fin = Segment('F.', IRS + 1 + segment.length, 0, 2)
        acked = fin.seq + 1
        return ['// the FIN again is acknowledged again', fin.line(), f'    +0 > . 2:2(0) ack {acked}']
    accepted = ['    +0 accept(3, ..., ...) = 4'] if state.name == 'SYN-RECEIVED' else []
    return accepted + old_byte(state, verdict) + [state_shown(STATES[then].number)]


# --- The table ----------------------------------------------------------------------------------------------------------

EVENTS = {  # name: flags, text, with an ACK, in words
    'syn': ('S', 0, False, 'a SYN'),
    'synack': ('S.', 0, True, 'a SYN-ACK'),
    'ack': ('.', 0, True, 'a bare ACK'),
    'data': ('.', TEXT, True, 'text'),
    'fin': ('F.', 0, True, 'a FIN'),
    'rst': ('R', 0, False, 'a RST'),
    'urg': ('U.', TEXT, True, 'urgent text'),
}


def places(state, space):
    """Five places for a segment that takes `space` numbers: (name, first number, in words)."""
    return (
        ('left', state.rcv_nxt - max(2 * space, 1) + (space == 1), 'left of the window'),
        ('left-edge', state.rcv_nxt, 'at RCV.NXT'),
        ('inside', state.rcv_nxt + 100, 'inside the window'),
        ('right-edge', state.last_inside() + 1 - max(space, 1), 'at the right edge of the window'),
        ('right', state.first_outside(), 'right of the window'),
    )


def place_of_syn(state, seq, place):
    """In SYN-RECEIVED the number before RCV.NXT is the peer's SYN itself, which is another story (rfc9293/open)."""
    return seq - 10 if state.name == 'SYN-RECEIVED' and place == 'left' else seq


def synchronized_cases():
    for state in STATES.values():
        ack = state.nxt if state.name == 'SYN-RECEIVED' else state.una
        for name, (flags, length, with_ack, words) in EVENTS.items():
            space = 0 if 'R' in flags else length + ('S' in flags) + ('F' in flags)
            for place, seq, where in places(state, space):
                if 'S' in flags:
                    seq = place_of_syn(state, seq, place)
                segment = Segment(flags, seq, length, ack if with_ack else None, f'{name}-{place}', f'{words} {where}')
                yield state, segment
        yield from special_cases(state, ack)


def special_cases(state, ack):
    """What the grid has no place for: text over the edges, FIN behind text, acknowledgments other than SND.UNA."""
    right = state.last_inside() + 1
    if not state.fin_came:
        yield state, Segment('F.', state.rcv_nxt, TEXT, ack, 'fin-behind-text', 'a FIN behind text')
    yield state, Segment('.', state.first_outside() + 70000, TEXT, ack, 'data-far-right', 'text far right of the window')
    yield state, Segment('-', state.rcv_nxt, TEXT, None, 'no-flags', 'text without the ACK flag')
    yield state, Segment('F', state.rcv_nxt, 0, None, 'fin-without-ack', 'a FIN without the ACK flag')
    yield state, Segment('R.', right - 1, 0, ack, 'rst-ack-right-edge', 'a RST with ACK at the right edge of the window')
    if state.name != 'TIME-WAIT':
        yield state, Segment('.', state.rcv_nxt, 0, state.nxt + 1, 'ack-of-unsent', 'an ACK of what was never sent')
    if state.name == 'SYN-RECEIVED':
        yield state, Segment('.', state.rcv_nxt, 0, 0, 'ack-of-nothing', 'an ACK that does not cover our SYN')
    elif state.name != 'TIME-WAIT':
        yield state, Segment('.', state.rcv_nxt, 0, state.una - 70000 & 0xffffffff, 'ack-too-old',
                             'an ACK of more than a window ago')
    if state.name in ('FIN-WAIT-1', 'CLOSING', 'LAST-ACK'):
        yield state, Segment('.', state.rcv_nxt, 0, 2, 'ack-of-fin', 'an ACK')
    if state.name == 'FIN-WAIT-1':
        yield state, Segment('F.', state.rcv_nxt, 0, 2, 'fin-and-ack-of-fin', 'a FIN that acknowledges ours')


def synchronized_script(state, segment):
    signed = segment
    if segment.ack is not None and segment.ack > 1 << 31:
        signed = dataclasses.replace(segment, ack=segment.ack - (1 << 32))
    verdict = arrives(state, signed)
    lines = list(state.prelude)
    if segment.flags == 'S' and state.name != 'SYN-RECEIVED':
        lines += ['// nobody listens any more: a SYN can only be meant for this connection', '    +0 close(3) = 0']
    lines.append(segment.line())
    if verdict.reply:
        lines.append(f'{verdict.time:>6} {verdict.reply}')
    lines += afterwards(state, segment, verdict)
    return f'{verdict.cite}: {segment.words} in {state.name} {verdict.says}', lines


# --- CLOSED, LISTEN, SYN-SENT: no window yet ----------------------------------------------------------------------------

PLAIN = {  # name: flags, text, acknowledgment, in words
    'syn': ('S', 0, None, 'a SYN'),
    'syn-with-text': ('S', TEXT, None, 'a SYN with text'),
    'synack': ('S.', 0, 77, 'a SYN-ACK'),
    'ack': ('.', 0, 77, 'a bare ACK'),
    'data': ('P.', TEXT, 77, 'text with ACK'),
    'data-without-ack': ('P', TEXT, None, 'text without ACK'),
    'fin': ('F.', 0, 77, 'a FIN with ACK'),
    'fin-without-ack': ('F', 0, None, 'a FIN without ACK'),
    'rst': ('R', 0, None, 'a RST'),
    'rst-ack': ('R.', 0, 77, 'a RST with ACK'),
    'urg': ('U.', TEXT, 77, 'urgent text with ACK'),
    'urg-without-ack': ('U', TEXT, None, 'urgent text without ACK'),
    'no-flags': ('-', 0, None, 'a segment without flags'),
}


def closed_scripts():
    for name, (flags, length, ack, words) in PLAIN.items():
        segment = Segment(flags, 0, length, ack, name)
        lines = [segment.line('0')]
        if segment.has('R'):
            says = 'is dropped without an answer'
            lines += ['// and what follows is answered', Segment('.', 0, 0, 99).line(), f'    +0 {reset(99)}']
        elif ack is None:
            says = 'is answered by RST,ACK, which counts all of it'
            lines.append(f'    +0 > R. 0:0(0) ack {segment.space()} win 0')
        else:
            says = 'is answered by a RST at its acknowledgment number'
            lines.append(f'    +0 {reset(ack)}')
        yield name, f'RFC 9293 §3.10.7.1: {words} to CLOSED {says}', lines


def listen_scripts():
    opens = ['// and the listener still works', '  +.01 < S 0:0(0) win 65535 <mss 1000>',
             f'    +0 > S. 0:0(0) ack 1 win {WINDOW} <mss 1460>']
    for name, (flags, length, ack, words) in PLAIN.items():
        segment = Segment(flags, 0, length, ack, name)
        lines = list(LISTEN) + [segment.line()]
        if segment.has('R'):
            step, says = 'first check', 'is ignored'
        elif ack is not None:
            step, says = 'second check', 'is answered by a RST at its acknowledgment number'
            lines.append(f'    +0 {reset(ack)}')
        elif segment.has('S'):
            step, says = 'third check', 'is answered by SYN,ACK'
            text = 'text is queued or left to the peer to repeat'
            if length:
                says = f'{says}; its {text}'
            lines.append(f'    +0 > S. 0:0(0) ack 1 win {WINDOW} <mss 1460>')
        else:
            step, says = 'fourth check', 'is dropped without an answer'
        follow = [] if segment.has('S') else opens
        yield name, f'RFC 9293 §3.10.7.2, {step}: {words} to LISTEN {says}', lines + follow


def syn_sent_scripts():
    opens = ['// and the right answer still opens', '  +.01 < S. 0:0(0) ack 1 win 65535 <mss 1000>', '    +0 > . 1:1(0) ack 1']
    acknowledgments = {'left': (0, 'that does not cover our SYN'), 'exact': (1, 'that acknowledges our SYN'),
                       'right': (2, 'that acknowledges what was never sent')}
    with_ack = {'synack': ('S.', 0, 'a SYN-ACK'), 'ack': ('.', 0, 'a bare ACK'), 'data': ('P.', TEXT, 'text'),
                'fin': ('F.', 0, 'a FIN'), 'rst': ('R.', 0, 'a RST'), 'urg': ('U.', TEXT, 'urgent text')}
    for name, (flags, length, words) in with_ack.items():
        for place, (ack, which) in acknowledgments.items():
            segment = Segment(flags, 0, length, ack)
            step, says, reply, follow = syn_sent_verdict(segment, opens)
            lines = list(SYN_SENT) + [segment.line()] + ([f'    +0 {reply}'] if reply else []) + follow
            yield f'{name}-{place}', f'RFC 9293 §3.10.7.3, {step}: {words} {which} in SYN-SENT {says}', lines
    without = {'data-without-ack': ('P', TEXT, 'text without ACK'), 'fin-without-ack': ('F', 0, 'a FIN without ACK'),
               'rst-without-ack': ('R', 0, 'a RST without ACK'), 'no-flags': ('-', 0, 'a segment without flags')}
    for name, (flags, length, words) in without.items():
        step = 'second check' if flags == 'R' else 'fifth check'
        lines = list(SYN_SENT) + [Segment(flags, 0, length).line()] + opens
        yield name, f'RFC 9293 §3.10.7.3, {step}: {words} in SYN-SENT is dropped without an answer', lines
    crossed = ['  +.01 < S 0:0(0) win 65535 <mss 1000>', '    +0 > S. 0:0(0) ack 1 <...>',
               '  +.01 < . 1:1(0) ack 1 win 65535', state_shown(STATES['ESTABLISHED'].number)]
    yield ('syn', 'RFC 9293 §3.10.7.3, fourth check: a SYN in SYN-SENT is answered by SYN,ACK: both ends open at once',
           list(SYN_SENT) + crossed)


def syn_sent_verdict(segment, opens):
    """(step, in words, our packet, what follows)"""
    if segment.ack != 1:
        if segment.has('R'):
            return 'first check', 'is dropped without an answer', None, opens
        return 'first check', 'is answered by a RST at its acknowledgment number', reset(segment.ack), opens
    if segment.has('R'):
        refused = ['    +0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0']
        return 'second check', 'ends the attempt', None, refused
    if segment.has('S'):
        return 'fourth check', 'opens the connection and is acknowledged', '> . 1:1(0) ack 1', [state_shown(1)]
    return 'fifth check', 'is dropped without an answer', None, opens


# --- Files --------------------------------------------------------------------------------------------------------------

def table():
    """{path below the table: text of the script}"""
    files = {}

    def put(folder, name, first_line, lines):
        files[pathlib.PurePath(folder, f'{name}.pkt')] = '\n'.join([f'// {first_line}', '', *lines]) + '\n'

    for state, segment in synchronized_cases():
        put(state.folder, segment.name, *synchronized_script(state, segment))
    for folder, scripts in (('closed', closed_scripts()), ('listen', listen_scripts()), ('syn-sent', syn_sent_scripts())):
        for name, first_line, lines in scripts:
            put(folder, name, first_line, lines)
    return files


def write(root, files):
    shutil.rmtree(root, ignore_errors=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding='utf-8')
    print(f'{len(files)} scripts in {root}')


def differences(root, files):
    there = {path.relative_to(root): path.read_text(encoding='utf-8') for path in root.rglob('*.pkt')}
    return sorted(str(path) for path in there.keys() | files.keys() if there.get(path) != files.get(path))


def main():
    root = pathlib.Path(__file__).resolve().parent / 'rfc9293' / 'table'
    files = table()
    if '--check' not in sys.argv[1:]:
        write(root, files)
        return 0
    differing = differences(root, files)
    for path in differing:
        print(f'{path}: not as make_table.py writes it', file=sys.stderr)
    return 1 if differing else 0


if __name__ == '__main__':
    sys.exit(main())
