// The golden tables say what the stack does now, and what it has to: a few rows of each are computed again,
// and no bar is missed. After a change of behaviour `./run tables` writes them anew, and the diff is part of
// the review.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "tests/golden/response.hpp"
#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

std::vector<std::string> lines_of(const std::string& table) {
  std::ifstream in("tests/golden/" + table + ".txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string line_with(const std::vector<std::string>& lines, const std::string& key) {
  for (const std::string& line : lines) {
    if (line.starts_with(key)) return line;
  }
  return "nothing";
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Table& table : all_tables()) names.push_back(table.name);
  return names;
}

Table table_named(const std::string& name) {
  for (Table& table : all_tables()) {
    if (table.name == name) return std::move(table);
  }
  return {};
}

struct Golden : testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(names()), [](const auto& tested) {
  std::string name = tested.param;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

TEST_P(Golden, ASliceIsAsItIsWritten) {
  const Table table = table_named(GetParam());
  const std::vector<std::string> lines = lines_of(table.name);
  bool differs = false;
  for (const Row& row : table.rows) {
    if (!row.in_slice) continue;
    const std::string now = row.key + row.figures();
    EXPECT_EQ(now, line_with(lines, row.key)) << table.head;
    differs = differs || testing::Test::HasFailure();
  }
  if (differs) ADD_FAILURE() << "`./run tables` writes the tables anew";
}

TEST_P(Golden, HasTheRowsOfTheProgram) {
  const Table table = table_named(GetParam());
  const std::vector<std::string> lines = lines_of(table.name);
  std::set<std::string> keys;
  for (const Row& row : table.rows) {
    EXPECT_NE(line_with(lines, row.key), "nothing") << row.key;
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
  }
}

TEST_P(Golden, NoBarIsMissedAndEveryRunIsSound) {
  for (const std::string& line : lines_of(GetParam())) {
    EXPECT_EQ(line.find(kMissed), line.npos) << line;
    EXPECT_EQ(line.find(kBroken), line.npos) << line;
  }
}

// In thousandths of segments, beside values from the formulas in floating point.
static_assert(reno_window(100) == 122'474 && reno_window(50'000) == 5'477);
static_assert(cubic_window(100, 300) - 427'000 < 500 && cubic_window(1'000, 100) == reno_window(1'000));

}  // namespace
}  // namespace strata::golden
