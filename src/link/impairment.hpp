// One direction of a wire with faults, as a pure model: frames go in with the time, come out with their
// times. It sees what a wire would carry: super-segments are cut and checksums completed before. The same
// seed and the same input give the same output.
//
//   push -> [ tail drop | rate | mark ] -> delay -> loss -> duplication -> corruption -> reordering -> pop
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/rng.hpp"
#include "link/offload.hpp"
#include "strata/counters.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

/// Loss in bursts: a chain of two states (Gilbert 1960, Elliott 1963). Probabilities per frame in parts per
/// million.
struct BurstLoss {
  std::uint32_t enter_ppm = 0;         ///< from the good state to the bad one
  std::uint32_t leave_ppm = 300'000;   ///< back
  std::uint32_t loss_ppm = 1'000'000;  ///< in the bad state
};

/// Active queue management (RFC 7567): a frame that is chosen gets the mark of RFC 3168 §5 where its sender
/// said that it understands marks, and is lost where it did not.
struct Marking {
  std::uint32_t ppm = 0;  ///< of all frames
  std::size_t queue_bytes_min =
      0;  ///< all frames that find so much waiting for the rate (RFC 8257 §3.1); 0: none
};

/// Probabilities are per frame, in parts per million.
struct ImpairmentConfig {
  std::uint64_t rate_bits_per_second = 0;  ///< 0: no limit
  std::size_t queue_bytes_max = 0;  ///< waiting for the rate, then tail drop; 0: frames_max alone limits
  std::size_t frames_max = 4096;    ///< waiting or under way, then tail drop
  Duration delay;
  Duration jitter;  ///< up to this much more; keeps the order
  std::uint32_t loss_ppm = 0;
  BurstLoss burst;
  Marking mark;
  std::uint32_t duplicate_ppm = 0;
  std::uint32_t reorder_ppm = 0;
  Duration reorder_delay = Duration::millis(2);  ///< a reordered frame comes up to this much later
  std::uint32_t corrupt_ppm = 0;  ///< one bit of the IP packet; frames that carry no IP are spared
  bool has_ethernet_header = true;
};

class Impairment {
 public:
  Impairment(const ImpairmentConfig& config, std::uint64_t seed);

  /// For frames that enter from now on.
  void set_config(const ImpairmentConfig& config);
  /// A frame, or a super-segment, enters the wire.
  void push(Packet frame, Instant now);
  /// The next frame that has arrived by `now`; an empty packet when none has.
  Packet pop(Instant now);
  /// When the next frame arrives; never() when none is under way.
  Instant next_deadline() const { return under_way_.empty() ? Instant::never() : under_way_.front().at; }
  /// Frames waiting or under way.
  std::size_t size() const { return under_way_.size(); }
  /// link_lost, link_marked, link_duplicated, link_reordered, link_corrupted, link_queue_full; no_packet and
  /// no_block.
  const Counters& counters() const { return counters_; }

 private:
  struct UnderWay {
    Instant at;
    std::uint64_t order;  ///< frames of the same time leave as they came
    Packet frame;
  };
  static bool later(const UnderWay& a, const UnderWay& b);

  void send(Packet frame, Instant now);
  bool has_room(Instant now) const;
  Instant departure(std::size_t size, Instant now);
  Instant arrival(Instant departed);
  std::uint64_t queued_bytes(Instant now) const;
  bool is_chosen(Instant now);
  bool mark(Packet& frame);
  bool is_lost();
  void corrupt(Packet& frame);
  std::size_t first_ip_byte(const Packet& frame) const;
  void deliver(Packet frame, Instant at);

  ImpairmentConfig config_;
  Xoshiro rng_;
  Splitter splitter_;
  Counters counters_;
  std::vector<UnderWay> under_way_;  ///< a heap, the earliest first
  std::uint64_t pushed_ = 0;
  Instant busy_until_;    ///< the sender's last bit leaves
  Instant last_arrival_;  ///< of frames that keep the order
  bool in_burst_ = false;
};

}  // namespace strata
