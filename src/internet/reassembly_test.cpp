// Reassembly as a mechanism: every order of pieces, contradictions, bounds and time, in both families.
#include "internet/reassembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.hpp"
#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

constexpr IpAddress kSource = IpAddress::v4(192, 0, 2, 1);
const IpAddress kV6 = IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

Config config() {
  Config config;
  config.tables.fragmented_datagrams_max = 16;
  return config;
}

struct Fragments : ::testing::Test {
  explicit Fragments(const Config& given = config()) : table(given, 9, pools, counters) {}

  struct Part {
    std::uint32_t offset;
    std::uint32_t size;
    bool more = true;
    std::uint32_t id = 1;
    IpAddress src = kSource;
    std::uint8_t ecn = 0;
    std::uint8_t fill = 0;  ///< added to every byte
  };
  /// Byte n of a datagram is n modulo 251.
  static Frame bytes(const Part& part) {
    Frame data(part.size);
    for (std::uint32_t i = 0; i < part.size; ++i)
      data[i] = static_cast<std::uint8_t>((part.offset + i) % 251 + part.fill);
    return data;
  }
  Reassembly::Whole add(const Part& part) {
    Packet packet = buf::copy_in(pools, Frame(20, 0x45) + bytes(part));
    packet.raw()->trim_head(20);
    return table.add({.key = {.src = part.src, .dst = kOurIp, .id = part.id, .protocol = 17},
                      .offset = part.offset,
                      .more = part.more,
                      .ecn = part.ecn,
                      .header_size = 20},
                     std::move(packet), now);
  }
  static void expect_whole(const Reassembly::Whole& whole, std::uint32_t size) {
    ASSERT_TRUE(whole.packet);
    Frame all(whole.packet.size());
    whole.packet.copy_to(all);
    EXPECT_EQ(all, Frame(20, 0x45) + bytes({.offset = 0, .size = size}));
  }
  std::uint64_t count(Counter counter) const { return counters[counter]; }

  buf::Pools pools{{.block_size = 2048, .blocks_max = 8192, .packets_max = 8192, .queue_nodes_max = 64}};
  Counters counters;
  Instant now = Instant::from_nanos(0);
  Reassembly table;
};

TEST_F(Fragments, AnyOrderOfPiecesWithAnyDuplicatesMakesTheDatagram) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Xoshiro rng(seed);
    const std::uint32_t size = 1 + below(rng, 20'000);
    std::vector<Part> parts;
    for (std::uint32_t at = 0; at < size;) {
      const std::uint32_t n = std::min(size - at, 8 * (40 + below(rng, 180)));
      parts.push_back({.offset = at, .size = n, .more = at + n < size});
      at += n;
    }
    const std::size_t count = parts.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (below(rng, 4) == 0) parts.push_back(parts[i]);
    }
    for (std::size_t i = parts.size(); i > 1; --i) {
      std::swap(parts[i - 1], parts[below(rng, static_cast<std::uint32_t>(i))]);
    }
    std::size_t whole = 0;
    for (const Part& part : parts) {
      if (const auto done = add(part); done.packet) {
        expect_whole(done, size);
        ++whole;
        break;  // a duplicate that comes later begins another one
      }
    }
    EXPECT_EQ(whole, 1U);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.bytes(), 0U);
  }
  EXPECT_EQ(pools.blocks.in_use(), 0U);
}

TEST_F(Fragments, TheLargestDatagramThereIs) {
  constexpr std::uint32_t kSize = 65'535 - 20;
  Reassembly::Whole whole;
  for (std::uint32_t at = 0; at < kSize; at += 1480) {
    const std::uint32_t n = std::min(1480U, kSize - at);
    whole = add({.offset = at, .size = n, .more = at + n < kSize});
  }
  expect_whole(whole, kSize);
}

TEST_F(Fragments, DatagramsOfOneNumberAreToldApartBySourceAndProtocol) {
  add({.offset = 0, .size = 8});
  add({.offset = 0, .size = 8, .src = kOtherIp});
  EXPECT_EQ(table.size(), 2U);
  expect_whole(add({.offset = 8, .size = 3, .more = false, .src = kOtherIp}), 11);
  EXPECT_EQ(table.size(), 1U);
}

