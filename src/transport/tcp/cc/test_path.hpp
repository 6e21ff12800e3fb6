// A path for tests of congestion controllers: in each round trip a window is sent and acknowledged, by one
// ACK for two segments, evenly spread. No queue, no connection, no simulator.
#pragma once

#include <algorithm>
#include <cstdint>

#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

struct TestPath {
  std::uint32_t mss;
  Duration rtt;
  Instant now = Instant::from_nanos(1);
  SeqNum snd_una{0xFFFF'0000U};
  bool cwnd_limited = true;
  std::uint32_t marked_percent = 0;  ///< of each ACK's bytes

  template <class C>
  void round(C& cc) {
    const std::uint32_t window = cc.cwnd();
    const Instant start = now;
    const SeqNum snd_nxt = snd_una + window;
    for (std::uint32_t done = 0; done < window;) {
      const std::uint32_t acked = std::min(2 * mss, window - done);
      done += acked;
      snd_una += acked;
      now = start + Duration::nanos(rtt.count_nanos() * done / window);
      cc.on_ack(ack(acked, snd_nxt + done));
    }
  }

  template <class C>
  void run(C& cc, Duration time) {
    for (const Instant end = now + time; now < end;) round(cc);
  }

  /// Loss, found and repaired at once.
  template <class C>
  void lose(C& cc) {
    cc.on_congestion({.now = now, .in_flight = cc.cwnd()});
    cc.set_cwnd(cc.ssthresh());
  }

  template <class C>
  void time_out(C& cc) {
    cc.on_congestion({.now = now, .in_flight = cc.cwnd(), .kind = CongestionEvent::Kind::timeout});
    cc.set_cwnd(mss);
  }

 private:
  AckEvent ack(std::uint32_t acked, SeqNum snd_nxt) const {
    return {.now = now,
            .acked = acked,
            .ecn_marked = acked * marked_percent / 100,
            .in_flight = bytes_between(snd_una, snd_nxt) + acked,
            .rtt = rtt,
            .srtt = rtt,
            .min_rtt = rtt,
            .snd_una = snd_una,
            .snd_nxt = snd_nxt,
            .cwnd_limited = cwnd_limited};
  }
};

}  // namespace strata::tcp
