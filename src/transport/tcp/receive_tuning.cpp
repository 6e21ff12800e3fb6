#include "transport/tcp/receive_tuning.hpp"

#include <algorithm>

namespace strata::tcp {

void ReceiveTuning::on_echo(std::uint32_t echo, std::uint32_t ticks) {
  constexpr std::uint32_t kTicksMax = 1U << 20;  // a quarter of an hour: not a round trip of this stamp
  if (echo == last_echo_ || ticks >= kTicksMax) return;
  last_echo_ = echo;
  const Duration sample = Duration::millis(ticks);
  const Duration error = sample > rtt_ ? sample - rtt_ : rtt_ - sample;
  if (rtt_ != Duration{} && error <= Duration::millis(1)) return;  // as exact as the stamp is
  rtt_ = rtt_ == Duration{} ? std::max(sample, Duration::millis(1)) : rtt_ - rtt_ / 8 + sample / 8;
}

void ReceiveTuning::on_data(SeqNum rcv_nxt, SeqNum rcv_edge, Instant now) {
  if (in_round_ && rcv_nxt.before(round_end_)) return;
  if (in_round_) {
    const Duration round = std::max(now - round_began_, Duration::nanos(1));
    rtt_ = rtt_ == Duration{} ? round : std::min(rtt_, round);
  }
  in_round_ = true;
  round_began_ = now;
  round_end_ = rcv_edge;
}

// Twice what was read lets a sender in slow start have its next round under way; when the pace itself rises,
// the window rises by as much again, twice.
bool ReceiveTuning::on_read(const Read& read) {
  const Duration elapsed = read.now - since_;
  if (rtt_ == Duration{} || elapsed < rtt_) return false;
  // Who comes seldom has to take all that is there: else it is not the window that it waits for.
  if (elapsed > rtt_ * 2 && read.unread > 0) return false;
  const std::uint64_t taken = bytes_between(read_, read.upto);
  const std::uint64_t before = std::max(per_round_, 1U);
  read_ = read.upto;
  since_ = read.now;
  if (taken <= before) return false;
  per_round_ = static_cast<std::uint32_t>(taken);
  std::uint64_t wanted = 2 * taken + 16 * std::uint64_t{read.mss};
  wanted += std::min(2 * (wanted * (taken - before) / before), 8 * taken);
  const auto window = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, read.window_max));
  if (window <= window_) return false;
  window_ = window;
  return true;
}

}  // namespace strata::tcp