TEST_F(Fragments, Ipv6UsesTheSame) {
  add({.offset = 0, .size = 1232, .id = 0xdead'beef, .src = kV6});
  expect_whole(add({.offset = 1232, .size = 100, .more = false, .id = 0xdead'beef, .src = kV6}), 1332);
}

TEST_F(Fragments, WaitsThirtySecondsFromTheFirstPieceAndSixtyInIpv6) {
  EXPECT_TRUE(table.next_deadline().is_never());
  add({.offset = 0, .size = 8, .src = kV6});
  add({.offset = 8, .size = 8});
  EXPECT_EQ(table.next_deadline(), now + Duration::seconds(30));
  now = now + Duration::seconds(29);
  add({.offset = 0, .size = 8});  // moves nothing
  EXPECT_FALSE(table.expire(now));
  now = now + Duration::seconds(1);
  const auto late = table.expire(now);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->first.key.src, kSource);
  EXPECT_EQ(late->packet.size(), 8U);
  EXPECT_FALSE(table.expire(now));
  now = now + Duration::seconds(30);
  EXPECT_TRUE(table.expire(now));
  EXPECT_EQ(count(Counter::frag_timeout), 2U);
  EXPECT_EQ(table.bytes(), 0U);
}

TEST_F(Fragments, ADeadDatagramIsForgottenInTimeWithoutAWord) {
  add({.offset = 0, .size = 16});
  add({.offset = 8, .size = 16});
  EXPECT_EQ(count(Counter::frag_overlap), 1U);
  EXPECT_EQ(table.bytes(), 0U);
  add({.offset = 16, .size = 8, .more = false});
  EXPECT_EQ(count(Counter::frag_of_dead), 1U);
  now = now + Duration::seconds(30);
  EXPECT_FALSE(table.expire(now));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(count(Counter::frag_timeout), 0U);
}

TEST_F(Fragments, OneSourceHasItsShareAndItsOldestGoes) {
  for (std::uint32_t id = 0; id < 12; ++id) {
    for (std::uint32_t at = 0; at < 10; ++at) add({.offset = at * 8, .size = 8, .id = id});
  }
  EXPECT_LE(table.bytes(), config().tables.fragment_source_bytes_max);
  EXPECT_GT(count(Counter::frag_evicted), 0U);
  expect_whole(add({.offset = 80, .size = 8, .more = false, .id = 11}), 88);
}

struct FewBytes : Fragments {
  static Config tight() {
    Config tight = config();
    tight.tables.fragment_bytes_max = 64 * 1024;
    return tight;
  }
  FewBytes() : Fragments(tight()) {}
};

TEST_F(FewBytes, AllTogetherHaveABoundAndTheOldestGoes) {
  for (std::uint32_t n = 0; n < 1000; ++n) {
    add({.offset = 0, .size = 8, .id = n, .src = IpAddress::v4(0x0a01'0000U + n)});
    ASSERT_LE(table.bytes(), 64U * 1024);
    ASSERT_LE(table.size(), 16U);
  }
  expect_whole(
      add({.offset = 8, .size = 8, .more = false, .id = 999, .src = IpAddress::v4(0x0a01'0000U + 999)}), 16);
}

struct FewPackets : Fragments {
  static Config tight() {
    Config tight = config();
    tight.buffers.packets_max = 40;
    return tight;
  }
  FewPackets() : Fragments(tight()) {}
};

TEST_F(FewPackets, PiecesHoldAQuarterOfThemAndTheOldestGoes) {
  for (std::uint32_t n = 0; n < 100; ++n) {
    add({.offset = 0, .size = 8, .id = n, .src = IpAddress::v4(0x0a01'0000U + n)});
    ASSERT_LE(pools.packets.in_use(), 10U);
  }
  EXPECT_EQ(count(Counter::frag_no_room), 0U);
}

TEST_F(Fragments, WithoutBlocksTheDatagramIsLost) {
  buf::Pools none{{.block_size = 2048, .blocks_max = 2, .packets_max = 8, .queue_nodes_max = 8}};
  Reassembly tight(config(), 9, none, counters);
  for (const std::uint32_t at : {0U, 8U}) {
    Packet packet = buf::copy_in(none, Frame(28));
    packet.raw()->trim_head(20);
    const auto whole = tight.add({.key = {.src = kSource, .dst = kOurIp, .id = 1, .protocol = 17},
                                  .offset = at,
                                  .more = at == 0,
                                  .header_size = 20},
                                 std::move(packet), now);
    EXPECT_FALSE(whole.packet);
  }
  EXPECT_EQ(count(Counter::no_block), 1U);
  EXPECT_EQ(none.blocks.in_use(), 0U);
}

// --- In the internet layer ---

struct FragmentsOfHost : ::testing::Test {
  FragmentsOfHost() {
    host.receive(arp({}));
    host.sent();
  }
  static Frame pattern(std::size_t size) {
    Frame data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i % 251);
    return data;
  }
  /// The frames of a datagram, cut as a router with this MTU would.
  static std::vector<Frame> cut(const Frame& data, std::uint8_t protocol, std::size_t mtu) {
    std::vector<Frame> frames;
    const std::size_t room = (mtu - 20) / 8 * 8;
    for (std::size_t at = 0; at < data.size(); at += room) {
      const std::size_t n = std::min(room, data.size() - at);
      Frame header(20);
      Ipv4Header{.src = kPeerIp,
                 .dst = kOurIp,
                 .protocol = protocol,
                 .id = 77,
                 .more_fragments = at + n < data.size(),
                 .fragment_offset = static_cast<std::uint16_t>(at),
                 .total_length = static_cast<std::uint16_t>(20 + n)}
          .write(header.data());
      const auto begin = data.begin() + static_cast<std::ptrdiff_t>(at);
      frames.push_back(
          ethernet(kEtherTypeIpv4, header + Frame(begin, begin + static_cast<std::ptrdiff_t>(n))));
    }
    return frames;
  }
  TestHost host;
};

TEST_F(FragmentsOfHost, AnswersEchoOfAnySizeInFragments) {
  for (const std::size_t size : {std::size_t{1473}, std::size_t{4000}, std::size_t{65'507}}) {
    SCOPED_TRACE(size);
    const Frame payload = pattern(size);
    for (const Frame& frame : cut(icmp_echo(false, 5, 6, payload), kProtocolIcmp, 1500)) host.receive(frame);
    Frame answer;
    std::uint16_t id = 0;
    for (Frame frame = host.next_frame(); !frame.empty(); frame = host.next_frame()) {
      ASSERT_LE(frame.size(), 1514U);
      const auto ip = Ipv4View::parse(Bytes(frame).subspan(14));
      ASSERT_TRUE(ip);
      EXPECT_FALSE(ip->dont_fragment());
      EXPECT_EQ(ip->fragment_offset(), answer.size());
      if (!answer.empty()) {
        EXPECT_EQ(ip->id(), id);
      }
      id = ip->id();
      answer.insert(answer.end(), frame.begin() + 34, frame.end());
      EXPECT_EQ(ip->more_fragments(), answer.size() < size + 8);
    }
    EXPECT_EQ(answer, icmp_echo(true, 5, 6, payload));
  }
  EXPECT_EQ(host.count(Counter::frag_whole), 3U);
  EXPECT_EQ(host.count(Counter::frag_split), 3U);
  EXPECT_EQ(host.pools.packets.in_use(), 0U);
}

TEST_F(FragmentsOfHost, SendsEchoOfTheLargestSize) {
  const Frame payload(65'507);
  EXPECT_TRUE(host.net.send_echo(kPeerIp, 1, 1, payload, host.now));
  EXPECT_EQ(host.sent().size(), 45U);
  EXPECT_EQ(host.net.send_echo(kPeerIp, 1, 1, Frame(65'508), host.now).error(), Errc::message_too_large);
}

TEST_F(FragmentsOfHost, ADatagramThatWasWholeIsQuotedWhole) {
  const auto frames = cut(udp(1, 9, pattern(3000)), kProtocolUdp, 576);
  Input input;
  for (const Frame& frame : frames) input = host.receive(frame);
  ASSERT_EQ(input.kind, Input::Kind::transport);
  EXPECT_EQ(host.rest.size(), 3008U);
  EXPECT_TRUE(input.delivery.is_fragment);
  host.net.send_unreachable(IcmpErrorKind::port_unreachable, input.delivery, host.rest, host.now);
  const Frame error = host.next_frame();
  ASSERT_GT(error.size(), 14U + 20 + 8 + 28);
  const auto quote = Ipv4View::parse_quoted(Bytes(error).subspan(42));
  ASSERT_TRUE(quote);
  EXPECT_EQ(quote->total_length(), 3028U);
  EXPECT_FALSE(quote->is_fragment());
}

TEST_F(FragmentsOfHost, FragmentsGoNoFurtherThanThePath) {
  host.net.narrow_path(kPeerIp, 600, host.now);
  EXPECT_TRUE(host.net.send_echo(kPeerIp, 1, 1, Frame(1472), host.now));
  std::size_t count = 0;
  for (Frame frame = host.next_frame(); !frame.empty(); frame = host.next_frame(), ++count) {
    EXPECT_LE(frame.size(), 614U);
  }
  EXPECT_EQ(count, 3U);
}

TEST_F(FragmentsOfHost, NumbersCannotBeGuessedNorCountedFromElsewhere) {  // RFC 6864, RFC 7739
  const auto id_of_next = [&](const IpAddress& to) {
    EXPECT_TRUE(host.net.send_echo(to, 1, 1, Frame(1473), host.now));
    const Frame frame = host.next_frame();
    host.sent();
    return load_be<std::uint16_t>(frame.data() + 18);
  };
  host.receive(arp({.sender_mac = kOtherMac, .sender_ip = kOtherIp}));
  host.sent();
  std::vector<std::uint16_t> steps;
  std::uint16_t before = id_of_next(kPeerIp);
  for (int i = 0; i < 20; ++i) {
    for (int n = 0; n < i; ++n) id_of_next(kOtherIp);
    const std::uint16_t id = id_of_next(kPeerIp);
    steps.push_back(static_cast<std::uint16_t>(id - before));
    before = id;
  }
  for (const std::uint16_t step : steps) {
    EXPECT_GE(step, 1);
    EXPECT_LE(step, 64);  // how much went to another host does not show
  }
  std::ranges::sort(steps);
  EXPECT_GT(std::unique(steps.begin(), steps.end()) - steps.begin(), 8);
}

}  // namespace
}  // namespace strata::internet
