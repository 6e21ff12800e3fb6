// TCP headers and options: what is accepted, refused and ignored, and the exact bytes that we send.
#include "wire/tcp.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets written(const TcpOptions& options) {
  Octets bytes(kTcpOptionsSizeMax, 0xee);
  bytes.resize(write_tcp_options(options, bytes));
  EXPECT_EQ(bytes.size(), tcp_options_size(options));
  EXPECT_EQ(bytes.size() % 4, 0U);
  return bytes;
}

SeqRange block(std::uint32_t begin, std::uint32_t end) { return {SeqNum(begin), SeqNum(end)}; }

TEST(Tcp, ReadsWhatItWrites) {
  const TcpHeader header{.src_port = 40512,
                         .dst_port = 80,
                         .seq = SeqNum(0xfffffff0),
                         .ack = SeqNum(7),
                         .flags = tcp_flag::kAck | tcp_flag::kPsh | tcp_flag::kAe,
                         .window = 502,
                         .urgent = 3,
                         .options = {.timestamps = TcpTimestamps{.value = 1, .echo = 2}}};
  ASSERT_EQ(header.size(), 32U);
  Octets bytes(header.size() + 4, 0x5a);
  header.write(bytes.data());
  const auto view = TcpView::parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->src_port(), 40512);
  EXPECT_EQ(view->dst_port(), 80);
  EXPECT_EQ(view->seq(), SeqNum(0xfffffff0));
  EXPECT_EQ(view->ack(), SeqNum(7));
  EXPECT_EQ(view->flags(), tcp_flag::kAck | tcp_flag::kPsh | tcp_flag::kAe);
  EXPECT_TRUE(view->has(tcp_flag::kAck));
  EXPECT_FALSE(view->has(tcp_flag::kFin));
  EXPECT_EQ(view->window(), 502);
  EXPECT_EQ(view->checksum(), 0);
  EXPECT_EQ(view->urgent(), 3);
  EXPECT_EQ(view->header_size(), 32U);
  EXPECT_EQ(view->payload().size(), 4U);
  EXPECT_EQ(parse_tcp_options(view->options()), header.options);
}

TEST(Tcp, RefusesEveryTruncation) {
  Octets bytes(32, 0);
  TcpHeader{.options = {.timestamps = TcpTimestamps{}}}.write(bytes.data());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(TcpView::parse(Bytes(bytes).first(size)).error(), ParseError::tcp_truncated) << size;
  }
}

TEST(Tcp, RefusesDataOffsetsBelowFive) {
  Octets bytes(40, 0);
  for (std::uint8_t words = 0; words < 5; ++words) {
    bytes[12] = static_cast<std::uint8_t>(words << 4);
    EXPECT_EQ(TcpView::parse(bytes).error(), ParseError::tcp_bad_data_offset);
  }
}

TEST(TcpOptions, WritesSynAsLinuxDoes) {
  const TcpOptions options{
      .mss = 1460, .wscale = 7, .sack_permitted = true, .timestamps = TcpTimestamps{.value = 1, .echo = 0}};
  EXPECT_EQ(written(options), (Octets{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7}));
}

