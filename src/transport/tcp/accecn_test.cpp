// RFC 9768 §3.2, without a connection.
#include "transport/tcp/accecn.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

using ip_ecn::kCe;
using ip_ecn::kEct0;
using ip_ecn::kEct1;
using ip_ecn::kNotEct;

constexpr std::uint32_t kMss = 1000;
constexpr std::size_t kAmple = 40;

TEST(AccEcnHandshake, EachMarkHasItsCode) {  // table 3
  EXPECT_EQ(handshake_ace(kNotEct), 0b010);
  EXPECT_EQ(handshake_ace(kEct1), 0b011);
  EXPECT_EQ(handshake_ace(kEct0), 0b100);
  EXPECT_EQ(handshake_ace(kCe), 0b110);
  for (const std::uint8_t mark : {kNotEct, kEct1, kEct0, kCe})
    EXPECT_EQ(mark_of_handshake(handshake_ace(mark)), mark);
  for (const int unused : {0b000, 0b001, 0b101, 0b111})
    EXPECT_FALSE(mark_of_handshake(static_cast<std::uint8_t>(unused)));
}

TEST(AccEcnHandshake, OnlyCongestionMayChangeAMark) {  // §3.2.2.3
  for (const std::uint8_t sent : {kNotEct, kEct1, kEct0}) {
    for (const std::uint8_t arrived : {kNotEct, kEct1, kEct0, kCe}) {
      const bool valid = arrived == sent || (arrived == kCe && sent != kNotEct);
      EXPECT_EQ(is_valid_transition(sent, arrived), valid);
    }
  }
}

TEST(MarkReceiver, BeginsAsTheRfcSays) {  // §3.2.1
  const MarkReceiver receiver;
  EXPECT_EQ(receiver.ace(), 5);
  EXPECT_EQ(receiver.bytes(), (TcpMarkedBytes{.e0b = 1, .ceb = 0, .e1b = 1}));
  EXPECT_EQ(receiver.counted(), TcpMarkedBytes{});
}

TEST(MarkReceiver, CountsPacketsAndBytesByTheirMark) {
  MarkReceiver receiver;
  receiver.on_packets(kEct0, 2, 2000, true);
  receiver.on_packets(kEct1, 1, 500, true);
  receiver.on_packets(kCe, 3, 3000, true);
  receiver.on_packets(kNotEct, 1, 700, true);
  EXPECT_EQ(receiver.counted(), (TcpMarkedBytes{.e0b = 2000, .ceb = 3000, .e1b = 500}));
  EXPECT_EQ(receiver.packets(), 8U);
  EXPECT_EQ(receiver.ace(), 0);
}

TEST(MarkReceiver, CountsAMarkedSynAckOnce) {  // §3.2.2.2
  MarkReceiver receiver;
  receiver.on_marked_syn_ack();
  receiver.on_marked_syn_ack();
  EXPECT_EQ(receiver.ace(), 6);
}

TEST(MarkReceiver, TheFirstMarkAfterOthersIsAcknowledgedAtOnce) {  // §3.2.2.5.1
  MarkReceiver receiver;
  EXPECT_FALSE(receiver.on_packets(kEct0, 1, kMss, true));
  EXPECT_TRUE(receiver.on_packets(kCe, 1, kMss, true));
  receiver.on_ack_sent(false);
  EXPECT_FALSE(receiver.on_packets(kCe, 1, kMss, true));  // no change, and only one
  EXPECT_TRUE(receiver.on_packets(kCe, 1, kMss, true));   // two since the last ACK
  receiver.on_ack_sent(false);
  EXPECT_FALSE(receiver.on_packets(kEct0, 1, kMss, true));
}

TEST(MarkReceiver, MarkedAcksAreAcknowledgedByThrees) {  // §3.2.2.5.1: so that ACKs of ACKs die out
  MarkReceiver receiver;
  EXPECT_FALSE(receiver.on_packets(kCe, 1, 0, false));
  EXPECT_FALSE(receiver.on_packets(kCe, 1, 0, false));
  EXPECT_TRUE(receiver.on_packets(kCe, 1, 0, false));
}

TEST(MarkReceiver, TellsEverythingWhereThereIsRoom) {
  MarkReceiver receiver;
  receiver.on_packets(kEct0, 1, 100, true);
  const auto option = receiver.option(kAmple);
  ASSERT_TRUE(option);
  EXPECT_EQ(option->fields, 3);
  EXPECT_EQ(option->size(), 11U);
  EXPECT_EQ(option->bytes.e0b, 101U);
}

