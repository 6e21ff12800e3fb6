// Flows that share a bottleneck: how fair an algorithm is to itself, and CUBIC to NewReno where it promises
// to be like it.
#include <algorithm>
#include <vector>

#include "tests/golden/goodput.hpp"
#include "tests/golden/response.hpp"
#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

constexpr std::size_t kFlows = 10;
constexpr std::uint64_t kSeeds = 4;

/// Bytes of each flow in the second half of the run.
std::vector<std::uint64_t> shares(const sim::BulkConfig& config, Duration length, bool& sound) {
  sim::BulkRun run(config);
  run.until(Instant() + length / 2);
  std::vector<std::uint64_t> bytes;
  bytes.reserve(run.flow_count());
  for (std::size_t i = 0; i < run.flow_count(); ++i) bytes.push_back(run.delivered(i));
  run.until(Instant() + length);
  for (std::size_t i = 0; i < run.flow_count(); ++i) bytes[i] = run.delivered(i) - bytes[i];
  sound = run.drain(Duration::seconds(600)) && run.is_sound() && sound;
  return bytes;
}

/// Jain's index (RFC 5166 §2.3) in thousandths.
std::uint64_t jain(const std::vector<std::uint64_t>& bytes) {
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
  for (const std::uint64_t one : bytes) {
    const std::uint64_t kib = one / 1024;
    sum += kib;
    squares += kib * kib;
  }
  return squares == 0 ? 0 : sum * sum / bytes.size() * 1'000 / squares;
}

/// Flows that start at moments of chance in the first second.
sim::BulkConfig ten_flows(CongestionAlgorithm algorithm, std::uint64_t buffer_percent, std::uint64_t seed) {
  sim::BulkConfig config{.path = path_of(100, 50, buffer_percent), .flows = {}, .seed = seed};
  Xoshiro rng(seed);
  for (std::size_t i = 0; i < kFlows; ++i) {
    const auto start = static_cast<std::int64_t>(below(rng, 1'000'000));
    config.flows.push_back({.config = config_for(config.path, algorithm), .starts = Duration::micros(start)});
  }
  return config;
}

std::string fairness(std::uint64_t buffer_percent) {
  std::string text;
  for (const Contender& contender : kContenders) {
    bool sound = true;
    std::uint64_t bytes = 0;
    std::uint64_t mean = 0;
    std::uint64_t least = 1'000;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const auto each =
          shares(ten_flows(contender.algorithm, buffer_percent, seed), Duration::seconds(120), sound);
      for (const std::uint64_t one : each) bytes += one;
      mean += jain(each);
      least = std::min(least, jain(each));
    }
    mean /= kSeeds;
    text +=
        "  |" + decimal(bytes / kSeeds * 8 / 60 / 10'000, 2, 8) + decimal(mean, 3, 7) + decimal(least, 3, 7);
    if (buffer_percent == 100 && mean < 950) text += kMissed;
    if (!sound) text += kBroken;
  }
  return text;
}

/// kbit/s of one flow, the mean over some seeds.
std::uint64_t alone(std::uint64_t rtt_ms, std::uint64_t loss_ppm, CongestionAlgorithm algorithm,
                    bool& sound) {
  sim::PathConfig path = path_of(1'000, rtt_ms, 100);
  add_loss(path, loss_ppm, false);
  std::uint64_t sum = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Measured got =
        measure(path, config_for(path, algorithm),
                {.rtts = 2'000, .least = {}, .segments = 60'000'000 / loss_ppm + 20'000}, seed);
    sum += got.kbit;
    sound = sound && got.sound;
  }
  return sum / kSeeds;
}

std::string friendliness(std::uint64_t rtt_ms, std::uint64_t loss_ppm) {
  bool sound = true;
  const std::uint64_t cubic = alone(rtt_ms, loss_ppm, CongestionAlgorithm::cubic, sound);
  const std::uint64_t reno = alone(rtt_ms, loss_ppm, CongestionAlgorithm::new_reno, sound);
  std::string text = "  |" + decimal(cubic / 10, 2, 8) + decimal(reno / 10, 2, 8) + ratio(cubic, reno);
  if (cubic * 100 < reno * 80 || cubic * 100 > reno * 125) text += kMissed;
  if (!sound) text += kBroken;
  return text;
}

}  // namespace

Table fairness_table() {
  Table table{.name = "fairness",
              .head =
                  "Ten flows of one algorithm over 100 Mbit/s and 50 ms that start within a second: the last "
                  "60 of 120 s, Mbit/s "
                  "together,\nand Jain's index: the mean of four seeds (bar at a buffer of 1 BDP: 0.95), and "
                  "the least.\n\n buffer",
              .rows = {}};
  for (const Contender& contender : kContenders)
    table.head += "  |" + padded(contender.name, 8) + "   mean  least";
  table.head += "\n    BDP\n";
  for (const std::uint64_t buffer : {50U, 100U, 400U}) {
    table.rows.push_back(
        {.key = decimal(buffer, 2, 7), .figures = [buffer] { return fairness(buffer); }, .in_slice = false});
  }
  return table;
}

Table friendliness_table() {
  Table table{.name = "friendliness",
              .head =
                  "CUBIC and NewReno on the same path with random loss, where CUBIC's window is to be Reno's "
                  "(RFC 9438 §4.3): Mbit/s, "
                  "the mean\nof four seeds, and the ratio (bar: 0.80 to 1.25).\n\n rtt   loss  |   cubic    "
                  "reno ratio\n  ms      %\n",
              .rows = {}};
  for (const std::uint64_t rtt : {1U, 10U, 20U, 50U, 100U}) {
    for (const std::uint64_t loss : {100U, 300U, 1'000U, 3'000U, 10'000U, 30'000U}) {
      // Losses come by chance: where both windows are alike, many times between two are long enough for the
      // curve.
      if (cubic_curve_window(loss, rtt) * 3 / 2 > reno_window(loss)) continue;
      const bool limited_by_line = reno_window(loss) * 1448 * 8 / 1'000 / rtt > 900'000;
      if (limited_by_line) continue;
      table.rows.push_back({.key = decimal(rtt, 0, 4) + decimal(loss / 10, 3, 7),
                            .figures = [rtt, loss] { return friendliness(rtt, loss); },
                            .in_slice = rtt == 50 && loss == 10'000});
    }
  }
  return table;
}

}  // namespace strata::golden