TEST(TcpOptions, WritesSynAsFreeBsdDoes) {
  TcpOptions options{.order = TcpOptionOrder::freebsd_like, .mss = 1460, .wscale = 6, .sack_permitted = true};
  EXPECT_EQ(written(options), (Octets{2, 4, 0x05, 0xb4, 1, 3, 3, 6, 4, 2, 0, 0}));
  options.timestamps = TcpTimestamps{.value = 1, .echo = 0};
  EXPECT_EQ(written(options), (Octets{2, 4, 0x05, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0}));
  options.sack_permitted = false;
  EXPECT_EQ(written(options), (Octets{2, 4, 0x05, 0xb4, 1, 3, 3, 6, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(written({.order = TcpOptionOrder::freebsd_like, .mss = 1460, .sack_permitted = true}),
            (Octets{2, 4, 0x05, 0xb4, 4, 2, 0, 0}));
  EXPECT_EQ(written({.order = TcpOptionOrder::freebsd_like, .mss = 1460}), (Octets{2, 4, 0x05, 0xb4}));
}

TEST(TcpOptions, InEitherOrderBlocksTakeTheRoomThatIsLeft) {
  TcpOptions options{.order = TcpOptionOrder::freebsd_like,
                     .sack_count = 4,
                     .sack = {block(1, 2), block(3, 4), block(5, 6), block(7, 8)}};
  EXPECT_EQ(parse_tcp_options(written(options))->sack_count, 4);
  options.timestamps = TcpTimestamps{};
  EXPECT_EQ(written(options).size(), kTcpOptionsSizeMax);
  EXPECT_EQ(parse_tcp_options(written(options))->sack_count, 3);
}

TEST(TcpOptions, WritesEachSynOptionAlone) {
  EXPECT_EQ(written({.mss = 536}), (Octets{2, 4, 0x02, 0x18}));
  EXPECT_EQ(written({.wscale = 0}), (Octets{1, 3, 3, 0}));
  EXPECT_EQ(written({.sack_permitted = true}), (Octets{1, 1, 4, 2}));
  EXPECT_EQ(written({}), Octets());
}

TEST(TcpOptions, WritesTimestampsAndSackAligned) {
  const TcpOptions options{
      .sack_count = 1, .timestamps = TcpTimestamps{.value = 5, .echo = 6}, .sack = {block(7, 9)}};
  EXPECT_EQ(written(options),
            (Octets{1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6, 1, 1, 5, 10, 0, 0, 0, 7, 0, 0, 0, 9}));
}

TEST(TcpOptions, LeavesOutTheBlockThatDoesNotFitBesideTimestamps) {
  TcpOptions options{.sack_count = 4, .sack = {block(1, 2), block(3, 4), block(5, 6), block(7, 8)}};
  EXPECT_EQ(parse_tcp_options(written(options))->sack_count, 4);
  options.timestamps = TcpTimestamps{};
  EXPECT_EQ(written(options).size(), kTcpOptionsSizeMax);
  EXPECT_EQ(parse_tcp_options(written(options))->sack_count, 3);
}

TEST(TcpOptions, StopsAtEndOfList) {
  const auto found = parse_tcp_options(Octets{1, 0, 2, 4, 5, 0xb4});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->mss);
}

TEST(TcpOptions, SkipsUnknownKinds) {
  const auto found = parse_tcp_options(Octets{254, 6, 1, 2, 3, 4, 34, 2, 2, 4, 5, 0xb4});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mss, 1460);
}

TEST(TcpOptions, IgnoresKnownKindsOfAnotherLength) {
  for (const Octets& options :
       {Octets{2, 3, 5}, Octets{2, 5, 5, 5, 5}, Octets{3, 2}, Octets{3, 4, 1, 1}, Octets{4, 3, 0},
        Octets{8, 9, 1, 2, 3, 4, 5, 6, 7}, Octets{5, 2}, Octets{5, 9, 1, 2, 3, 4, 5, 6, 7}}) {
    EXPECT_EQ(parse_tcp_options(options), TcpOptions()) << int{options[0]};
  }
}

// RFC 9293 §3.1, MUST-7: an illegal length neither crashes nor loops.
TEST(TcpOptions, RefusesLengthsZeroAndOneAndPastTheEnd) {
  for (const std::uint8_t kind : Octets{2, 3, 4, 5, 8, 34, 255}) {
    for (const std::uint8_t length : Octets{0, 1, 5, 255}) {
      const auto found = parse_tcp_options(Octets{kind, length, 0, 0});
      ASSERT_FALSE(found) << int{kind} << " " << int{length};
      EXPECT_EQ(found.error(), ParseError::tcp_bad_option);
    }
    EXPECT_EQ(parse_tcp_options(Octets{1, 1, 1, kind}).error(), ParseError::tcp_bad_option);
  }
}

TEST(TcpOptions, ReadsTimestampsAloneAndAmongOthersAlike) {
  const TcpTimestamps expected{.value = 0x01020304, .echo = 0x05060708};
  EXPECT_EQ(parse_tcp_options(Octets{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8})->timestamps, expected);
  EXPECT_EQ(parse_tcp_options(Octets{8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1})->timestamps, expected);
  EXPECT_EQ(parse_tcp_options(Octets{8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0})->timestamps, expected);
}

}  // namespace
}  // namespace strata
