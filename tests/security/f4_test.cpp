// Group F4: IPv4 fragmentation and reassembly. Each test is one known attack, and names the counter that
// stops it.
#include <algorithm>
#include <bitset>

#include "base/rng.hpp"
#include "stack/stack_core.hpp"
#include "stack/test_stack.hpp"
#include "strata/udp.hpp"

namespace strata {
namespace {

struct Piece {
  std::uint32_t offset = 0;
  std::uint32_t size = 8;
  bool more = true;
  std::uint16_t id = 1;
  std::uint8_t protocol = kProtocolUdp;
  IpAddress src = kPeerIp;
  std::uint8_t ecn = 0;
  Frame options{};
};

/// One fragment as a frame, with `data` from its offset on.
Frame frame_of(const Piece& piece, const Frame& data) {
  Frame packet(Ipv4Header::kSize);
  Ipv4Header{.src = piece.src,
             .dst = kOurIp,
             .protocol = piece.protocol,
             .ecn = piece.ecn,
             .id = piece.id,
             .more_fragments = piece.more,
             .fragment_offset = static_cast<std::uint16_t>(piece.offset),
             .total_length = static_cast<std::uint16_t>(Ipv4Header::kSize + data.size())}
      .write(packet.data());
  packet = packet + data;
  if (!piece.options.empty()) packet = internet::with_options(packet, piece.options);
  return internet::ethernet(kEtherTypeIpv4, packet);
}

struct F4 : testing::Test {
  F4() {
    socket = *host.stack.bind_udp({.address = kOurIp, .port = 9});
    host.drain();
  }
  void receive(const Piece& piece) { host.receive_frame(frame_of(piece, Frame(piece.size))); }
  void receive(const Piece& piece, const Frame& data) { host.receive_frame(frame_of(piece, data)); }
  /// A UDP datagram to the socket with a right checksum.
  static Frame datagram(std::size_t size, std::uint8_t fill = 'x') {
    Frame data = internet::udp(1000, 9, Frame(size, fill));
    InternetChecksum sum =
        pseudo_header(kPeerIp, kOurIp, kProtocolUdp, static_cast<std::uint32_t>(data.size()));
    sum.add(data);
    store_be(data.data() + 6, udp_checksum_field(sum.finish()));
    return data;
  }
  static Frame part(const Frame& data, std::size_t from, std::size_t size) {
    const auto begin = data.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  }
  /// Whole datagrams that reached the socket.
  std::size_t delivered() {
    std::size_t count = 0;
    while (socket.receive({})) ++count;
    return count;
  }
  std::size_t waiting() { return host.stack.core().internet().reassembly().size(); }
  std::size_t bytes() { return host.stack.core().internet().reassembly().bytes(); }
  std::uint64_t count(Counter counter) const { return host.count(counter); }
  /// A fragmented datagram of an honest peer still arrives.
  void expect_service(std::uint16_t id = 60'000) {
    const Frame data = datagram(2000);
    receive({.offset = 0, .more = true, .id = id}, part(data, 0, 1480));
    receive({.offset = 1480, .more = false, .id = id}, part(data, 1480, data.size() - 1480));
    EXPECT_EQ(delivered(), 1U);
  }

