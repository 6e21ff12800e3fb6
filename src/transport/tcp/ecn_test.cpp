// RFC 3168 §6.1.1 and RFC 8257 §3.2, without a connection.
#include "transport/tcp/ecn.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

using enum EcnMode;

constexpr int kE = tcp_flag::kEce;
constexpr int kW = tcp_flag::kCwr;
constexpr int kA = tcp_flag::kAe;

constexpr std::uint16_t bits(int flags) { return static_cast<std::uint16_t>(flags); }

TEST(EcnPolicy, FollowsTheNumbersOfLinux) {
  EXPECT_EQ(ecn_policy(0).asks, off);
  EXPECT_EQ(ecn_policy(0).accepts, off);
  EXPECT_EQ(ecn_policy(1).asks, classic);
  EXPECT_EQ(ecn_policy(1).accepts, classic);
  EXPECT_EQ(ecn_policy(2).asks, off);
  EXPECT_EQ(ecn_policy(2).accepts, classic);
}

TEST(EcnNegotiation, OnlyBothFlagsOfASynAsk) {
  for (const int flags : {0, kE, kW, kA, kA | kE, kA | kW}) EXPECT_EQ(mode_of_syn(bits(flags), classic), off);
  EXPECT_EQ(mode_of_syn(kE | kW, classic), classic);
  EXPECT_EQ(mode_of_syn(kE | kW | kA, classic), classic);
  EXPECT_EQ(mode_of_syn(kE | kW, off), off);
}

TEST(EcnNegotiation, OnlyEceAloneOfASynAckConfirms) {
  EXPECT_EQ(mode_of_syn_ack(kE, classic), classic);
  for (const int flags : {0, kW, kE | kW}) EXPECT_EQ(mode_of_syn_ack(bits(flags), classic), off);
  EXPECT_EQ(mode_of_syn_ack(kE, off), off);  // nobody asked
}

TEST(EchoChanges, AreToldInTheirOrder) {
  EchoChanges changes;
  EXPECT_TRUE(changes.empty());
  changes.add(SeqNum(1), false);
  changes.add(SeqNum(2), true);
  changes.add(SeqNum(3), false);
  for (std::uint32_t at : {1U, 2U, 3U}) {
    EXPECT_EQ(changes.end(), SeqNum(at));
    EXPECT_EQ(changes.marked(), at == 2);
    changes.pop();
  }
  EXPECT_TRUE(changes.empty());
}

TEST(EchoChanges, AreBounded) {
  EchoChanges changes;
  for (std::uint32_t at = 0; at < 100; ++at) changes.add(SeqNum(at), at % 2 == 1);
  for (std::uint32_t at = 0; at < 8; ++at, changes.pop()) {
    EXPECT_EQ(changes.end(), SeqNum(at));
    EXPECT_EQ(changes.marked(), at % 2 == 1);
  }
  EXPECT_TRUE(changes.empty());
}

}  // namespace
}  // namespace strata::tcp
