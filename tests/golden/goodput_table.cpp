// Goodput over loss, round trip, buffer and rate; beside each figure what formulas say.
#include <algorithm>

#include "tests/golden/goodput.hpp"
#include "tests/golden/response.hpp"
#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

constexpr std::uint64_t kMss = 1448;  // payload with timestamps
constexpr std::uint64_t kPacket = 1500;
constexpr std::uint64_t kRates[] = {10, 100, 1'000, 10'000};
constexpr std::uint64_t kRoundTrips[] = {1, 10, 50, 100, 300};
constexpr std::uint64_t kBuffers[] = {10, 100, 400};
constexpr std::uint64_t kLosses[] = {0, 100, 1'000, 10'000, 30'000, 50'000};

struct Cell {
  std::uint64_t mbit;
  std::uint64_t rtt_ms;
  std::uint64_t buffer_percent;
  std::uint64_t loss_ppm;
  bool bursts;
};

/// In kbit/s; the path's own limit where that is less.
std::uint64_t by_formula(const Cell& cell, CongestionAlgorithm algorithm) {
  const std::uint64_t line = cell.mbit * 1'000 * kMss / kPacket;
  if (cell.loss_ppm == 0) return line;
  const std::uint64_t events =
      cell.bursts ? cell.loss_ppm * BurstLoss{}.leave_ppm / 1'000'000 : cell.loss_ppm;
  std::uint64_t window = 0;
  switch (algorithm) {
    case CongestionAlgorithm::cubic: window = cubic_window(events, cell.rtt_ms); break;
    case CongestionAlgorithm::new_reno: window = reno_window(events); break;
    default: return line * (1'000'000 - cell.loss_ppm) / 1'000'000;  // does not take a loss for congestion
  }
  return std::min(line, window * kMss * 8 / 1'000 / cell.rtt_ms);
}

std::string figures(const Cell& cell) {
  sim::PathConfig path = path_of(cell.mbit, cell.rtt_ms, cell.buffer_percent);
  add_loss(path, cell.loss_ppm, cell.bursts);
  std::string text;
  for (const Contender& contender : kContenders) {
    const Measured got = measure(path, config_for(path, contender.algorithm));
    const std::uint64_t expected = by_formula(cell, contender.algorithm);
    text += "  |" + decimal(got.kbit / 10, 2, 9) + decimal(expected / 10, 2, 9) + ratio(got.kbit, expected);
    if (!got.sound) text += kBroken;
  }
  return text;
}

/// A few of all kinds.
bool is_in_slice(const Cell& cell) {
  const bool small =
      cell.mbit == 10 && (cell.rtt_ms == 10 || cell.rtt_ms == 100) && cell.buffer_percent < 400;
  if (small) return cell.loss_ppm == 0 || cell.loss_ppm == (cell.bursts ? 10'000U : 30'000U);
  if (cell.mbit == 100) return cell.rtt_ms == 50 && cell.buffer_percent == 100 && cell.loss_ppm >= 1'000;
  return cell.mbit == 1'000 && cell.rtt_ms == 10 && cell.buffer_percent == 100 && cell.loss_ppm == 1'000;
}

std::string key(const Cell& cell) {
  const std::string kind = cell.loss_ppm == 0 ? "" : (cell.bursts ? "bursts" : "random");
  return decimal(cell.rtt_ms, 0, 4) + decimal(cell.buffer_percent / 10, 1, 8) +
         decimal(cell.loss_ppm / 100, 2, 7) + padded(kind, 8);
}

std::string head(std::uint64_t mbit) {
  std::string text =
      "Goodput of one connection through a bottleneck of " + std::to_string(mbit) +
      " Mbit/s, in Mbit/s of payload; what the response function\n"
      "says (reno: Mathis et al.; cubic: RFC 9438; at most the line's rate); and the ratio.\n\n"
      " rtt  buffer   loss        ";
  std::string second = "  ms     BDP      %        ";
  for (const Contender& contender : kContenders) {
    text += "  |" + padded(contender.name, 9) + "  formula ratio";
    second += "  |" + std::string(24, ' ');
  }
  return text + "\n" + second + "\n";
}

void add_rows(Table& table, std::uint64_t mbit, std::uint64_t rtt_ms, std::uint64_t buffer_percent) {
  for (const std::uint64_t loss : kLosses) {
    for (const bool bursts : {false, true}) {
      if (loss == 0 && bursts) continue;
      const Cell cell{.mbit = mbit,
                      .rtt_ms = rtt_ms,
                      .buffer_percent = buffer_percent,
                      .loss_ppm = loss,
                      .bursts = bursts};
      table.rows.push_back(
          {.key = key(cell), .figures = [cell] { return figures(cell); }, .in_slice = is_in_slice(cell)});
    }
  }
}

}  // namespace

std::vector<Table> goodput_tables() {
  std::vector<Table> tables;
  for (const std::uint64_t mbit : kRates) {
    Table table{.name = "goodput-" + std::to_string(mbit) + "mbit", .head = head(mbit), .rows = {}};
    for (const std::uint64_t rtt : kRoundTrips) {
      for (const std::uint64_t buffer : kBuffers) add_rows(table, mbit, rtt, buffer);
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace strata::golden
