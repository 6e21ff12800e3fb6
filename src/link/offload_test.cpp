#include "link/offload.hpp"

#include <gtest/gtest.h>

#include "link/test_frames.hpp"

namespace strata {
namespace {

using namespace tcp_flag;
using test::flat;
using test::make_segment;
using test::parse_frame;
using test::ParsedFrame;
using test::pattern;
using test::small_pools;

std::vector<Packet> split(Splitter& splitter, Packet packet) {
  std::vector<Packet> frames;
  EXPECT_TRUE(splitter.start(packet));
  while (Packet frame = splitter.next()) frames.push_back(std::move(frame));
  EXPECT_TRUE(splitter.done());
  return frames;
}

/// What the frames carry together; fails the test when one of them is not what a wire may carry.
std::vector<std::uint8_t> reassemble(const std::vector<Packet>& frames, bool ethernet = true) {
  std::vector<std::uint8_t> stream;
  for (const Packet& frame : frames) {
    const auto parsed = parse_frame(flat(frame), ethernet);
    EXPECT_TRUE(parsed && parsed->tcp_checksum_good);
    EXPECT_EQ(frame.meta().gso_size, 0);
    EXPECT_EQ(frame.meta().csum, ChecksumState::unverified);
    if (parsed) stream.insert(stream.end(), parsed->payload.begin(), parsed->payload.end());
  }
  return stream;
}

TEST(Splitter, CutsASuperSegmentIntoFramesThatCarryItsBytes) {
  buf::Pools pools(small_pools());
  for (const bool ethernet : {true, false}) {
    for (const bool ipv6 : {true, false}) {
      for (const std::size_t slice_size : {2048U, 2047U, 1999U}) {
        Splitter splitter({.has_ethernet_header = ethernet});
        const auto frames = split(splitter, make_segment(pools, {.payload = 65000,
                                                                 .gso_size = 1428,
                                                                 .ethernet = ethernet,
                                                                 .ipv6 = ipv6,
                                                                 .slice_size = slice_size}));
        EXPECT_EQ(frames.size(), (65000U + 1427) / 1428);
        EXPECT_EQ(reassemble(frames, ethernet), pattern(65000));
      }
    }
  }
  EXPECT_EQ(pools.blocks.in_use(), 0U);
  EXPECT_EQ(pools.packets.in_use(), 0U);
}

TEST(Splitter, NumbersFramesAndKeepsFlagsWhereTheyBelong) {
  buf::Pools pools(small_pools());
  Splitter splitter({});
  const auto frames = split(splitter, make_segment(pools, {.payload = 10000,
                                                           .gso_size = 3000,
                                                           .seq = 0xffff'f000,
                                                           .flags = kAck | kPsh | kFin | kCwr,
                                                           .ip_id = 0xfffe}));
  ASSERT_EQ(frames.size(), 4U);
  std::vector<ParsedFrame> parsed;
  for (const Packet& frame : frames) parsed.push_back(*parse_frame(flat(frame)));
  EXPECT_EQ(parsed[0].seq, 0xffff'f000U);
  EXPECT_EQ(parsed[2].seq, 0xffff'f000U + 6000U);
  EXPECT_EQ(parsed[3].payload.size(), 1000U);
  EXPECT_EQ(parsed[0].ip_id, 0xfffe);
  EXPECT_EQ(parsed[3].ip_id, 1);
  EXPECT_EQ(parsed[0].flags, kAck | kCwr);
  EXPECT_EQ(parsed[1].flags, kAck);
  EXPECT_EQ(parsed[3].flags, kAck | kPsh | kFin);
}

TEST(Splitter, SharesPayloadInsteadOfCopyingIt) {
  buf::Pools pools(small_pools());
  Splitter splitter({});
  Packet super = make_segment(pools, {.payload = 40000, .gso_size = 1000});
  const std::size_t blocks = pools.blocks.in_use();
  const auto frames = split(splitter, std::move(super));
  EXPECT_EQ(pools.blocks.in_use(), blocks);
}

TEST(Splitter, LeavesChecksumsPartialForADeviceThatCompletesThem) {
  buf::Pools pools(small_pools());
  Splitter splitter({.leave_partial = true});
  auto frames = split(splitter, make_segment(pools, {.payload = 5000, .gso_size = 1448}));
  for (Packet& frame : frames) {
    EXPECT_EQ(frame.meta().csum, ChecksumState::partial);
    EXPECT_FALSE(parse_frame(flat(frame))->tcp_checksum_good);
    ASSERT_TRUE(complete_checksum(frame));
    EXPECT_TRUE(parse_frame(flat(frame))->tcp_checksum_good);
  }
}

TEST(Splitter, TakesBackWhatADeviceRefused) {
  buf::Pools pools(small_pools());
  Splitter splitter({});
  Packet super = make_segment(pools, {.payload = 20000, .gso_size = 1448, .flags = kAck | kPsh | kCwr});
  std::vector<Packet> frames;
  // The device takes three frames, then refuses one; again and again.
  while (super) {
    ASSERT_TRUE(splitter.start(super));
    for (int i = 0; i < 3 && !splitter.done(); ++i) frames.push_back(splitter.next());
    if (splitter.done()) break;
    super = splitter.take_back(splitter.next());
    EXPECT_TRUE(splitter.done());
  }
  EXPECT_EQ(reassemble(frames), pattern(20000));
  EXPECT_EQ(frames.size(), 14U);
  EXPECT_EQ(parse_frame(flat(frames[0]))->flags, kAck | kCwr);
  EXPECT_EQ(parse_frame(flat(frames[3]))->flags, kAck);
  EXPECT_EQ(parse_frame(flat(frames[13]))->flags, kAck | kPsh);
  EXPECT_EQ(parse_frame(flat(frames[13]))->ip_id, static_cast<std::uint16_t>(0xfffe + 13));
}

TEST(Splitter, CutsWhatWasReceivedIntoBlocks) {
  buf::Pools pools(small_pools());
  Packet received = buf::copy_in(pools, flat(make_segment(pools, {.payload = 30000})));
  received.meta() = {.gso_size = 1448, .csum_start = 34, .csum_offset = 16, .csum = ChecksumState::partial};
  Splitter splitter({});
  const auto frames = split(splitter, std::move(received));
  EXPECT_EQ(reassemble(frames), pattern(30000));
}

TEST(Splitter, PassesOrdinaryFramesAndCompletesTheirChecksums) {
  buf::Pools pools(small_pools());
  Splitter splitter({});
  const auto frames = split(splitter, make_segment(pools, {.payload = 1001}));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(reassemble(frames), pattern(1001));
}

TEST(Splitter, PassesFramesThatItDoesNotUnderstand) {
  buf::Pools pools(small_pools());
  const std::vector<std::uint8_t> bytes = pattern(3000);
  Packet frame = buf::copy_in(pools, bytes);
  frame.meta().gso_size = 1000;
  Splitter splitter({});
  const auto frames = split(splitter, std::move(frame));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(flat(frames[0]), bytes);
}

TEST(Splitter, WaitsForAPacketWhenThePoolIsEmpty) {
  buf::Pools pools({.block_size = 2048, .blocks_max = 64, .packets_max = 3, .queue_nodes_max = 4});
  Splitter splitter({});
  Packet super = make_segment(pools, {.payload = 4000, .gso_size = 1000});
  ASSERT_TRUE(splitter.start(super));
  std::vector<Packet> frames;
  frames.push_back(splitter.next());
  frames.push_back(splitter.next());
  EXPECT_FALSE(splitter.next());
  EXPECT_FALSE(splitter.done());
  frames.clear();
  while (Packet frame = splitter.next()) frames.push_back(std::move(frame));
  EXPECT_EQ(frames.size(), 2U);
  EXPECT_EQ(parse_frame(flat(frames[1]))->payload.size(), 1000U);
}

TEST(Splitter, GivesBackOnlyWhatWasNotSentWhenThePoolIsEmpty) {
  buf::Pools pools({.block_size = 2048, .blocks_max = 64, .packets_max = 3, .queue_nodes_max = 4});
  Splitter splitter({});
  Packet super = make_segment(pools, {.payload = 4000, .gso_size = 1000});
  ASSERT_TRUE(splitter.start(super));
  std::vector<Packet> sent;
  sent.push_back(splitter.next());
  sent.push_back(splitter.next());
  Packet none = splitter.next();
  ASSERT_FALSE(none);
  const Packet rest = splitter.take_back(std::move(none));
  EXPECT_EQ(rest.raw()->payload_size, 2000U);
}

TEST(CompleteChecksum, CopiesAHeadThatOthersSee) {
  buf::Pools pools(small_pools());
  Packet frame = buf::copy_in(pools, flat(make_segment(pools, {.payload = 100})));
  frame.meta() = {.csum_start = 34, .csum_offset = 16, .csum = ChecksumState::partial};
  const buf::Slice other = frame.raw()->head_slice.share();
  const std::vector<std::uint8_t> before(other.bytes().begin(), other.bytes().end());
  ASSERT_TRUE(complete_checksum(frame));
  EXPECT_TRUE(parse_frame(flat(frame))->tcp_checksum_good);
  EXPECT_TRUE(std::ranges::equal(other.bytes(), before));
}

}  // namespace
}  // namespace strata
