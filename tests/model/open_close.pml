/* Opening and closing a TCP connection (RFC 9293 sections 3.5, 3.6, 3.10) as a model for spin: a client and a
 * server, segments that are lost or arrive twice, and a power cut at either end at any moment. Written from the
 * RFC alone. Data is left out: what it adds is not about states.
 *
 * Checked in every order of events:
 *   - nothing is half-open for ever: wherever the system comes to rest, both ends are CLOSED or LISTEN;
 *   - TIME-WAIT is always left, and nothing goes on for ever (every path comes to rest);
 *   - each end consumes at most one FIN of a connection, and only after a handshake;
 *   - who gives up does so because of a crash or of losses, never out of itself;
 *   - without crash and loss both ends close in order.
 */
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef DUPLICATES
#define DUPLICATES 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define RETRIES (LOSSES + 1)
#define IS_OVER(i) (state[i] == CLOSED || state[i] == LISTEN)

mtype = { CLOSED, LISTEN, SYN_SENT, SYN_RCVD, ESTAB, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT };
mtype = { syn, syn_ack, ack, fin, rst };

/* kind, whose incarnation sends, whose it is meant for (0: none known), does it acknowledge the FIN */
chan wire[2] = [3] of { mtype, byte, byte, bool };

mtype state[2] = CLOSED;
byte incarnation[2] = 1;      /* in place of an initial sequence number */
byte peer_incarnation[2] = 0; /* in place of IRS; 0: none */
byte retries[2] = 0;
byte fins_consumed[2] = 0;
bool fin_received[2] = false;
bool opened = false;          /* the client opens once */
bool was_established[2] = false;
bool gave_up = false;
byte losses = 0;
byte duplicates = 0;
byte crashes = 0;

inline send(s_me, s_kind, s_to) {
  if
  :: full(wire[1 - s_me]) -> losses = losses  /* the wire holds no more: the segment is dropped, and sent again later */
  :: nfull(wire[1 - s_me]) -> wire[1 - s_me]!s_kind(incarnation[s_me], s_to, fin_received[s_me])
  fi
}

inline send_reset(r_me, r_as, r_to) {
  if
  :: full(wire[1 - r_me]) -> skip
  :: nfull(wire[1 - r_me]) -> wire[1 - r_me]!rst(r_as, r_to, false)
  fi
}

inline forget(f_me, f_to) {
  state[f_me] = f_to;
  peer_incarnation[f_me] = 0;
  fin_received[f_me] = false;
  fins_consumed[f_me] = 0;
  retries[f_me] = 0;
  was_established[f_me] = false
}

inline consume_fin(c_me) {
  assert(was_established[c_me]);
  if
  :: !fin_received[c_me] -> fin_received[c_me] = true; fins_consumed[c_me]++; assert(fins_consumed[c_me] == 1)
  :: else -> skip
  fi
}

/* Something arrived for a connection that is there, and is of it: RFC 9293 section 3.10.7.4. */
inline arrives(a_me, a_kind, a_acks_fin) {
  if
  :: a_kind == rst -> forget(a_me, (a_me == 1 -> LISTEN : CLOSED))
  :: a_kind == syn || a_kind == syn_ack ->  /* sent again: our acknowledgment was lost */
    if
    :: state[a_me] == SYN_RCVD && a_kind == syn -> send(a_me, syn_ack, peer_incarnation[a_me])
    :: state[a_me] != SYN_RCVD || a_kind != syn -> send(a_me, ack, peer_incarnation[a_me])
    fi
  :: a_kind == ack || a_kind == fin ->
    if
    :: state[a_me] == SYN_RCVD -> state[a_me] = ESTAB; was_established[a_me] = true; retries[a_me] = 0
    :: else -> skip
    fi;
    if  /* our FIN is acknowledged */
    :: a_acks_fin && state[a_me] == FIN_WAIT_1 -> state[a_me] = FIN_WAIT_2; retries[a_me] = 0
    :: a_acks_fin && state[a_me] == CLOSING -> state[a_me] = TIME_WAIT; retries[a_me] = 0
    :: a_acks_fin && state[a_me] == LAST_ACK -> forget(a_me, (a_me == 1 -> LISTEN : CLOSED))
    :: else -> skip
    fi;
    if
    :: a_kind == fin && state[a_me] != CLOSED && state[a_me] != LISTEN ->
      consume_fin(a_me);
      if
      :: state[a_me] == ESTAB -> state[a_me] = CLOSE_WAIT
      :: state[a_me] == FIN_WAIT_1 -> state[a_me] = CLOSING
      :: state[a_me] == FIN_WAIT_2 -> state[a_me] = TIME_WAIT
      :: else -> skip
      fi;
      send(a_me, ack, peer_incarnation[a_me])
    :: else -> skip
    fi
  fi
}

