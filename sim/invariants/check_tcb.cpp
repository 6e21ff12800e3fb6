#include "sim/invariants/check_tcb.hpp"

#include <array>

namespace strata::sim {
namespace {

using tcp::is_in;
using tcp::Tcb;
using tcp::Timer;
using enum TcpState;

/// The largest receive buffer there may be: what an application asks for is bounded by it, too.
std::size_t receive_limit(const TcpConfig& config) {
  return std::max<std::size_t>(config.receive_buffer, config.receive_buffer_max);
}

struct Sums {
  std::uint32_t sacked = 0;
  std::uint32_t lost = 0;
  std::uint32_t resent = 0;
  std::uint32_t sacked_count = 0;
};

/// What the records themselves say. nullptr, or what is wrong with one of them.
const char* add_up(const tcp::Scoreboard& board, Sums& sums) {
  SeqNum at = board.una();
  for (std::uint32_t i = 0; i < board.size(); ++i) {
    const tcp::TransmitRecord& record = board.at(board.head() + i);
    if (!record.end.after(at)) return "a record of the scoreboard is empty or out of order";
    const std::uint32_t size = bytes_between(at, record.end);
    if (record.sacked && (record.lost || record.resent)) return "a segment is both there and lost";
    if (record.resent && !record.lost) return "a segment was sent again that was never lost";
    sums.sacked += record.sacked ? size : 0;
    sums.sacked_count += record.sacked ? 1 : 0;
    sums.lost += record.lost ? size : 0;
    sums.resent += record.resent ? size : 0;
    at = record.end;
  }
  return nullptr;
}

}  // namespace

const char* broken_order(const Tcb& tcb) {
  if (is_in(tcb.state, closed, listen)) return nullptr;
  if (tcb.snd_una.after(tcb.snd_nxt)) return "SND.UNA is after SND.NXT";
  if (tcb.snd_nxt.after(tcb.snd_max)) return "SND.NXT is after the end of what was sent";
  if (tcp::is_synchronized(tcb.state)) {
    const SeqNum end = tcb.queue_end() + (tcb.fin_sent ? 1U : 0U);
    if (tcb.snd_max.after(end)) return "more was sent than the application queued";
    if (tcb.rcv_nxt.after(tcb.rcv_edge)) return "RCV.NXT is after the edge of the window";
    if (tcb.last_ack_sent.after(tcb.rcv_nxt)) return "acknowledged what has not arrived";
  }
  if (tcb.fin_sent && !tcb.fin_queued) return "a FIN was sent that nobody asked for";
  if (tcb.fin_queued && is_in(tcb.state, established, close_wait))
    return "closed, and still in a state that sends";
  if (!tcb.fin_queued && tcp::has_closed(tcb.state)) return "in a state of closing that nobody asked for";
  if (tcb.fin_received != is_in(tcb.state, close_wait, closing, last_ack, time_wait) &&
      tcb.state != syn_received)
    return "the peer's FIN and the state do not agree";
  return nullptr;
}

const char* broken_scoreboard(const Tcb& tcb) {
  if (!tcp::is_synchronized(tcb.state)) return nullptr;
  const tcp::Scoreboard& board = tcb.loss.board;
  if (board.una() != tcb.snd_una && !board.empty()) return "the scoreboard does not begin at SND.UNA";
  if (!board.empty() && board.end().after(tcb.snd_max)) return "the scoreboard knows of what was never sent";
  Sums sums;
  if (const char* wrong = add_up(board, sums); wrong != nullptr) return wrong;
  if (sums.sacked != board.sacked_bytes() || sums.sacked_count != board.sacked_count())
    return "the sum of what the peer has is wrong";
  if (sums.lost != board.lost_bytes()) return "the sum of what is lost is wrong";
  if (sums.resent != board.resent_bytes()) return "the sum of what was sent again is wrong";
  if (board.in_flight() > bytes_between(tcb.snd_una, tcb.snd_max)) return "the pipe holds more than was sent";
  return nullptr;
}

const char* broken_timers(const Tcb& tcb, Instant now) {
  if (tcb.state == closed) return tcb.timers.next().is_never() ? nullptr : "a timer runs in CLOSED";
  // The wheel's ticks round deadlines.
  constexpr Duration kTick = Duration::millis(2);
  if (tcb.timers.next() + kTick < now) return "a timer lies in the past";
  const bool repeats = tcb.timers.is_armed(Timer::retransmit) || tcb.timers.is_armed(Timer::tail_probe) ||
                       tcb.timers.is_armed(Timer::reordering) || tcb.timers.is_armed(Timer::persist);
  if (is_in(tcb.state, syn_sent, syn_received) && !repeats) return "a handshake that nothing will repeat";
  if (!tcp::is_synchronized(tcb.state)) return nullptr;
  if (tcb.has_outstanding() && !repeats) return "something is in flight and no timer watches it";
  if (tcb.has_unfinished() && tcb.snd_wnd == 0 && !repeats)
    return "the window is closed and nothing will probe it";
  if (tcb.state == fin_wait_2 && tcb.orphan && !tcb.timers.is_armed(Timer::fin_wait_2) &&
      !tcb.timers.is_armed(Timer::keepalive))
    return "an orphan in FIN-WAIT-2 that nothing will end";
  return nullptr;
}

const char* broken_limit(const Tcb& tcb, const TcpConfig& config, std::size_t islands_max) {
  if (tcb.reassembly.island_count() > islands_max) return "more islands than there may be";
  if (tcb.receive_queue.size() > receive_limit(config))
    return "the receive queue is larger than its buffer may be";
  if (tcp::is_synchronized(tcb.state) && tcb.rcv_wnd() > receive_limit(config))
    return "the window is larger than its buffer may be";
  if (tcb.snd_mss == 0) return "the segment size is zero";
  if (tcb.state == closed && !tcb.send_queue.empty()) return "a send queue in CLOSED";
  return nullptr;
}

bool is_rfc_edge(TcpState from, TcpState to) {
  if (to == closed) return from != closed;
  switch (from) {
    case closed: return to == listen || to == syn_sent || to == syn_received;
    case listen: return to == syn_received || to == syn_sent;
    case syn_sent: return to == syn_received || to == established;
    case syn_received: return to == established || to == fin_wait_1 || to == close_wait || to == listen;
    case established: return to == fin_wait_1 || to == close_wait;
    case fin_wait_1: return to == fin_wait_2 || to == closing || to == time_wait;
    case fin_wait_2: return to == time_wait;
    case close_wait: return to == last_ack;
    case closing: return to == time_wait;
    case last_ack:
    case time_wait: return false;
  }
  return false;
}

}  // namespace strata::sim
