"""The eight checks of RFC 9293 §3.10.7.4, walked in their order over a few numbers: what has to follow a segment.

RFC 5961 (blind attacks), RFC 1337 (TIME-WAIT) and RFC 5681 §4.2 (duplicate ACKs) refine the checks; each Verdict cites the
one that decided.
"""

from table_states import STATES, Verdict

UNACCEPTABLE = 'RFC 9293 §3.10.7.4, first check'


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