TEST(MarkReceiver, LeavesOutWhatDidNotChange) {  // §3.2.3.3, necessary option length
  MarkReceiver receiver;
  receiver.on_packets(kEct0, 1, 100, true);
  auto option = receiver.option(8);
  ASSERT_TRUE(option);
  EXPECT_EQ(option->order, TcpAccEcnOrder::e0b_first);
  EXPECT_EQ(option->fields, 1);
  receiver.on_packets(kCe, 1, 100, true);
  option = receiver.option(8);
  ASSERT_TRUE(option);
  EXPECT_EQ(option->order, TcpAccEcnOrder::e0b_first);
  EXPECT_EQ(option->fields, 2);
  receiver.on_packets(kEct1, 1, 100, true);
  EXPECT_FALSE(receiver.option(8));  // all three changed
}

TEST(MarkReceiver, TakesTheOrderThatNeedsLess) {
  MarkReceiver receiver;
  receiver.on_packets(kEct1, 1, 100, true);
  const auto option = receiver.option(8);
  ASSERT_TRUE(option);
  EXPECT_EQ(option->order, TcpAccEcnOrder::e1b_first);
  EXPECT_EQ(option->fields, 1);
}

TEST(MarkReceiver, WhatChangedIsUrgentTwice) {  // §3.2.3.3, change-triggered and continual repetition
  MarkReceiver receiver;
  EXPECT_FALSE(receiver.has_urgent_news());
  receiver.on_packets(kEct0, 1, kMss, true);
  EXPECT_TRUE(receiver.has_urgent_news());
  receiver.on_ack_sent(true);
  receiver.on_packets(kEct0, 1, kMss, true);
  EXPECT_TRUE(receiver.has_urgent_news());
  receiver.on_ack_sent(true);
  receiver.on_packets(kEct0, 1, kMss, true);
  EXPECT_FALSE(receiver.has_urgent_news());
  receiver.on_packets(kCe, 1, kMss, true);
  EXPECT_TRUE(receiver.has_urgent_news());
}

TEST(MarkReceiver, NoCounterMovesFarUntold) {  // §3.2.3.3: 2^22 bytes
  MarkReceiver receiver;
  receiver.on_packets(kEct0, 1, kMss, true);
  receiver.on_ack_sent(true);
  receiver.on_ack_sent(true);
  receiver.on_packets(kEct0, 1, (1U << 22) - 1, true);
  EXPECT_FALSE(receiver.has_urgent_news());
  receiver.on_packets(kEct0, 1, 1, true);
  EXPECT_TRUE(receiver.has_urgent_news());
}

MarkSender::News ack(MarkSender& sender, int ace, std::uint32_t packets, const TcpAccEcn* option = nullptr) {
  return sender.on_ack({.ace = static_cast<std::uint8_t>(ace & 7),
                        .option = option,
                        .delivered = packets * kMss,
                        .mss = kMss});
}

TEST(MarkSender, AddsWhatTheCounterMoved) {
  MarkSender sender;
  EXPECT_EQ(ack(sender, 5, 2).packets, 0U);
  EXPECT_EQ(ack(sender, 6, 2).packets, 1U);
  const auto news = ack(sender, 0, 2);  // around
  EXPECT_EQ(news.packets, 2U);
  EXPECT_EQ(news.bytes, 2 * kMss);
  EXPECT_EQ(sender.packets(), 8U);
}

TEST(MarkSender, TakesTheSafestLikelyCaseWhenAcksWereLost) {  // appendix A.2.1, both examples
  MarkSender nine;
  EXPECT_EQ(ack(nine, 7, 9).packets, 2U);
  MarkSender ten;
  EXPECT_EQ(ack(ten, 7, 10).packets, 10U);
}

TEST(MarkSender, BelievesTheCounterWhereAcksAlwaysCoverMany) {  // appendix A.2.1
  MarkSender sender;
  for (int i = 0; i < 40; ++i) ack(sender, 5, 7);
  EXPECT_EQ(ack(sender, 7, 10).packets, 2U);
}

TEST(MarkSender, BytesTellWhetherTheCounterWentAround) {  // appendix A.2.2, its examples with another MSS
  struct Row {
    int ace;
    std::uint32_t packets;
    std::uint32_t ceb;
    std::uint32_t expected;
  };
  for (const Row& row : {Row{5, 8, 1000, 8}, Row{7, 10, 1000, 2}, Row{4, 15, 6986, 7}}) {
    MarkSender sender;
    TcpAccEcn option{
        .bytes = {.e0b = 1, .ceb = 0, .e1b = 1}, .order = TcpAccEcnOrder::e0b_first, .fields = 3};
    ack(sender, 5, 1, &option);
    option.bytes.ceb = row.ceb;
    EXPECT_EQ(ack(sender, row.ace, row.packets, &option).packets, row.expected) << row.ace;
  }
}

