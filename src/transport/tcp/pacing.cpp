#include "transport/tcp/pacing.hpp"

#include <algorithm>
#include <limits>

#include "transport/tcp/pacer.hpp"

namespace strata::tcp {

void choose_pacing(Tcb& tcb, const TcpConfig& config) {
  const bool asked = tcb.cc.models_path() || tcb.settings->max_pacing_rate != 0;
  tcb.paced = config.pacing == TcpPacing::all || (config.pacing == TcpPacing::asked && asked);
  if (!tcb.paced) tcb.timers.stop(Timer::pacing);
}

std::uint64_t pacing_rate(const Tcb& tcb, const TcpConfig& config) {
  std::uint64_t rate = tcb.cc.pacing_rate(tcb.rtt.srtt());
  if (!tcb.cc.models_path()) {
    const std::uint32_t window = std::max(tcb.cc.cwnd(), tcb.flight_size());
    rate = window_rate(window, tcb.cc.ssthresh(), tcb.rtt.srtt(), config);
  }
  const std::uint64_t most = tcb.settings->max_pacing_rate;
  if (most == 0) return rate;
  return rate == 0 ? most : std::min(rate, most);
}

void pace(Tcb& tcb, const Context& context, std::uint32_t bytes) {
  const std::uint64_t rate = pacing_rate(tcb, context.config);
  if (rate == 0) return;
  const Instant due = tcb.timers.deadline(Timer::pacing);
  const bool was_due = due <= context.now;
  const Instant begin = due.is_never() ? context.now : std::max(due, context.now);
  const Duration late = was_due ? context.now - due : Duration::micros(tcb.pacing_late_us);
  tcb.pacing_late_us = 0;
  const Instant next = begin + pacing_delay(bytes, rate, late);
  arm(tcb, context, Timer::pacing, next - context.now);
}

std::uint32_t paced_burst(const Tcb& tcb, const TcpConfig& config) {
  const std::uint64_t rate = pacing_rate(tcb, config);
  return rate == 0 ? std::numeric_limits<std::uint32_t>::max() : send_quantum(rate, tcb.snd_mss);
}

void on_pacing(Tcb& tcb, const Context& context) {
  const std::int64_t late = (context.now - tcb.timers.deadline(Timer::pacing)).count_micros();
  tcb.pacing_late_us = static_cast<std::uint16_t>(std::min<std::int64_t>(late, 0xffff));
  tcb.timers.stop(Timer::pacing);
}

}  // namespace strata::tcp
