"""The lines of each script of the state table: the way into the state, the segment, what has to follow, and what shows the
state afterwards.
"""

import dataclasses

from table_checks import arrives, reset
from table_states import IRS, LISTEN, STATES, SYN_SENT, WINDOW, Segment

TEXT = 10


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


# --- All of them --------------------------------------------------------------------------------------------------------

def all_scripts():
    """(folder, name, first line, the lines behind it)"""
    for state, segment in synchronized_cases():
        yield state.folder, segment.name, *synchronized_script(state, segment)
    for folder, scripts in (('closed', closed_scripts()), ('listen', listen_scripts()), ('syn-sent', syn_sent_scripts())):
        for script in scripts:
            yield folder, *script