TEST(MarkSender, ReadsEveryLengthInBothOrders) {  // §3.2.3, table 5
  for (const TcpAccEcnOrder order : {TcpAccEcnOrder::e0b_first, TcpAccEcnOrder::e1b_first}) {
    const bool zero_first = order == TcpAccEcnOrder::e0b_first;
    for (std::uint8_t fields = 0; fields <= 3; ++fields) {
      MarkSender sender;
      const TcpAccEcn option{.bytes = {.e0b = 11, .ceb = 22, .e1b = 33}, .order = order, .fields = fields};
      ack(sender, 5, 1, &option);
      EXPECT_EQ(sender.counted().ceb, fields > 1 ? 22U : 0U);
      EXPECT_EQ(sender.counted().e0b, fields > (zero_first ? 0 : 2) ? 10U : 0U);
      EXPECT_EQ(sender.counted().e1b, fields > (zero_first ? 2 : 0) ? 32U : 0U);
    }
  }
}

TEST(MarkSender, CountersOfTheOptionGoAround) {  // §3.2.3.1
  MarkSender sender;
  TcpAccEcn option{.bytes = {.e0b = 1, .ceb = 0x7f'ffff}, .order = TcpAccEcnOrder::e0b_first, .fields = 2};
  ack(sender, 5, 1, &option);
  option.bytes.ceb = 0xff'fffe;
  ack(sender, 5, 1, &option);
  option.bytes.ceb = 1000;
  ack(sender, 5, 1, &option);
  EXPECT_EQ(sender.counted().ceb, (1U << 24) + 1000);
}

TEST(MarkSender, AnOlderOptionDoesNotWindBack) {
  MarkSender sender;
  TcpAccEcn option{.bytes = {.e0b = 5001}, .order = TcpAccEcnOrder::e0b_first, .fields = 1};
  ack(sender, 5, 1, &option);
  option.bytes.e0b = 4001;
  ack(sender, 5, 1, &option);
  EXPECT_EQ(sender.counted().e0b, 5000U);
}

TEST(MarkSender, OptionsThatBeginWithZeroAreIgnored) {  // §3.2.3.2.4
  MarkSender sender;
  TcpAccEcn option{.bytes = {.e0b = 0, .ceb = 0, .e1b = 1}, .order = TcpAccEcnOrder::e0b_first, .fields = 3};
  sender.check_first_option(option);
  EXPECT_FALSE(sender.hears_options());
  option.bytes.ceb = 5000;
  EXPECT_EQ(ack(sender, 6, 1, &option).bytes, kMss);  // as without it
  EXPECT_EQ(sender.counted().ceb, 0U);
}

TEST(MarkSender, FindsBytesWithoutPackets) {  // §3.2.3.2.5
  MarkSender sender;
  TcpAccEcn option{.bytes = {.e0b = 1, .ceb = 0}, .order = TcpAccEcnOrder::e0b_first, .fields = 2};
  EXPECT_FALSE(ack(sender, 5, 1, &option).contradicts);
  option.bytes.ceb = kMss;
  EXPECT_TRUE(ack(sender, 5, 1, &option).contradicts);
}

PathCheck::Verdict run(PathCheck& check, std::uint32_t marked, std::uint32_t capable, bool tells,
                       int rounds) {
  PathCheck::Verdict verdict = PathCheck::Verdict::open;
  SeqNum una;
  for (int i = 0; i < rounds && verdict == PathCheck::Verdict::open; ++i) {
    una += 10 * kMss + 1;
    verdict = check.on_ack({.snd_una = una,
                            .snd_nxt = una + 10 * kMss,
                            .delivered = 10 * kMss,
                            .packets = 10,
                            .marked = marked,
                            .tells_bytes = tells,
                            .capable = capable});
  }
  return verdict;
}

TEST(PathCheck, NoticesThatEverythingIsMarked) {  // §3.2.2.3
  PathCheck check;
  EXPECT_EQ(run(check, 10, 10 * kMss, true, 10), PathCheck::Verdict::always_marked);
  PathCheck nearly;
  EXPECT_EQ(run(nearly, 9, 10 * kMss, true, 10), PathCheck::Verdict::fine);
}

TEST(PathCheck, NoticesThatNothingArrivesAsCapable) {  // appendix A.4
  PathCheck check;
  EXPECT_EQ(run(check, 0, 0, true, 10), PathCheck::Verdict::bleached);
  PathCheck silent;
  EXPECT_EQ(run(silent, 0, 0, false, 10), PathCheck::Verdict::fine);  // without the option, who knows
}

}  // namespace
}  // namespace strata::tcp
