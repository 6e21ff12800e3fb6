#include "tests/golden/goodput.hpp"

#include <algorithm>

namespace strata::golden {
namespace {

constexpr std::uint64_t kWindowMax = 1U << 30;  // RFC 7323 §2.3

}  // namespace

sim::PathConfig path_of(std::uint64_t mbit, std::uint64_t rtt_ms, std::uint64_t buffer_percent) {
  return {.rate_bits_per_second = mbit * 1'000'000,
          .queue_bytes_max = mbit * rtt_ms * 125 * buffer_percent / 100,
          .delay = Duration::micros(static_cast<std::int64_t>(rtt_ms) * 500)};
}

void add_loss(sim::PathConfig& path, std::uint64_t ppm, bool bursts) {
  if (!bursts) {
    path.loss_ppm = static_cast<std::uint32_t>(ppm);
    return;
  }
  // All is lost in the bad state, so its share is the loss.
  path.burst.enter_ppm = static_cast<std::uint32_t>(path.burst.leave_ppm * ppm / (1'000'000 - ppm));
}

std::uint64_t product_bytes(const sim::PathConfig& path) {
  return path.rate_bits_per_second / 8'000'000 * static_cast<std::uint64_t>(2 * path.delay.count_micros());
}

TcpConfig config_for(const sim::PathConfig& path, CongestionAlgorithm algorithm) {
  TcpConfig config;
  config.congestion_control = algorithm;
  set_window(config, 4 * (product_bytes(path) + path.queue_bytes_max) + (std::uint64_t{1} << 20));
  return config;
}

void set_window(TcpConfig& config, std::uint64_t bytes) {
  const auto window = static_cast<std::uint32_t>(std::min(bytes, kWindowMax));
  config.receive_buffer = config.receive_buffer_max = window;
  config.send_buffer = config.send_buffer_max = window + (1U << 18);
}

Measured measure(const sim::PathConfig& path, const TcpConfig& config, const Effort& effort,
                 std::uint64_t seed) {
  const Duration rtt = path.delay * 2;
  sim::BulkRun run({.path = path, .flows = {{.config = config, .starts = {}}}, .seed = seed});
  run.until(Instant() + std::max(rtt * effort.warm_up_rtts, effort.warm_up_least), effort.warm_up_segments);
  const Instant began = run.now();
  const std::uint64_t before = run.delivered(0);
  run.until(began + std::max(rtt * effort.rtts, effort.least), effort.segments);
  const auto micros =
      static_cast<std::uint64_t>(std::max<std::int64_t>((run.now() - began).count_micros(), 1));
  const std::uint64_t bytes = run.delivered(0) - before;
  const bool ended = run.drain(Duration::seconds(600));
  return {.kbit = bytes * 8'000 / micros,
          .sound = ended && run.is_sound(),
          .lost = run.path().losses() + run.path().queue_drops(),
          .repeated = run.count(Counter::tcp_retrans_segs),
          .reductions = run.count(Counter::tcp_fast_retransmits) + run.count(Counter::tcp_rto_fired) +
                        run.count(Counter::tcp_tail_losses),
          .undone = run.count(Counter::tcp_spurious_recoveries) + run.count(Counter::tcp_spurious_timeouts),
          .timeouts = run.count(Counter::tcp_rto_fired)};
}

}  // namespace strata::golden
