// What an ACK means to loss recovery (RFC 5681 §3.2, RFC 6582, RFC 3042), from several places in sequence
// space.
#include "transport/tcp/loss/new_reno_recovery.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

using Verdict = NewRenoRecovery::Verdict;

class Recovering : public testing::TestWithParam<std::uint32_t> {
 protected:
  static SeqNum at(std::uint32_t offset) { return SeqNum(GetParam() + offset); }
  Verdict duplicate(std::uint32_t una, std::uint32_t max) {
    return recovery.on_duplicate_ack(at(una), at(max));
  }
  Verdict ack(std::uint32_t una) { return recovery.on_new_ack(at(una)); }
  NewRenoRecovery recovery;
};
INSTANTIATE_TEST_SUITE_P(From, Recovering, testing::Values(1U, 0xffff'ff00U, 0x7fff'ff00U));

TEST_P(Recovering, TheThirdDuplicateEnters) {
  EXPECT_EQ(duplicate(0, 1000), Verdict::limited_transmit);
  EXPECT_EQ(recovery.extra_segments(), 1U);
  EXPECT_EQ(duplicate(0, 1000), Verdict::limited_transmit);
  EXPECT_EQ(recovery.extra_segments(), 2U);
  EXPECT_EQ(duplicate(0, 1000), Verdict::enter);
  EXPECT_EQ(recovery.extra_segments(), 0U);
  EXPECT_TRUE(recovery.recovering());
  EXPECT_EQ(duplicate(0, 1000), Verdict::inflate);
}

TEST_P(Recovering, PartialThenFull) {
  for (int i = 0; i < 3; ++i) (void)duplicate(0, 1000);
  EXPECT_EQ(ack(400), Verdict::partial);
  EXPECT_EQ(ack(999), Verdict::partial);
  EXPECT_EQ(ack(1000), Verdict::exit);
  EXPECT_FALSE(recovery.recovering());
  EXPECT_EQ(ack(1100), Verdict::none);
}

TEST_P(Recovering, NewDataSentMeanwhileDoesNotMoveTheGoal) {
  for (int i = 0; i < 3; ++i) (void)duplicate(0, 1000);
  (void)duplicate(0, 2000);
  EXPECT_EQ(ack(1000), Verdict::exit);
}

TEST_P(Recovering, ANewAckForgetsDuplicates) {
  (void)duplicate(0, 1000);
  (void)duplicate(0, 1000);
  EXPECT_EQ(ack(100), Verdict::none);
  EXPECT_EQ(recovery.extra_segments(), 0U);
  EXPECT_EQ(duplicate(100, 1000), Verdict::limited_transmit);
}

TEST_P(Recovering, ATimeOutHoldsUntilMoreThanItsDataIsAcknowledged) {
  recovery.on_rto(at(1000));
  for (int i = 0; i < 5; ++i) EXPECT_NE(duplicate(500, 1000), Verdict::enter);
  EXPECT_EQ(ack(1000), Verdict::none);
  for (int i = 0; i < 5; ++i) EXPECT_NE(duplicate(1000, 3000), Verdict::enter);
  EXPECT_EQ(ack(1001), Verdict::none);
  for (int i = 0; i < 2; ++i) (void)duplicate(1001, 3000);
  EXPECT_EQ(duplicate(1001, 3000), Verdict::enter);
}

TEST_P(Recovering, ATimeOutEndsRecovery) {
  for (int i = 0; i < 3; ++i) (void)duplicate(0, 1000);
  recovery.on_rto(at(1000));
  EXPECT_FALSE(recovery.recovering());
  EXPECT_EQ(ack(500), Verdict::none);
}

}  // namespace
}  // namespace strata::tcp
