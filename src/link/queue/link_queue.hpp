// The queue in front of a link of limited rate, and the transmitter behind it: frames leave one after the
// other, each when its last bit has left. Which of them wait, in what order they leave and which are dropped
// or marked is the discipline's choice.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rng.hpp"
#include "link/queue/codel.hpp"
#include "link/queue/fair_queue.hpp"
#include "link/queue/held_frames.hpp"
#include "link/queue/red.hpp"

namespace strata {

enum class Discipline : std::uint8_t { tail_drop, red, codel, fq_codel };

struct LinkQueueConfig {
  std::uint64_t rate_bits_per_second = 0;  ///< 0: no limit, and so no queue
  Discipline discipline = Discipline::tail_drop;
  std::size_t bytes_max =
      0;  ///< waiting, then tail drop (fq_codel: from the longest flow); 0: frames_max alone
  std::size_t frames_max = 1000;
  std::size_t flows = 64;  ///< of fq_codel
  RedConfig red;
  CodelConfig codel;
  bool red_ecn = true;
  bool has_ethernet_header = true;
};

class LinkQueue {
 public:
  LinkQueue(const LinkQueueConfig& config, std::uint64_t seed);

  struct Departure {
    Packet frame;
    Instant at;
  };
  /// Precondition: what departs before `now` was taken.
  void push(Packet frame, Instant now);
  /// The next that has left by `now`; an empty packet when none has.
  Departure pop(Instant now);
  Instant next_departure() const { return sending_ ? done_at_ : Instant::never(); }
  /// From the next frame on. Precondition: `rate` > 0.
  void set_rate(std::uint64_t rate_bits_per_second) { config_.rate_bits_per_second = rate_bits_per_second; }

  /// Waiting, the frame that is leaving not counted.
  std::size_t bytes() const { return is_fair() ? fair_.bytes() : held_.bytes(); }
  std::size_t size() const { return is_fair() ? fair_.size() : held_.size(); }
  const QueueCounts& counts() const { return counts_; }

 private:
  bool is_fair() const { return config_.discipline == Discipline::fq_codel; }
  bool is_full(std::size_t more) const;
  bool admits(Packet& frame, Instant now);
  Packet next(Instant now);
  void start(Instant now);
  Duration time_of(std::size_t bytes) const;

  LinkQueueConfig config_;
  Xoshiro rng_;
  HeldFrames held_;
  Codel codel_;
  Red red_;
  FairQueue fair_;
  QueueCounts counts_;
  Packet sending_;
  Instant done_at_;
};

}  // namespace strata