  TestStack host;
  UdpSocket socket;
};

TEST_F(F4, sec_F4_01_a_piece_inside_another_discards_the_datagram) {
  receive({.offset = 0, .size = 64});
  receive({.offset = 16, .size = 8, .more = false});
  EXPECT_EQ(count(Counter::frag_overlap), 1U);
  EXPECT_EQ(bytes(), 0U);
  // All pairs of intervals on a grid, against a map of bits.
  std::uint16_t id = 100;
  for (std::uint32_t a = 0; a < 64; a += 8) {
    for (std::uint32_t b = a + 8; b <= 64; b += 8) {
      for (std::uint32_t c = 0; c < 64; c += 8) {
        for (std::uint32_t d = c + 8; d <= 64; d += 8) {
          std::bitset<64> first;
          std::bitset<64> second;
          for (std::uint32_t i = a; i < b; ++i) first.set(i);
          for (std::uint32_t i = c; i < d; ++i) second.set(i);
          const bool twins = first == second;
          const bool overlap = (first & second).any() && !twins;
          const std::uint64_t before = count(Counter::frag_overlap);
          const std::uint64_t twins_before = count(Counter::frag_duplicate);
          receive({.offset = a, .size = b - a, .id = id});
          receive({.offset = c, .size = d - c, .id = id++});
          ASSERT_EQ(count(Counter::frag_overlap) - before, overlap ? 1U : 0U) << a << b << c << d;
          ASSERT_EQ(count(Counter::frag_duplicate) - twins_before, twins ? 1U : 0U);
        }
      }
    }
  }
  EXPECT_EQ(delivered(), 0U);
  expect_service();
}

TEST_F(F4, sec_F4_02_a_datagram_longer_than_65535_bytes_is_discarded) {
  receive({.offset = 0, .size = 8});
  receive({.offset = 65'528, .size = 16, .more = false});
  EXPECT_EQ(count(Counter::frag_too_long), 1U);
  EXPECT_EQ(bytes(), 0U);
  expect_service();
}

TEST_F(F4, sec_F4_03_the_same_illegal_fragment_for_ever_changes_nothing) {
  for (int i = 0; i < 10'000; ++i) receive({.offset = 65'520, .size = 8, .more = true});
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(count(Counter::frag_too_long), 1U);
  EXPECT_EQ(count(Counter::frag_of_dead), 9'999U);
  EXPECT_EQ(bytes(), 0U);
  EXPECT_EQ(host.stack.blocks_in_use(), 0U);
}

TEST_F(F4, sec_F4_04_overlaps_by_one_unit_and_odd_ends_are_discarded) {
  receive({.offset = 0, .size = 24});
  receive({.offset = 16, .size = 9, .more = false});
  EXPECT_EQ(count(Counter::frag_overlap), 1U);
  receive({.offset = 8, .size = 1, .more = false, .id = 2});  // the end, then the same again but with more
  receive({.offset = 8, .size = 8, .more = true, .id = 2});
  EXPECT_EQ(count(Counter::frag_bad_end), 1U);
  EXPECT_EQ(delivered(), 0U);
  EXPECT_EQ(bytes(), 0U);
}

TEST_F(F4, sec_F4_05_first_and_last_pieces_of_100000_datagrams_stay_in_bounds) {  // Rose
  std::size_t served = 0;
  for (std::uint32_t n = 0; n < 100'000; ++n) {
    const IpAddress src = IpAddress::v4(0xc633'6400U + n % 251);
    receive({.offset = 0, .size = 8, .id = static_cast<std::uint16_t>(n), .src = src});
    receive({.offset = 65'000, .size = 8, .more = false, .id = static_cast<std::uint16_t>(n), .src = src});
    ASSERT_LE(bytes(), 4U << 20);
    ASSERT_LE(waiting(), 1024U);
    if (n % 1000 != 999) continue;
    expect_service(static_cast<std::uint16_t>(n));
    ++served;
  }
  EXPECT_EQ(served, 100U);
  EXPECT_GT(count(Counter::frag_evicted), 90'000U);
}

TEST_F(F4, sec_F4_06_a_datagram_has_64_pieces_at_most) {  // FragmentSmack
  Xoshiro rng(1);
  for (std::uint32_t n = 0; n < 8192; ++n) {
    receive({.offset = below(rng, 8191) * 8, .size = 8, .id = static_cast<std::uint16_t>(n / 100)});
  }
  EXPECT_GT(count(Counter::frag_too_many), 70U);
  EXPECT_LE(bytes(), 256U << 10);
  expect_service();
}

TEST_F(F4, sec_F4_07_no_byte_comes_from_two_versions) {
  const Frame good = datagram(100, 'a');
  const Frame evil = datagram(100, 'b');
  receive({.offset = 0}, part(good, 0, 56));
  receive({.offset = 48, .more = false}, part(evil, 48, 60));
  receive({.offset = 56, .more = false}, part(good, 56, 52));
  EXPECT_EQ(delivered(), 0U);
  EXPECT_EQ(count(Counter::frag_overlap), 1U);
  EXPECT_EQ(count(Counter::frag_of_dead), 1U);
}

TEST_F(F4, sec_F4_08_exact_duplicates_do_no_harm) {
  const Frame data = datagram(100);
  for (int i = 0; i < 3; ++i) receive({.offset = 56, .more = false}, part(data, 56, 52));
  for (int i = 0; i < 3; ++i) receive({.offset = 0}, part(data, 0, 32));
  receive({.offset = 32}, part(data, 32, 24));
  EXPECT_EQ(delivered(), 1U);
  EXPECT_EQ(count(Counter::frag_duplicate), 4U);
}

TEST_F(F4, sec_F4_09_headers_in_tiny_pieces_are_read_when_whole) {  // RFC 1858
  TcpListener listener = host.listen(80);
  const TcpFields fields{.src_port = 5000, .seq = 7, .flags = tcp_flag::kSyn, .options = {.mss = 1460}};
  const Frame segment = tcp_bytes(fields);
  ASSERT_EQ(segment.size(), 24U);
  for (const std::uint32_t at : {16U, 8U, 0U}) {
    EXPECT_TRUE(host.is_silent());
    receive({.offset = at, .more = at < 16, .protocol = kProtocolTcp}, part(segment, at, 8));
  }
  const auto answer = host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->flags, tcp_flag::kSyn | tcp_flag::kAck);
  receive({.offset = 0, .id = 2, .protocol = kProtocolTcp}, part(segment, 0, 8));
  receive({.offset = 8, .more = false, .id = 2, .protocol = kProtocolTcp}, part(segment, 8, 8));
  EXPECT_EQ(count(Counter::tcp_truncated), 1U);  // whole, but no header
}

TEST_F(F4, sec_F4_10_a_piece_that_is_not_last_has_whole_units) {
  receive({.offset = 0, .size = 12});
  EXPECT_EQ(count(Counter::frag_bad_length), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(F4, sec_F4_11_an_empty_piece_takes_no_place) {
  receive({.offset = 0, .size = 0});
  receive({.offset = 8, .size = 0, .more = false});
  EXPECT_EQ(count(Counter::frag_empty), 2U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(F4, sec_F4_12_no_piece_reaches_beyond_the_largest_datagram) {
  for (std::uint32_t offset = 64'000; offset <= 65'528; offset += 8) {
    receive({.offset = offset, .size = 1480, .more = false, .id = static_cast<std::uint16_t>(offset)});
  }
  const std::uint64_t fit = (65'535 - 20 - 1480 - 64'000) / 8 + 1;
  EXPECT_EQ(count(Counter::frag_too_long), 192 - fit);
  EXPECT_EQ(delivered(), 0U);
}

TEST_F(F4, sec_F4_13_two_ends_and_data_behind_the_end_discard_the_datagram) {
  receive({.offset = 64, .size = 8, .more = false, .id = 1});
  receive({.offset = 128, .size = 8, .more = false, .id = 1});
  receive({.offset = 64, .size = 8, .more = false, .id = 2});
  receive({.offset = 128, .size = 8, .more = true, .id = 2});
  receive({.offset = 128, .size = 8, .more = true, .id = 3});
  receive({.offset = 64, .size = 8, .more = false, .id = 3});
  EXPECT_EQ(count(Counter::frag_bad_end), 3U);
  EXPECT_EQ(bytes(), 0U);
}

TEST_F(F4, sec_F4_14_pieces_of_other_protocols_and_marks_do_not_mix) {
  receive({.offset = 0, .protocol = kProtocolTcp});
  receive({.offset = 8, .more = false, .protocol = kProtocolUdp});
  EXPECT_EQ(waiting(), 2U);
  receive({.offset = 0, .id = 2, .ecn = 0});
  receive({.offset = 8, .more = false, .id = 2, .ecn = 3});  // RFC 3168 §5.3: Not-ECT and CE
  EXPECT_EQ(count(Counter::frag_bad_ecn), 1U);
  const Frame data = datagram(100);
  receive({.offset = 0, .id = 3, .ecn = 2}, part(data, 0, 56));
  receive({.offset = 56, .more = false, .id = 3, .ecn = 3}, part(data, 56, 52));
  EXPECT_EQ(delivered(), 1U);
}

TEST_F(F4, sec_F4_15_only_a_datagram_whose_first_piece_came_is_answered) {
  receive({.offset = 8, .id = 1});
  host.advance(Duration::seconds(31));
  EXPECT_TRUE(host.next_frame().empty());
  receive({.offset = 0, .id = 2});
  host.now = host.now + Duration::seconds(31);
  host.stack.advance(host.now);
  const Frame error = host.next_frame();
  ASSERT_GT(error.size(), 42U);
  EXPECT_EQ(error[34], icmp_type::kTimeExceeded);
  EXPECT_EQ(error[35], 1);
  EXPECT_EQ(count(Counter::frag_timeout), 2U);
  // And no more of them than of other errors.
  for (std::uint16_t id = 10; id < 200; ++id) receive({.offset = 0, .id = id});
  host.now = host.now + Duration::seconds(31);
  host.stack.advance(host.now);
  EXPECT_GT(count(Counter::icmp_rate_limited), 0U);
}

TEST_F(F4, sec_F4_16_a_forged_tail_is_not_delivered) {  // RFC 4963
  const Frame good = datagram(100, 'a');
  const Frame evil = datagram(100, 'b');
  receive({.offset = 0, .id = 4711}, part(good, 0, 56));
  for (std::uint32_t id = 0; id < 65'536; ++id) {
    receive({.offset = 56, .more = false, .id = static_cast<std::uint16_t>(4711 + id)}, part(evil, 56, 52));
  }
  EXPECT_EQ(delivered(), 0U);
  EXPECT_EQ(count(Counter::udp_bad_checksum), 1U);
}

TEST_F(F4, sec_F4_17_bytes_behind_the_total_length_are_not_data) {
  const Frame data = datagram(100);
  Frame first = frame_of({.offset = 0}, part(data, 0, 56));
  first.resize(first.size() + 400, 0xee);
  Frame last = frame_of({.offset = 56, .more = false}, part(data, 56, 52));
  last.resize(last.size() + 400, 0xee);
  host.receive_frame(last);
  host.receive_frame(first);
  EXPECT_EQ(delivered(), 1U);
}

TEST_F(F4, sec_F4_18_options_of_the_first_piece_count_and_source_routes_never) {
  const Frame data = datagram(100);
  const Frame source_route{131, 7, 4, 10, 0, 0, 9, 0};
  receive({.offset = 0, .id = 1, .options = source_route}, part(data, 0, 56));
  receive({.offset = 56, .more = false, .id = 1, .options = source_route}, part(data, 56, 52));
  EXPECT_EQ(count(Counter::ip_source_routed), 2U);
  EXPECT_EQ(waiting(), 0U);
  const Frame nothing{1, 1, 1, 1};
  receive({.offset = 0, .id = 2}, part(data, 0, 56));
  receive({.offset = 56, .more = false, .id = 2, .options = nothing}, part(data, 56, 52));
  EXPECT_EQ(delivered(), 1U);
}

}  // namespace
}  // namespace strata
