// Bad TCP from the wire: each kind raises its own counter, is never answered, and makes no connection.
#include "stack/test_stack.hpp"

namespace strata {
namespace {

TcpFields syn() { return {.seq = 1000, .flags = tcp_flag::kSyn}; }

Frame in_frame(const Frame& segment, const IpAddress& dst = kOurIp) {
  return internet::ethernet(kEtherTypeIpv4, internet::ipv4({.dst = dst, .protocol = kProtocolTcp}, segment));
}

/// A SYN whose option bytes are as given, padded to words, with a good checksum.
Frame syn_with_options(Frame options) {
  while (options.size() % 4 != 0) options.push_back(0);
  Frame segment = tcp_bytes(syn()) + options;
  segment[12] = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
  fix_tcp_checksum(segment, kPeerIp, kOurIp);
  return in_frame(segment);
}

Frame syn_with_offset(std::uint8_t words) {
  Frame segment = tcp_bytes(syn());
  segment[12] = static_cast<std::uint8_t>(words << 4);
  fix_tcp_checksum(segment, kPeerIp, kOurIp);
  return in_frame(segment);
}

Frame syn_to(const IpAddress& dst) {
  TcpFields fields = syn();
  fields.dst = dst;
  return in_frame(tcp_bytes(fields), dst);
}

/// The listener would answer a good SYN; this frame it must not.
void expect_dropped(const Frame& frame, Counter reason) {
  TestStack host;
  const TcpListener listener = host.listen(80);
  host.receive_frame(frame);
  EXPECT_EQ(host.count(reason), 1U) << name(reason);
  EXPECT_TRUE(host.is_silent()) << name(reason);
  EXPECT_EQ(host.stack.connection_count(), 0U);
  EXPECT_EQ(host.stack.blocks_in_use(), 0U);
}

TEST(BadInput, TheGoodOneIsAnswered) {
  TestStack host;
  const TcpListener listener = host.listen(80);
  host.receive(syn());
  EXPECT_TRUE(host.next_segment());
}

TEST(BadInput, Runts) {
  const Frame whole = tcp_bytes(syn());
  for (const std::size_t size : {0U, 1U, 4U, 12U, 13U, 19U}) {
    expect_dropped(in_frame(Frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
                   Counter::tcp_truncated);
  }
}

TEST(BadInput, ADataOffsetBelowFive) {
  for (std::uint8_t words = 0; words < 5; ++words)
    expect_dropped(syn_with_offset(words), Counter::tcp_bad_data_offset);
}

TEST(BadInput, ADataOffsetBeyondTheEnd) {
  for (std::uint8_t words = 6; words < 16; ++words)
    expect_dropped(syn_with_offset(words), Counter::tcp_truncated);
}

TEST(BadInput, ABadChecksum) {
  Frame frame = tcp_frame(syn());
  frame.back() ^= 1;
  expect_dropped(frame, Counter::tcp_bad_checksum);
}

TEST(BadInput, AnyFlippedBitOfTheSegment) {
  const Frame good = tcp_frame({.seq = 1000, .flags = tcp_flag::kSyn, .payload = "payload"});
  const std::size_t first = EthernetHeader::kSize + Ipv4Header::kSize;
  for (std::size_t bit = first * 8; bit < good.size() * 8; ++bit) {
    TestStack host;
    const TcpListener listener = host.listen(80);
    Frame frame = good;
    frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ 1U << bit % 8);
    host.receive_frame(frame);
    EXPECT_TRUE(host.is_silent()) << "bit " << bit;
  }
}

TEST(BadInput, OptionsOfLengthZeroAndOne) {
  expect_dropped(syn_with_options({2, 0, 5, 180}), Counter::tcp_bad_option);
  expect_dropped(syn_with_options({2, 1, 5, 180}), Counter::tcp_bad_option);
  expect_dropped(syn_with_options({254, 0, 0, 0}), Counter::tcp_bad_option);
}

TEST(BadInput, OptionsThatLeadPastTheEnd) {
  expect_dropped(syn_with_options({2, 5, 5, 180}), Counter::tcp_bad_option);
  expect_dropped(syn_with_options({1, 1, 1, 2}), Counter::tcp_bad_option);
  expect_dropped(syn_with_options({8, 255, 0, 0}), Counter::tcp_bad_option);
}

TEST(BadInput, UnknownOptionsAndOddLengthsAreSkipped) {
  for (const Frame& options :
       {Frame{254, 4, 1, 2}, Frame{2, 3, 9, 0}, Frame{3, 4, 9, 9}, Frame{0, 2, 0, 0}}) {
    TestStack host;
    const TcpListener listener = host.listen(80);
    host.receive_frame(syn_with_options(options));
    EXPECT_TRUE(host.next_segment());
  }
}

TEST(BadInput, PortZero) {
  TcpFields fields = syn();
  fields.src_port = 0;
  expect_dropped(tcp_frame(fields), Counter::tcp_bad_port);
  fields = syn();
  fields.dst_port = 0;
  expect_dropped(tcp_frame(fields), Counter::tcp_bad_port);
}

TEST(BadInput, ToMany) {
  expect_dropped(syn_to(IpAddress::v4(10, 0, 0, 255)), Counter::tcp_to_group);
  expect_dropped(syn_to(IpAddress::v4(0xffff'ffff)), Counter::tcp_to_group);
}

TEST(BadInput, FlagsThatOpenNothing) {
  for (const std::uint16_t flags : std::initializer_list<std::uint16_t>{0, 1, 8, 3, 32}) {
    TcpFields fields = syn();
    fields.flags = flags;
    expect_dropped(tcp_frame(fields), Counter::tcp_bad_flags);
  }
}

TEST(BadInput, SegmentsForNobodyEarnAReset) {
  TestStack host;
  host.receive({.seq = 1000, .ack = 7, .payload = "hello"});
  auto answer = host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->flags, tcp_flag::kRst);
  EXPECT_EQ(answer->seq, 7U);
  EXPECT_EQ(answer->src_port, 80);
  EXPECT_EQ(answer->dst_port, 40'000);
  host.receive({.seq = 1000, .flags = tcp_flag::kSyn});
  answer = host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->flags, tcp_flag::kRst | tcp_flag::kAck);
  EXPECT_EQ(answer->ack, 1001U);
  host.receive({.seq = 1000, .flags = tcp_flag::kRst});
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.count(Counter::tcp_no_port), 3U);
  EXPECT_EQ(host.count(Counter::tcp_rst_out), 2U);
}

TEST(BadInput, SynWithFinWhereTheParameterSaysSo) {
  Config config = TestStack::small_config();
  config.tcp.syn_fin = TcpSynFin::dropped;
  TestStack host(config);
  TcpFields fields = syn();
  fields.flags |= tcp_flag::kFin;
  host.receive(fields);  // nobody listens: a SYN would be refused
  EXPECT_EQ(host.count(Counter::tcp_bad_flags), 1U);
  EXPECT_TRUE(host.is_silent());
  host.receive(syn());
  EXPECT_TRUE(host.next_segment());
}

}  // namespace
}  // namespace strata
