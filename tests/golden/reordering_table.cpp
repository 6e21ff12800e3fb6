// Reordering is no loss: goodput of CUBIC where segments are overtaken, against the same path in order.
#include "tests/golden/goodput.hpp"
#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

struct Cell {
  std::uint64_t mbit;
  std::uint64_t rtt_ms;
  std::uint64_t percent;  ///< of the segments are late
  std::uint64_t eighths;  ///< of the round trip
};

constexpr std::uint64_t kBarPercent = 95;
/// The first twenty round trips do not count.
constexpr Effort kEffort{
    .warm_up_rtts = 20, .warm_up_least = {}, .rtts = 400, .least = {}, .segments = 300'000};

Measured run(const Cell& cell, bool late, bool full) {
  sim::PathConfig path = path_of(cell.mbit, cell.rtt_ms, full ? 100 : 400);
  if (late) {
    path.reorder_ppm = static_cast<std::uint32_t>(cell.percent * 10'000);
    path.reorder_delay = path.delay * 2 * static_cast<std::int64_t>(cell.eighths) / 8;
  }
  TcpConfig config = config_for(path, CongestionAlgorithm::cubic);
  if (!full) set_window(config, product_bytes(path) * 3);
  return measure(path, config, kEffort);
}

/// `full`: the sender fills the buffer now and then, and so has losses, too.
std::string compare(const Cell& cell, bool full) {
  const Measured ordered = run(cell, false, full);
  const Measured got = run(cell, true, full);
  std::string text = "  |" + decimal(ordered.kbit / 10, 2, 8) + decimal(got.kbit / 10, 2, 8) +
                     ratio(got.kbit, ordered.kbit) + decimal(got.lost, 0, 7) + decimal(got.repeated, 0, 9) +
                     decimal(got.reductions, 0, 11) + decimal(got.undone, 0, 7);
  const bool standing = got.lost == 0 && got.reductions != got.undone;
  if (got.kbit * 100 < ordered.kbit * kBarPercent || standing) text += kMissed;
  if (!got.sound || !ordered.sound) text += kBroken;
  return text;
}

std::string key(const Cell& cell) {
  const std::string delay = cell.eighths == 8 ? "1" : (cell.eighths == 4 ? "1/2" : "1/8");
  return decimal(cell.mbit, 0, 7) + decimal(cell.rtt_ms, 0, 5) + decimal(cell.percent, 0, 6) +
         padded(delay, 6);
}

}  // namespace

Table reordering_table() {
  Table table{.name = "reordering",
              .head =
                  "CUBIC where some segments come later by a part of the round trip: Mbit/s in order, and "
                  "with such segments (bar: "
                  "0.95 of it);\nsegments lost, repeated; reductions of the window, and of these undone. "
                  "Left: the peer's window "
                  "is 3 BDP, nothing\nis lost, and no reduction may stand. Right: a buffer of 1 BDP "
                  "overflows now and then.\n\n"
                  " Mbit/s  rtt  late    by  |   order    late ratio   lost repeated reductions undone  |   "
                  "order    late "
                  "ratio   lost repeated reductions undone\n"
                  "          ms     %   RTT\n",
              .rows = {}};
  for (const std::uint64_t mbit : {10U, 100U, 1'000U}) {
    for (const std::uint64_t rtt : {10U, 50U, 200U}) {
      if (mbit * rtt > 50'000) continue;  // so much that the measurement would not get beyond the start
      for (const std::uint64_t percent : {1U, 5U, 20U}) {
        for (const std::uint64_t eighths : {1U, 4U, 8U}) {
          const Cell cell{.mbit = mbit, .rtt_ms = rtt, .percent = percent, .eighths = eighths};
          table.rows.push_back({.key = key(cell),
                                .figures = [cell] { return compare(cell, false) + compare(cell, true); },
                                .in_slice = mbit == 10 && rtt == 50 && percent != 1});
        }
      }
    }
  }
  return table;
}

}  // namespace strata::golden
