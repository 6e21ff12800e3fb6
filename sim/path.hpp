// One direction of a path between TCP endpoints: a bottleneck with a queue, a delay, and what goes wrong on
// the way. Segments are values without payload bytes, so that a path of 10 Gbit/s and 300 ms is a queue of
// small records. Several flows may share one. In whole numbers: the same seed and the same input give the
// same output everywhere.
//
//   push -> [ tail drop | rate ] -> loss -> delay -> hold -> reordering -> pop
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include "base/rng.hpp"
#include "base/seq_num.hpp"
#include "link/impairment.hpp"
#include "strata/time.hpp"
#include "wire/tcp_options.hpp"

namespace strata::sim {

/// A TCP segment under way. Which bytes it carries follows from its number.
struct WireSegment {
  TcpOptions options;
  SeqNum seq;
  SeqNum ack;
  std::uint32_t size = 0;  ///< payload bytes
  std::uint32_t flow = 0;
  std::uint16_t flags = 0;
  std::uint16_t window = 0;
  std::uint8_t ecn = 0;

  /// As an IPv4 packet.
  std::uint32_t wire_size() const {
    return static_cast<std::uint32_t>(40 + tcp_options_size(options)) + size;
  }
};

/// Now and then everything stands still, and then arrives at once: a radio, a handover, a relay that sleeps.
struct HoldConfig {
  Duration every;  ///< from one to the next, on average; zero: never
  Duration least;  ///< how long, from
  Duration most;   ///< to
};

struct PathConfig {
  std::uint64_t rate_bits_per_second = 0;  ///< 0: no limit, and so no queue
  std::uint64_t queue_bytes_max = 0;  ///< waiting for the rate, then tail drop; one packet always may wait
  Duration delay;                     ///< one way
  std::uint32_t loss_ppm = 0;
  BurstLoss burst;  ///< which does not outlast a silence of
  Duration burst_silence = Duration::millis(10);
  std::uint32_t reorder_ppm = 0;  ///< so many are overtaken,
  Duration reorder_delay;         ///< by what follows within this time
  HoldConfig hold;
};

class Path {
 public:
  Path(const PathConfig& config, std::uint64_t seed);

  void push(const WireSegment& segment, Instant now);
  /// When the next segment arrives; never() when none is under way.
  Instant next_arrival() const;
  /// The next one. Precondition: next_arrival() is not never().
  WireSegment pop();

  std::uint64_t queue_drops() const { return queue_drops_; }
  std::uint64_t losses() const { return losses_; }

 private:
  struct UnderWay {
    Instant at;
    std::uint64_t order;
    WireSegment segment;
    friend bool operator>(const UnderWay& a, const UnderWay& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  bool has_room(Instant now, Duration transmission) const;
  bool is_lost(Instant now);
  Instant held(Instant at);
  void plan_hold(Instant after);

  PathConfig config_;
  Xoshiro rng_;
  Duration queue_max_;  ///< as the time that it takes to empty it
  Instant busy_until_;
  Instant hold_begin_ = Instant::never();
  Instant hold_end_;
  Instant last_push_;
  bool in_burst_ = false;
  std::uint64_t pushed_ = 0;
  std::uint64_t queue_drops_ = 0;
  std::uint64_t losses_ = 0;
  std::deque<UnderWay> in_order_;
  std::priority_queue<UnderWay, std::vector<UnderWay>, std::greater<>> overtaken_;
};

}  // namespace strata::sim
