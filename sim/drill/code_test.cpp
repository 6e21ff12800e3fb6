#include "sim/drill/code.hpp"

#include <gtest/gtest.h>

namespace strata::drill {
namespace {

std::optional<std::int64_t> lookup(std::string_view name) {
  if (name == "ten") return 10;
  if (name == "zero") return 0;
  return std::nullopt;
}

/// What comes of the code: "holds", or the complaint.
std::string outcome(std::string_view text) {
  const CodeBlock block{.at = {7, 4}, .text = std::string(text)};
  if (const auto error = check_code(block)) return "wrong: " + error->what;
  const auto error = run_code(block, lookup);
  return error ? error->what : "holds";
}

TEST(DrillCode, ComparisonsChain) {
  EXPECT_EQ(outcome("assert 9 <= ten <= 11"), "holds");
  EXPECT_EQ(outcome("assert 9 <= ten <= 9"), "does not hold: 9 <= ten <= 9 (ten = 10)");
  EXPECT_EQ(outcome("assert 1 < 2 > 1 == 1 != 0"), "holds");
}

TEST(DrillCode, OperatorsBindAsInPython) {
  EXPECT_EQ(outcome("assert 1 + 2 * 3 == 7 and 10 - 2 - 3 == 5"), "holds");
  EXPECT_EQ(outcome("assert (ten & 2) == 2 and ten | 5 == 15 and 1 << 3 == 8 and ten ^ 3 == 9"), "holds");
  EXPECT_EQ(outcome("assert not zero and not ten == 9 or zero"), "holds");
  EXPECT_EQ(outcome("assert -ten == -10 and ~0 == -1 and ten // 3 == 3 and ten % 4 == 2"), "holds");
  EXPECT_EQ(outcome("assert 0x10 == 16 and True and not False"), "holds");
}

TEST(DrillCode, MessagesAreReadAndNotJudged) {
  EXPECT_EQ(outcome("assert ten == 10, 'ten=%d' % ten; assert zero == 0, (ten, zero)"), "holds");
  EXPECT_EQ(outcome("assert ten == 11, 'ten=%d' % ten"), "does not hold: ten == 11 (ten = 10)");
}

TEST(DrillCode, StatementsEndAtSemicolonsAndLines) {
  EXPECT_EQ(outcome(" assert ten == 10;\\\n assert zero == 0;\\\n"), "holds");
  EXPECT_EQ(outcome("assert ten == 10\nassert zero == 1"), "does not hold: zero == 1 (zero = 0)");
  EXPECT_EQ(outcome("assert ten == 10 assert zero == 0"), "wrong: expected `;` or a new line, not `assert`");
}

TEST(DrillCode, WhatItDoesNotKnowIsNamed) {
  EXPECT_EQ(outcome("assert tcpi_magic == 1"), "the name tcpi_magic");
  EXPECT_EQ(outcome("import os"), "wrong: code other than assert: import");
  const auto error = check_code({.at = {7, 4}, .text = "assert\n  )"});
  EXPECT_EQ(error->at, (Position{8, 3}));
}

TEST(DrillCode, NothingOverflowsOrDividesByZero) {
  EXPECT_EQ(
      outcome("assert 9223372036854775807 + 1 < 0 and 1 // zero == 0 and -9223372036854775807 // -1 > 0"),
      "holds");
  EXPECT_EQ(outcome("assert 1 << 100 != 0 and 9223372036854775807 * 2 == -2"), "holds");
}

}  // namespace
}  // namespace strata::drill
