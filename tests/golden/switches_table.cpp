// What each mechanism is worth: the same few paths with one of them switched off.
#include <array>
#include <string_view>

#include "tests/golden/goodput.hpp"
#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

struct Switch {
  std::string_view name;
  void (*turn_off)(TcpConfig& config);
};
constexpr std::array kSwitches = {
    Switch{"SACK (RFC 2018)", [](TcpConfig& config) { config.sack = false; }},
    Switch{"D-SACK (RFC 2883)", [](TcpConfig& config) { config.dsack = false; }},
    Switch{"timestamps, Eifel (RFC 3522)", [](TcpConfig& config) { config.timestamps = false; }},
    Switch{"F-RTO (RFC 5682)", [](TcpConfig& config) { config.frto = false; }},
    Switch{"tail probes (RFC 8985)", [](TcpConfig& config) { config.tail_probes = false; }},
    Switch{"D-SACK and Eifel", [](TcpConfig& config) { config.dsack = config.timestamps = false; }},
    Switch{"all of these but SACK",
           [](TcpConfig& config) {
             config.dsack = config.timestamps = config.frto = config.tail_probes = false;
           }},
};

struct Cell {
  std::string_view name;
  std::uint64_t (*figure)(const Switch* off);  ///< the more, the better; nullptr: all are on
};

std::uint64_t goodput(sim::PathConfig path, const Switch* off, bool bounded = false) {
  TcpConfig config = config_for(path, CongestionAlgorithm::cubic);
  if (bounded) set_window(config, product_bytes(path) * 2);
  if (off != nullptr) off->turn_off(config);
  return measure(path, config).kbit;
}

std::uint64_t with_loss(const Switch* off, bool bursts) {
  sim::PathConfig path = path_of(100, 20, 100);
  add_loss(path, 10'000, bursts);
  return goodput(path, off);
}

std::uint64_t with_late(const Switch* off) {
  sim::PathConfig path = path_of(100, 20, 400);
  path.reorder_ppm = 50'000;
  path.reorder_delay = Duration::millis(10);
  return goodput(path, off, true);
}

std::uint64_t with_holds(const Switch* off) {
  sim::PathConfig path = path_of(100, 20, 400);
  path.hold = {.every = Duration::seconds(1), .least = Duration::millis(250), .most = Duration::millis(400)};
  return goodput(path, off, true);
}

/// Connections of 128 KiB in an hour, one after the other: what is lost at their end is felt.
std::uint64_t short_ones(const Switch* off) {
  constexpr std::uint64_t kCount = 200;
  sim::PathConfig path = path_of(10, 50, 100);
  add_loss(path, 20'000, false);
  TcpConfig config = config_for(path, CongestionAlgorithm::cubic);
  if (off != nullptr) off->turn_off(config);
  Duration sum;
  for (std::uint64_t seed = 1; seed <= kCount; ++seed) {
    sim::BulkRun run({.path = path, .flows = {{.config = config, .starts = {}}}, .seed = seed});
    run.until(Instant() + Duration::millis(1));
    (void)run.drain(Duration::seconds(600));
    sum = sum + (run.now() - Instant());
  }
  return kCount * 3'600'000 / static_cast<std::uint64_t>(sum.count_millis());
}

constexpr std::array kCells = {
    Cell{"1% loss", [](const Switch* off) { return with_loss(off, false); }},
    Cell{"1% bursts", [](const Switch* off) { return with_loss(off, true); }},
    Cell{"5% late", with_late},
    Cell{"holds", with_holds},
    Cell{"overflow", [](const Switch* off) { return goodput(path_of(100, 20, 100), off); }},
    Cell{"short", short_ones},
};
constexpr int kNameWidth = 30;
constexpr int kCellWidth = 11;

std::string row(const Switch* off) {
  std::string text;
  for (const Cell& cell : kCells) {
    const std::uint64_t figure = cell.figure(off);
    const std::string shown = off == nullptr ? std::to_string(figure) : ratio(figure, cell.figure(nullptr));
    text += padded(shown, kCellWidth);
  }
  return text;
}

std::string left(std::string_view name) {
  return std::string(name) + std::string(kNameWidth - name.size(), ' ');
}

}  // namespace

Table switches_table() {
  Table table{
      .name = "switches",
      .head =
          "CUBIC with one mechanism switched off, against all of them on. 100 Mbit/s, 20 ms: 1 % random "
          "loss; 1 % in bursts; 5 % "
          "of the\nsegments late by half a round trip; about once in a second all stands still for 0.25 to "
          "0.4 s; a buffer of 1 "
          "BDP that overflows\n(kbit/s). 10 Mbit/s, 50 ms, 2 % loss: connections of 128 KiB in an hour.\n\n" +
          left("off"),
      .rows = {}};
  for (const Cell& cell : kCells) table.head += padded(cell.name, kCellWidth);
  table.head += "\n";
  table.rows.push_back({.key = left("none"), .figures = [] { return row(nullptr); }, .in_slice = false});
  for (const Switch& off : kSwitches)
    table.rows.push_back({.key = left(off.name), .figures = [&off] { return row(&off); }, .in_slice = false});
  return table;
}

}  // namespace strata::golden
