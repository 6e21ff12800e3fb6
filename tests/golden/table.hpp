// A table of the golden texts: rows that are computed one by one, so that processes can share them and a test
// can take a few.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/tcp_settings.hpp"

namespace strata::golden {

struct Row {
  std::string key;                       ///< the first columns; no other row of the table begins with it
  std::function<std::string()> figures;  ///< the others
  bool in_slice = false;                 ///< a test computes it whenever all tests run
};

struct Table {
  std::string name;  ///< of the file, without suffix
  std::string head;
  std::vector<Row> rows;
};

/// What stands where a figure misses its bar, or a run was not sound.
inline constexpr std::string_view kMissed = " MISSED";
inline constexpr std::string_view kBroken = " BROKEN";

struct Contender {
  CongestionAlgorithm algorithm;
  std::string_view name;
};
/// The columns of all tables that compare algorithms.
inline constexpr std::array kContenders = {Contender{CongestionAlgorithm::cubic, "cubic"},
                                           Contender{CongestionAlgorithm::new_reno, "reno"}};

std::vector<Table> all_tables();
std::vector<Table> goodput_tables();
Table reordering_table();
Table spikes_table();
Table fairness_table();
Table friendliness_table();
Table switches_table();

/// `value` in units of 10^-digits, right-aligned.
std::string decimal(std::uint64_t value, int digits, int width);
std::string padded(std::string_view text, int width);
/// part / whole with two digits behind the point.
std::string ratio(std::uint64_t part, std::uint64_t whole);

}  // namespace strata::golden
