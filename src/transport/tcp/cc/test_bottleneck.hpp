// A path for tests of controllers that model it: a sender that keeps to the controller's window and pace, a
// bottleneck with a buffer, and ACKs after a delay, one for each segment. No connection, no simulator; rate
// samples by the real sampler.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/rng.hpp"
#include "transport/tcp/cc/bbr.hpp"
#include "transport/tcp/pacer.hpp"
#include "transport/tcp/rate_sample.hpp"

namespace strata::tcp {

class BbrPath {
 public:
  static constexpr std::uint32_t kMss = 1000;

  explicit BbrPath(std::uint64_t seed = 11) : rng_(seed) {}

  std::uint64_t bytes_per_second = 1'250'000;
  Duration delay = Duration::millis(40);  ///< there and back, without the queue
  std::uint32_t buffer = 1'000'000;       ///< bytes before the bottleneck
  std::uint32_t loss_ppm = 0;
  std::uint64_t app_bytes_per_second = 0;  ///< zero: there is always something to send
  bool sack = true;
  Duration ack_every;  ///< ACKs arrive in bunches, so far apart; zero: at once

  Bbr bbr{kMss, 10 * kMss, 7};
  RateSampler rates;
  Instant now = Instant::from_nanos(1'000'000'000);
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint32_t in_flight = 0;
  Duration queue_max;  ///< the longest wait in the buffer since it was set to zero

  void run(Duration time) {
    run_until([] { return false; }, time);
  }
  /// False: `limit` passed first.
  template <class Done>
  bool run_until(Done done, Duration limit) {
    const Instant end = now + limit;
    while (!done()) {
      const Instant next = std::min(next_ack(), next_send());
      if (next > end) {
        now = end;
        return false;
      }
      now = std::max(now, next);
      if (next_ack() <= now) {
        acknowledge();
      } else {
        send();
      }
    }
    return true;
  }
  bool reaches(Bbr::State state, Duration limit) {
    return run_until([&] { return bbr.state() == state; }, limit);
  }
  bool leaves(Bbr::State state, Duration limit) {
    return run_until([&] { return bbr.state() != state; }, limit);
  }
  /// The peer says that it had everything.
  void take_alarm_back() {
    recovering_ = false;
    bbr.undo();
  }

 private:
  struct Flying {
    SeqRange what;
    Instant sent;
    Instant acked;  ///< never(): lost
    SendStamp stamp;
  };

  Instant next_ack() const {
    for (const Flying& segment : flying_) {
      if (!segment.acked.is_never()) return segment.acked;
    }
    // All are lost: a time-out finds them.
    return flying_.empty() ? Instant::never() : flying_.back().sent + Duration::seconds(1);
  }

  Instant next_send() {
    if (app_bytes_per_second != 0 && app_due_ > now) rates.mark_app_limited(in_flight);
    if (in_flight + kMss > bbr.cwnd()) {
      limited_until_ = next_;
      return Instant::never();
    }
    return std::max({now, departure_, app_due_});
  }

  void send() {
    if (in_flight == 0 && rates.app_limited()) bbr.on_restart(now);
    const SeqRange what{next_, next_ + kMss};
    flying_.push_back({what, now, Instant::never(), rates.on_sent(now, in_flight, kMss)});
    in_flight += kMss;
    next_ = what.end;
    departure_ = now + pacing_delay(kMss, bbr.pacing_rate(delay), Duration{});
    if (app_bytes_per_second != 0) app_due_ = now + time_at(kMss, app_bytes_per_second);
    const Duration wait = busy_until_ > now ? busy_until_ - now : Duration{};
    const bool overflows = bandwidth_delay(bytes_per_second, wait) > buffer;
    if (overflows || below(rng_, 1'000'000) < loss_ppm) return;
    queue_max = std::max(queue_max, wait);
    busy_until_ = now + wait + time_at(kMss, bytes_per_second);
    Instant acked = busy_until_ + delay;
    if (ack_every > Duration{}) {
      const std::int64_t step = ack_every.count_nanos();
      acked = Instant::from_nanos((acked.count_nanos() + step - 1) / step * step);
    }
    flying_.back().acked = acked;
  }

  /// Everything that this moment acknowledges; what was sent before it and did not arrive is lost.
  void acknowledge() {
    std::uint32_t acked = 0;
    Duration rtt;
    while (!flying_.empty() && next_ack() <= now) {
      const Flying segment = flying_.front();
      flying_.pop_front();
      in_flight -= kMss;
      if (segment.acked.is_never()) {
        on_lost(segment);
        continue;
      }
      rtt = now - segment.sent;
      rates.on_delivered(segment.stamp, segment.sent, segment.what.end, now);
      acked += kMss;
      una_ = segment.what.end;
    }
    if (recovering_ && una_.at_or_after(recovery_end_)) {
      recovering_ = false;
      bbr.on_recovery_end();
    }
    delivered += acked;
    RateSample sample = rates.sample(now, acked, delay);
    sample.rtt = rtt;
    sample.srtt = delay;
    sample.in_flight = in_flight;
    sample.cwnd_limited = limited_until_.after(una_);
    sample.recovering = recovering_;
    sample.sack = sack;
    if (bbr.on_rate(sample)) rates.mark_app_limited(in_flight);
  }

  void on_lost(const Flying& segment) {
    lost += kMss;
    LostSegment event = rates.on_lost(segment.stamp, segment.what, now);
    event.sack = sack;
    bbr.on_lost(event);
    recovery_end_ = next_;  // its repetition would arrive after what was sent by now
    if (recovering_) return;
    recovering_ = true;
    bbr.on_congestion({.now = now, .in_flight = in_flight});
  }

  static Duration time_at(std::uint32_t bytes, std::uint64_t rate) {
    return Duration::nanos(static_cast<std::int64_t>(std::uint64_t{bytes} * 1'000'000'000 / rate));
  }

  std::deque<Flying> flying_;
  Xoshiro rng_;
  SeqNum next_{0xffff'0000U};
  SeqNum una_{0xffff'0000U};
  SeqNum limited_until_{0xffff'0000U};  ///< sent when the window was full last
  SeqNum recovery_end_;
  Instant departure_;
  Instant app_due_;
  Instant busy_until_;
  bool recovering_ = false;
};

}  // namespace strata::tcp
