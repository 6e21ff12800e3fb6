// Bulk transfers over one bottleneck in virtual time: the way back has the same delay, and neither limit nor
// fault.
//
//   BulkRun run({.path = {...}, .flows = {{.config = ...}}, .seed = 7});
//   run.until(Instant::from_nanos(...));
//   run.delivered(0);
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/endpoint.hpp"
#include "sim/path.hpp"
#include "sim/pattern.hpp"

namespace strata::sim {

struct BulkFlow {
  TcpConfig config;
  Duration starts;
};

struct BulkConfig {
  PathConfig path;
  std::vector<BulkFlow> flows;
  std::uint64_t seed = 1;
};

class BulkRun {
 public:
  explicit BulkRun(const BulkConfig& config);

  Instant now() const { return now_; }
  /// Stops at `end`, or when `segments` more data segments have arrived.
  void until(Instant end, std::uint64_t segments = UINT64_MAX);
  /// The programs stop. True when within `limit` every flow has delivered all that was queued, and closed.
  bool drain(Duration limit);

  std::size_t flow_count() const { return flows_.size(); }
  std::uint64_t delivered(std::size_t flow) const { return flows_[flow].receiver->delivered(); }
  const Endpoint& sender(std::size_t flow) const { return *flows_[flow].sender; }
  const Endpoint& receiver(std::size_t flow) const { return *flows_[flow].receiver; }
  Endpoint& sender(std::size_t flow) { return *flows_[flow].sender; }
  std::uint64_t count(Counter counter) const;  ///< over all senders
  /// Every byte was right, every repetition had a cause.
  bool is_sound() const;
  const Path& path() const { return there_; }

 private:
  struct Flow {
    std::unique_ptr<Endpoint> sender;
    std::unique_ptr<Endpoint> receiver;
    Instant starts;
    bool started = false;
    Instant sender_wakes = Instant::never();
    Instant receiver_wakes = Instant::never();
  };

  Instant next_event() const;
  void start(Flow& flow);
  void deliver();
  void run_timers(Flow& flow);
  void after_sender(Flow& flow);
  void after_receiver(Flow& flow);

  Pattern pattern_;
  Path there_;
  Path back_;
  std::vector<Flow> flows_;
  Instant now_;
  Instant wakes_ = Instant::never();  ///< the earliest of all flows
  std::uint64_t arrived_ = 0;
};

}  // namespace strata::sim
