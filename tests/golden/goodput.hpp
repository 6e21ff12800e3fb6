// The goodput of one sender on one path, measured after its start and for a bounded number of segments, so
// that a path of 10 Gbit/s takes no longer than one of 100 Mbit/s.
#pragma once

#include <cstdint>

#include "sim/bulk.hpp"
#include "strata/tcp_settings.hpp"
#include "strata/time.hpp"

namespace strata::golden {

/// A bottleneck without losses of its own; its buffer is a part of the bandwidth-delay product.
sim::PathConfig path_of(std::uint64_t mbit, std::uint64_t rtt_ms, std::uint64_t buffer_percent);
/// `ppm` of the segments are lost, one by one or in bursts of three or four.
void add_loss(sim::PathConfig& path, std::uint64_t ppm, bool bursts);
std::uint64_t product_bytes(const sim::PathConfig& path);
/// Buffers that never limit a sender on this path, and nothing else that is not the default.
TcpConfig config_for(const sim::PathConfig& path, CongestionAlgorithm algorithm);
/// The receiver's window, which then is the limit.
void set_window(TcpConfig& config, std::uint64_t bytes);

struct Effort {
  std::int64_t warm_up_rtts = 30;
  Duration warm_up_least = Duration::seconds(3);
  std::uint64_t warm_up_segments = 100'000;  ///< at most
  std::int64_t rtts = 200;
  Duration least = Duration::seconds(20);
  std::uint64_t segments = 400'000;  ///< at most
};

struct Measured {
  std::uint64_t kbit = 0;  ///< payload per second
  bool sound = false;      ///< every byte was right, every repetition had a cause, and it came to its end
  // Of the whole run:
  std::uint64_t lost = 0;        ///< by the path
  std::uint64_t repeated = 0;    ///< segments
  std::uint64_t reductions = 0;  ///< recoveries, time-outs, losses at the tail
  std::uint64_t undone = 0;
  std::uint64_t timeouts = 0;
};
/// One sender.
Measured measure(const sim::PathConfig& path, const TcpConfig& config, const Effort& effort = {},
                 std::uint64_t seed = 1);

}  // namespace strata::golden
