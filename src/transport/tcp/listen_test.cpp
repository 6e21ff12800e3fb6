// RFC 9293 §3.10.7.1 and §3.10.7.2: segments that meet no connection, and segments that meet a listener.
#include <gtest/gtest.h>

#include "transport/tcp/input.hpp"

namespace strata::tcp {
namespace {

using namespace tcp_flag;

Segment segment_with(std::uint16_t flags, std::uint32_t seq = 1000, std::uint32_t ack = 2000,
                     std::uint32_t size = 0) {
  Segment segment;
  segment.seq = SeqNum(seq);
  segment.ack = SeqNum(ack);
  segment.flags = flags;
  segment.payload_size = size;
  return segment;
}

TEST(NoConnection, AnswersAnAckWithAResetThatHasItsNumber) {
  const auto reset = reset_for(segment_with(kAck | kPsh, 1000, 2000, 10), Cause::rst_no_connection);
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->flags, kRst);
  EXPECT_EQ(reset->seq, SeqNum(2000));
  EXPECT_EQ(reset->cause, Cause::rst_no_connection);
}

TEST(NoConnection, AnswersASegmentWithoutAckByAcknowledgingAllOfIt) {
  struct Row {
    std::uint16_t flags;
    std::uint32_t size;
    std::uint32_t acknowledged;
  };
  for (const Row& row :
       {Row{kSyn, 0, 1001}, Row{kSyn | kFin, 0, 1002}, Row{kSyn, 100, 1101}, Row{0, 7, 1007}}) {
    const auto reset = reset_for(segment_with(row.flags, 1000, 0, row.size), Cause::rst_no_connection);
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->flags, kRst | kAck);
    EXPECT_EQ(reset->seq, SeqNum(0));
    EXPECT_EQ(reset->ack, SeqNum(row.acknowledged));
  }
}

TEST(NoConnection, TheNumbersOfTheResetWrap) {
  const auto reset = reset_for(segment_with(kSyn, 0xffff'ffff), Cause::rst_no_connection);
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->ack, SeqNum(0));
}

TEST(NoConnection, NeverAnswersAReset) {
  for (const std::uint16_t flags : {kRst, static_cast<std::uint16_t>(kRst | kAck)}) {
    EXPECT_FALSE(reset_for(segment_with(flags), Cause::rst_no_connection));
  }
}

TEST(Listen, LooksAtResetThenAckThenSyn) {
  struct Row {
    std::uint16_t flags;
    ListenVerdict verdict;
  };
  constexpr Row kRows[] = {
      {kRst, ListenVerdict::ignore},
      {kRst | kAck, ListenVerdict::ignore},
      {kRst | kSyn, ListenVerdict::ignore},
      {kAck, ListenVerdict::reset},
      {kSyn | kAck, ListenVerdict::reset},
      {kFin | kAck, ListenVerdict::reset},
      {kSyn, ListenVerdict::open},
      {kSyn | kPsh, ListenVerdict::open},
      {kSyn | kEce | kCwr, ListenVerdict::open},
      {kSyn | kFin, ListenVerdict::ignore},
      {kFin, ListenVerdict::ignore},
      {0, ListenVerdict::ignore},
      {kPsh, ListenVerdict::ignore},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(process_listen({}, segment_with(row.flags)), row.verdict) << "flags " << row.flags;
  }
}

TEST(Listen, ParametersDecideAboutOddSyns) {
  TcpConfig config;
  config.reset_syn_ack = false;
  EXPECT_EQ(process_listen(config, segment_with(kSyn | kAck)), ListenVerdict::ignore);
  EXPECT_EQ(process_listen(config, segment_with(kFin | kAck)), ListenVerdict::reset);
  config.syn_fin = TcpSynFin::taken;
  EXPECT_EQ(process_listen(config, segment_with(kSyn | kFin)), ListenVerdict::open);
  EXPECT_EQ(process_listen(config, segment_with(kFin)), ListenVerdict::ignore);
}

}  // namespace
}  // namespace strata::tcp
