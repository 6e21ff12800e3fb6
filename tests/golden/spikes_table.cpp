// A delay is no loss: senders on a path that stands still now and then, against one with a fixed window.
#include "tests/golden/goodput.hpp"
#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

struct Cell {
  std::uint64_t mbit;
  std::uint64_t rtt_ms;
  std::uint64_t hold_ms;
};

constexpr std::uint64_t kBarPercent = 95;
constexpr std::uint64_t kMss = 1448;

Measured run(const Cell& cell, CongestionAlgorithm algorithm) {
  sim::PathConfig path = path_of(cell.mbit, cell.rtt_ms, 400);
  path.queue_bytes_max += 32 * kMss;  // the window fits, so nothing is lost
  const Duration hold = Duration::millis(static_cast<std::int64_t>(cell.hold_ms));
  path.hold = {.every = Duration::seconds(1), .least = hold, .most = hold};
  TcpConfig config = config_for(path, algorithm);
  const std::uint64_t window = product_bytes(path) * 3 / 2 + 4 * kMss;
  set_window(config, window);
  if (algorithm == CongestionAlgorithm::fixed) {
    config.initial_window_segments = static_cast<std::uint32_t>(window / kMss);
  }
  return measure(path, config, {.segments = 200'000});
}

std::string figures(const Cell& cell) {
  const Measured fixed = run(cell, CongestionAlgorithm::fixed);
  std::string text = "  |" + decimal(fixed.kbit / 10, 2, 8);
  for (const Contender& contender : kContenders) {
    const Measured got = run(cell, contender.algorithm);
    text += "  |" + decimal(got.kbit / 10, 2, 8) + ratio(got.kbit, fixed.kbit) + decimal(got.repeated, 0, 9) +
            decimal(got.reductions, 0, 11) + decimal(got.undone, 0, 7);
    if (got.kbit * 100 < fixed.kbit * kBarPercent) text += kMissed;
    if (!got.sound || !fixed.sound) text += kBroken;
  }
  return text;
}

}  // namespace

Table spikes_table() {
  Table table{.name = "spikes",
              .head =
                  "A path without loss on which everything stands still for some time about once in a "
                  "second. The peer's window is "
                  "1.5 BDP.\nMbit/s with a fixed window, and with each algorithm (bar: 0.95 of it); segments "
                  "repeated; reductions, "
                  "and of these undone.\n\n Mbit/s  rtt  hold  |   fixed",
              .rows = {}};
  for (const Contender& contender : kContenders)
    table.head += "  |" + padded(contender.name, 8) + " ratio repeated reductions undone";
  table.head += "\n          ms    ms\n";
  for (const std::uint64_t mbit : {10U, 100U}) {
    for (const std::uint64_t rtt : {1U, 10U, 50U, 100U, 300U}) {
      for (const std::uint64_t hold : {1U, 3U, 10U, 30U, 100U, 200U, 300U}) {
        const Cell cell{.mbit = mbit, .rtt_ms = rtt, .hold_ms = hold};
        table.rows.push_back({.key = decimal(mbit, 0, 7) + decimal(rtt, 0, 5) + decimal(hold, 0, 6),
                              .figures = [cell] { return figures(cell); },
                              .in_slice = mbit == 10 && rtt <= 50 && hold >= 100});
      }
    }
  }
  return table;
}

}  // namespace strata::golden
