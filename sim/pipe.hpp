// One direction of a link: a queue in front of a limited rate, what is lost by plan, and then the faults of
// link/impairment. Everything can be changed while frames are under way.
//
//   push -> [ down? too big? ] -> queue and rate -> planned losses -> truncation -> impairment -> pop
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "link/impairment.hpp"
#include "link/queue/link_queue.hpp"
#include "sim/frame_kind.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata::sim {

/// Frames of a kind that are lost by number: from the `first` to the `last` of them (the first is 1).
struct PlannedLoss {
  FrameKind kind = FrameKind::any;
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

struct PipeConfig {
  LinkQueueConfig queue;           ///< with its rate; has_ethernet_header is taken from `faults`
  ImpairmentConfig faults;         ///< its rate stays 0
  std::size_t mtu = 0;             ///< longer IP packets are dropped without a word; 0: all pass
  std::uint32_t truncate_ppm = 0;  ///< frames that end early
  std::vector<PlannedLoss> losses;
};

struct PipeCounts {
  std::uint64_t offered = 0;
  std::uint64_t while_down = 0;
  std::uint64_t too_big = 0;
  std::uint64_t planned = 0;
  std::uint64_t truncated = 0;
};

class Pipe {
 public:
  /// True: the frame is lost.
  using Predicate = std::function<bool(Bytes frame, Instant at)>;

  Pipe(const PipeConfig& config, std::uint64_t seed);

  /// A frame of the wire: cut and complete.
  void push(Packet frame, Instant now);
  /// The next frame that has arrived by `now`; an empty packet when none has.
  Packet pop(Instant now);
  Instant next_deadline() const;

  /// Down: what enters is lost; what is under way still arrives.
  void set_up(bool up) { up_ = up; }
  void set_faults(const ImpairmentConfig& faults);
  void set_mtu(std::size_t mtu) { config_.mtu = mtu; }
  /// Precondition: there was a rate, and there is.
  void set_rate(std::uint64_t rate_bits_per_second) { queue_->set_rate(rate_bits_per_second); }
  void set_truncation(std::uint32_t ppm) { config_.truncate_ppm = ppm; }
  void lose_when(Predicate predicate) { predicate_ = std::move(predicate); }

  const PipeConfig& config() const { return config_; }
  bool is_up() const { return up_; }
  const PipeCounts& counts() const { return counts_; }
  const Counters& fault_counts() const { return impairment_.counters(); }
  QueueCounts queue_counts() const { return queue_ ? queue_->counts() : QueueCounts{}; }
  std::size_t queued_bytes() const { return queue_ ? queue_->bytes() : 0; }

 private:
  Pipe(const PipeConfig& config, Xoshiro seeds);
  void pump(Instant now);
  void leave(Packet frame, Instant at);
  bool is_planned(const Packet& frame, Instant at);
  void truncate(Packet& frame);

  PipeConfig config_;
  Xoshiro rng_;
  std::optional<LinkQueue> queue_;  ///< only with a rate
  Impairment impairment_;
  std::vector<std::uint64_t> seen_;  ///< of each planned loss, frames of its kind
  std::vector<std::uint8_t> flat_;
  Predicate predicate_;
  PipeCounts counts_;
  bool up_ = true;
};

}  // namespace strata::sim