/* Something arrived, whatever it is. */
inline input(i_me, i_kind, i_from, i_to, i_acks_fin) {
  if
  :: state[i_me] == CLOSED || state[i_me] == LISTEN ->
    if
    :: i_kind == rst -> skip
    :: i_kind == syn && state[i_me] == LISTEN ->
      peer_incarnation[i_me] = i_from;
      state[i_me] = SYN_RCVD;
      retries[i_me] = 0;
      send(i_me, syn_ack, i_from)
    :: else -> send_reset(i_me, i_to, i_from)  /* section 3.10.7.1 */
    fi
  :: state[i_me] == SYN_SENT ->
    if
    :: i_kind == syn_ack && i_to == incarnation[i_me] ->
      peer_incarnation[i_me] = i_from;
      state[i_me] = ESTAB;
      was_established[i_me] = true;
      retries[i_me] = 0;
      send(i_me, ack, i_from)
    :: i_kind == rst && i_to == incarnation[i_me] -> forget(i_me, CLOSED)
    :: i_kind != rst && i_to != incarnation[i_me] -> send_reset(i_me, i_to, i_from)
    :: else -> skip
    fi
  :: else ->
    if
    :: i_from == peer_incarnation[i_me] && (i_to == incarnation[i_me] || i_kind == syn) -> arrives(i_me, i_kind, i_acks_fin)
    :: else ->
      if
      :: i_kind == rst && i_to == incarnation[i_me] -> forget(i_me, (i_me == 1 -> LISTEN : CLOSED))
      :: i_kind != rst && state[i_me] == SYN_RCVD -> send_reset(i_me, i_to, i_from)
      :: i_kind != rst && state[i_me] != SYN_RCVD -> send(i_me, ack, peer_incarnation[i_me])  /* RFC 5961: a challenge */
      :: else -> skip
      fi
    fi
  fi
}


proctype end_of(bit me) {
  mtype kind;
  byte from;
  byte to;
  bool acks_fin;
  do
  :: atomic { nempty(wire[me]) -> wire[me]?kind(from, to, acks_fin);
      if
      :: input(me, kind, from, to, acks_fin)
      :: losses < LOSSES -> losses++
      :: duplicates < DUPLICATES && nfull(wire[me]) ->
        duplicates++;
        wire[me]!kind(from, to, acks_fin);  /* the copy comes behind what is under way */
        input(me, kind, from, to, acks_fin)
      fi }

  /* The application. */
  :: atomic { me == 0 && !opened && state[me] == CLOSED -> opened = true; state[me] = SYN_SENT; send(me, syn, 0) }
  :: atomic { state[me] == ESTAB -> state[me] = FIN_WAIT_1; retries[me] = 0; send(me, fin, peer_incarnation[me]) }
  :: atomic { state[me] == CLOSE_WAIT -> state[me] = LAST_ACK; retries[me] = 0; send(me, fin, peer_incarnation[me]) }

  /* Timers: when nothing else can happen. */
  :: atomic { timeout && (state[me] == SYN_SENT || state[me] == SYN_RCVD || state[me] == FIN_WAIT_1 ||
                          state[me] == CLOSING || state[me] == LAST_ACK) ->
      if
      :: retries[me] < RETRIES ->
        retries[me]++;
        if
        :: state[me] == SYN_SENT -> send(me, syn, 0)
        :: state[me] == SYN_RCVD -> send(me, syn_ack, peer_incarnation[me])
        :: else -> send(me, fin, peer_incarnation[me])
        fi
      :: else -> gave_up = true; assert(crashes > 0 || losses > 0); forget(me, (me == 1 -> LISTEN : CLOSED))
      fi }
  :: atomic { timeout && state[me] == TIME_WAIT -> forget(me, (me == 1 -> LISTEN : CLOSED)) }
  :: atomic { timeout && state[me] == FIN_WAIT_2 -> gave_up = true; forget(me, (me == 1 -> LISTEN : CLOSED)) }

  /* At rest. Whoever is somewhere else then stays there for ever: spin calls that an invalid end state. */
  :: atomic { timeout && opened && IS_OVER(0) && IS_OVER(1) -> break }

  /* The power goes, and comes back: nothing is known any more. */
  :: atomic { crashes < CRASHES && state[me] != CLOSED && state[me] != LISTEN ->
      crashes++; incarnation[me]++; forget(me, (me == 1 -> LISTEN : CLOSED)) }
  od
}

init {
  atomic {
    state[1] = LISTEN;
    run end_of(0);
    run end_of(1)
  }
}
