// What may leave now: room in both windows, whole segments, nothing silly (RFC 9293 §3.8.6.2.1, §3.7.4), and
// no more at once than the pace allows.
#include <algorithm>

#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/output.hpp"
#include "transport/tcp/pacing.hpp"
#include "transport/tcp/send_space.hpp"
#include "transport/tcp/settings.hpp"
#include "transport/tcp/urgent_data.hpp"

namespace strata::tcp {
namespace {

/// Room in the send window (RFC 9293 §3.8.6.2.1: U), and in the congestion window.
std::uint32_t usable_window(const Tcb& tcb, bool& cwnd_limited) {
  const auto rest = [](std::uint32_t window, std::uint32_t used) {
    return window > used ? window - used : 0;
  };
  const std::uint32_t offered = rest(tcb.snd_wnd, tcb.flight_size());
  const std::uint32_t allowed = rest(tcb.cc.cwnd(), tcb.in_flight());
  cwnd_limited = allowed <= offered;
  return std::min(allowed, offered);
}

/// RFC 9293 §3.8.6.2.1 and §3.7.4: is a piece that fills no segment worth sending? `all`: it empties the
/// queue.
bool is_worth_sending(const Tcb& tcb, std::uint32_t size, bool all) {
  if (size >= tcb.snd_mss) return true;
  const bool idle = tcb.snd_una == tcb.snd_nxt;
  if (all && (tcb.fin_queued || is_urgent(tcb))) return true;
  const bool held = tcb.more_follows || tcb.settings->cork;
  if (all && !held && (idle || tcb.settings->nodelay)) return true;
  if (all && tcb.push_end == tcb.queue_end()) return true;
  return size >= tcb.snd_wnd_max / 2 && tcb.snd_wnd_max > 0;
}

bool fin_is_due(const Tcb& tcb, SeqNum data_end) {
  return tcb.fin_queued && data_end == tcb.queue_end() &&
         is_in(tcb.state, State::fin_wait_1, State::last_ack, State::closing);
}

}  // namespace

std::uint32_t burst_max(const Tcb& tcb, const TcpConfig& config) {
  if (is_urgent(tcb)) return tcb.snd_mss;
  const std::uint32_t limit = config.push_bursts ? burst_limit(tcb, config) : tcb.cc.cwnd() / 2;
  const std::uint32_t by_rate = tcb.paced ? std::min(limit, paced_burst(tcb, config)) : limit;
  const std::uint32_t most = must_send_singly(tcb) ? 0 : tcb.path.gso_max;
  return std::max<std::uint32_t>(std::min(most, by_rate), tcb.snd_mss);
}

Allowance may_send(const Tcb& tcb, const TcpConfig& config) {
  Allowance allowed;
  const SeqNum end = tcb.queue_end();
  const std::uint32_t waiting = tcb.snd_nxt.before(end) ? bytes_between(tcb.snd_nxt, end) : 0;
  bool limited_by_cwnd = false;
  const std::uint32_t usable = usable_window(tcb, limited_by_cwnd);
  std::uint32_t size = std::min(waiting, usable);
  allowed.cwnd_limited = limited_by_cwnd && usable < waiting + tcb.snd_mss;
  size = std::min(size, burst_max(tcb, config));
  // Cut to whole segments, unless the rest is the end of the queue and worth a segment of its own.
  const std::uint32_t tail = size % tcb.snd_mss;
  if (tail != 0 && size > tcb.snd_mss && !(size == waiting && is_worth_sending(tcb, tail, true)))
    size -= tail;
  if (size > 0 && !is_worth_sending(tcb, size, size == waiting)) size = 0;
  allowed.size = size;
  const bool not_sent = !tcb.fin_sent || tcb.snd_nxt.at_or_before(end);
  allowed.with_fin = size == waiting && size < usable && not_sent && fin_is_due(tcb, tcb.snd_nxt + size);
  return allowed;
}

}  // namespace strata::tcp
