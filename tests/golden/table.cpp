#include "tests/golden/table.hpp"

#include <algorithm>
#include <iterator>

namespace strata::golden {

std::vector<Table> all_tables() {
  std::vector<Table> tables = goodput_tables();
  tables.push_back(reordering_table());
  tables.push_back(spikes_table());
  tables.push_back(fairness_table());
  tables.push_back(friendliness_table());
  tables.push_back(switches_table());
  return tables;
}

std::string padded(std::string_view text, int width) {
  const auto wanted = static_cast<std::size_t>(width);
  return std::string(wanted - std::min(wanted, text.size()), ' ') + std::string(text);
}

std::string decimal(std::uint64_t value, int digits, int width) {
  std::string text = std::to_string(value);
  if (digits > 0) {
    const auto behind = static_cast<std::size_t>(digits);
    if (text.size() <= behind) text.insert(0, behind + 1 - text.size(), '0');
    text.insert(text.size() - behind, ".");
  }
  return padded(text, width);
}

std::string ratio(std::uint64_t part, std::uint64_t whole) {
  return decimal(whole == 0 ? 0 : (part * 100 + whole / 2) / whole, 2, 6);
}

}  // namespace strata::golden
