// UDP sockets: binding, choosing the most specific one, checking what arrives, errors, bounds and wake-ups.
#include <gtest/gtest.h>

#include <vector>

#include "transport/udp/udp_table.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"
#include "wire/udp.hpp"

namespace strata::udp {
namespace {

constexpr IpAddress kOurs = IpAddress::v4(10, 0, 0, 1);
constexpr IpAddress kAlias = IpAddress::v4(10, 0, 0, 9);
constexpr IpAddress kPeer = IpAddress::v4(10, 0, 0, 2);
constexpr IpAddress kStranger = IpAddress::v4(10, 0, 0, 3);

Endpoint on(const IpAddress& address, std::uint16_t port) {
  return {.address = address, .zone = 0, .port = port};
}
Endpoint any(std::uint16_t port) { return on(IpAddress::v4(0), port); }

Config small_config() {
  Config config;
  config.buffers = {.block_size = 2048, .blocks_max = 64, .packets_max = 64, .queue_nodes_max = 4};
  config.tables.udp_sockets_max = 8;
  config.tables.udp_queue_bytes_max = 3 * 2048;
  config.tcp.port_first = 40'000;
  config.tcp.port_last = 40'003;
  return config;
}

struct Fields {
  IpAddress src = kPeer;
  std::uint16_t src_port = 5353;
  IpAddress dst = kOurs;
  std::uint16_t dst_port = 7;
  std::string_view payload = "hello";
};

struct UdpTest : ::testing::Test {
  std::uint32_t bind(const Endpoint& local) {
    const auto index = table.bind(local, rng);
    EXPECT_TRUE(index);
    return *index;
  }

  /// A datagram with a right checksum, as IP would hand it over.
  std::vector<std::uint8_t> bytes_of(const Fields& fields) {
    const Bytes payload = as_bytes(fields.payload);
    UdpHeader header{.src_port = fields.src_port,
                     .dst_port = fields.dst_port,
                     .length = static_cast<std::uint16_t>(UdpHeader::kSize + payload.size())};
    std::vector<std::uint8_t> bytes(UdpHeader::kSize);
    header.write(bytes.data());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    InternetChecksum sum = pseudo_header(fields.src, fields.dst, kProtocolUdp, header.length);
    sum.add(bytes);
    header.checksum = udp_checksum_field(sum.finish());
    header.write(bytes.data());
    return bytes;
  }
  Outcome deliver(const Fields& fields) { return deliver_bytes(bytes_of(fields), fields); }
  Outcome deliver_bytes(const std::vector<std::uint8_t>& bytes, const Fields& fields = {}) {
    packet = buf::copy_in(pools, bytes);
    return table.deliver(packet, {.src = fields.src, .dst = fields.dst});
  }
  /// What a socket reads, or the error's name in brackets.
  std::string read(std::uint32_t index) {
    std::uint8_t buffer[2048];
    last = table.receive(index, buffer);
    if (!last) return "[" + std::string(name(last.error())) + "]";
    return std::string(as_text(Bytes(buffer).first(last->size)));
  }

  Config config = small_config();
  buf::Pools pools{config.buffers};
  Counters counters;
  UdpTable table{config, pools, counters};
  Xoshiro rng{1};
  Packet packet;
  Result<Datagram> last;
};

TEST_F(UdpTest, DeliversInOrderWithAddresses) {
  const auto socket = bind(any(7));
  EXPECT_EQ(read(socket), "[would_block]");
  EXPECT_EQ(deliver({.payload = "one"}), Outcome::queued);
  EXPECT_EQ(deliver({.src = kStranger, .src_port = 9, .payload = "two"}), Outcome::queued);
  EXPECT_EQ(deliver({.payload = ""}), Outcome::queued);
  EXPECT_EQ(read(socket), "one");
  EXPECT_EQ(last->from, on(kPeer, 5353));
  EXPECT_EQ(last->to, on(kOurs, 7));
  EXPECT_EQ(read(socket), "two");
  EXPECT_EQ(last->from, on(kStranger, 9));
  EXPECT_EQ(read(socket), "");
  EXPECT_EQ(last->full_size, 0U);
  EXPECT_EQ(read(socket), "[would_block]");
  EXPECT_EQ(pools.blocks.in_use(), 0U);
}

TEST_F(UdpTest, ATooSmallBufferLosesTheRestAndSaysSo) {
  const auto socket = bind(any(7));
  deliver({.payload = "0123456789"});
  std::uint8_t buffer[4];
  const auto datagram = table.receive(socket, buffer);
  EXPECT_EQ(datagram->size, 4U);
  EXPECT_EQ(datagram->full_size, 10U);
  EXPECT_EQ(read(socket), "[would_block]");
}

TEST_F(UdpTest, TheMostSpecificSocketGetsTheDatagram) {
  const auto by_port = bind(any(7));
  const auto by_address = bind(on(kOurs, 7));
  const auto connected = bind(on(kAlias, 7));
  ASSERT_TRUE(table.connect(connected, on(kPeer, 5353), kAlias));
  deliver({.dst = kAlias, .payload = "from the peer"});
  deliver({.src = kStranger, .dst = kAlias, .payload = "from a stranger"});
  deliver({.payload = "to the address"});
  EXPECT_EQ(read(connected), "from the peer");
  EXPECT_EQ(read(connected), "[would_block]");
  EXPECT_EQ(read(by_port), "from a stranger");
  EXPECT_EQ(read(by_address), "to the address");
}

TEST_F(UdpTest, AConnectedSocketHearsNobodyElse) {
  const auto socket = bind(any(7));
  ASSERT_TRUE(table.connect(socket, on(kPeer, 5353), kOurs));
  EXPECT_EQ(table.local(socket), on(kOurs, 7));
  EXPECT_EQ(table.remote(socket), on(kPeer, 5353));
  EXPECT_EQ(deliver({.src_port = 1}), Outcome::no_port);
  EXPECT_EQ(deliver({.src = kStranger}), Outcome::no_port);
  EXPECT_EQ(deliver({}), Outcome::queued);
  EXPECT_EQ(table.connect(socket, on(kPeer, 1), kOurs).error(), Errc::already_connected);
  EXPECT_EQ(table.connect(bind(any(8)), any(0), kOurs).error(), Errc::invalid_argument);
}

TEST_F(UdpTest, ADatagramToNobodyIsLeftToTheCaller) {
  EXPECT_EQ(deliver({.payload = "lost"}), Outcome::no_port);
  EXPECT_EQ(counters[Counter::udp_no_port], 1U);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet.size(), 12U);
}

TEST_F(UdpTest, RefusesDamagedDatagrams) {
  bind(any(7));
  const auto good = bytes_of({});
  const auto with = [&](std::size_t at, std::uint8_t value) {
    auto bytes = good;
    bytes[at] = value;
    return bytes;
  };
  const auto expect_counted = [&](const std::vector<std::uint8_t>& bytes, Counter reason) {
    const std::uint64_t before = counters[reason];
    EXPECT_EQ(deliver_bytes(bytes), Outcome::dropped);
    EXPECT_EQ(counters[reason], before + 1) << name(reason);
    EXPECT_FALSE(packet);
  };
  expect_counted({}, Counter::udp_truncated);
  expect_counted({good.begin(), good.begin() + 7}, Counter::udp_truncated);
  expect_counted(with(5, 7), Counter::udp_bad_length);   // below the header
  expect_counted(with(5, 14), Counter::udp_bad_length);  // beyond the end
  expect_counted(with(5, 0), Counter::udp_bad_length);
  expect_counted(with(12, 'O'), Counter::udp_bad_checksum);
  expect_counted(with(1, 0x77), Counter::udp_bad_checksum);
  expect_counted(bytes_of({.dst_port = 0}), Counter::udp_bad_port);
  EXPECT_EQ(deliver_bytes(bytes_of({}), {.dst = kAlias}), Outcome::dropped);  // the pseudo header counts
  EXPECT_EQ(pools.blocks.in_use(), 0U);
}

TEST_F(UdpTest, AcceptsNoChecksumPaddingAndTrustedOnes) {
  const auto socket = bind(any(7));
  auto bytes = bytes_of({});
  bytes[6] = bytes[7] = 0;
  EXPECT_EQ(deliver_bytes(bytes), Outcome::queued);
  bytes = bytes_of({.payload = "odd"});
  bytes.insert(bytes.end(), 20, 0xee);
  EXPECT_EQ(deliver_bytes(bytes), Outcome::queued);
  bytes = bytes_of({.payload = "trusted"});
  bytes[7] ^= 1;
  Packet trusted = buf::copy_in(pools, bytes);
  trusted.meta().csum = ChecksumState::partial;
  EXPECT_EQ(table.deliver(trusted, {.src = kPeer, .dst = kOurs}), Outcome::queued);
  EXPECT_EQ(read(socket), "hello");
  EXPECT_EQ(read(socket), "odd");
  EXPECT_EQ(read(socket), "trusted");
}

TEST_F(UdpTest, AFullQueueDropsWhatComesLast) {
  const auto socket = bind(any(7));  // three blocks' worth
  for (int i = 0; i < 3; ++i) EXPECT_EQ(deliver({.payload = "x"}), Outcome::queued);
  EXPECT_EQ(deliver({.payload = "y"}), Outcome::dropped);
  EXPECT_EQ(counters[Counter::udp_queue_full], 1U);
  EXPECT_EQ(read(socket), "x");
  EXPECT_EQ(deliver({.payload = "z"}), Outcome::queued);
}

TEST_F(UdpTest, BindRefusesDuplicatesAndHasABound) {
  for (std::uint16_t port = 1; port <= 8; ++port) bind(any(port));
  EXPECT_EQ(table.bind(any(8), rng).error(), Errc::address_in_use);
  EXPECT_EQ(table.bind(any(9), rng).error(), Errc::no_memory);
}

TEST_F(UdpTest, PortZeroMeansAnyFreePortOfTheRange) {
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 4; ++i) ports.push_back(table.local(bind(any(0))).port);
  std::ranges::sort(ports);
  EXPECT_EQ(ports, (std::vector<std::uint16_t>{40'000, 40'001, 40'002, 40'003}));
  EXPECT_EQ(table.bind(any(0), rng).error(), Errc::address_not_available);
}

TEST_F(UdpTest, CloseForgetsTheSocketAndItsDatagrams) {
  const auto socket = bind(any(7));
  const SocketId id = table.id(socket);
  deliver({});
  EXPECT_TRUE(table.is_open(id));
  table.close(socket);
  EXPECT_FALSE(table.is_open(id));
  EXPECT_EQ(pools.packets.in_use(), 0U);
  EXPECT_EQ(deliver({}), Outcome::no_port);
  EXPECT_TRUE(table.bind(any(7), rng));
  EXPECT_FALSE(table.is_open(id));
}

TEST_F(UdpTest, BuildsADatagramThatTheOtherSideAccepts) {
  const auto socket = bind(any(7));
  for (const std::string_view payload : {"", "x", "even"}) {
    auto built = table.build(socket, on(kPeer, 5353), {.source = kOurs}, as_bytes(payload));
    ASSERT_TRUE(built);
    std::vector<std::uint8_t> bytes(built->size());
    built->copy_to(bytes);
    EXPECT_EQ(bytes,
              bytes_of({.src = kOurs, .src_port = 7, .dst = kPeer, .dst_port = 5353, .payload = payload}));
    EXPECT_EQ(built->head().size(), 8U);
  }
}

TEST_F(UdpTest, LeavesTheChecksumToADeviceThatOffersIt) {
  const auto socket = bind(any(7));
  auto built =
      table.build(socket, on(kPeer, 9), {.source = kOurs, .checksum_offload = true}, as_bytes("abc"));
  ASSERT_TRUE(built);
  EXPECT_EQ(built->meta().csum, ChecksumState::partial);
  EXPECT_EQ(built->meta().csum_start, 0);
  EXPECT_EQ(built->meta().csum_offset, 6);
  EXPECT_EQ(UdpView::parse(built->head(), built->size())->checksum(),
            pseudo_header(kOurs, kPeer, kProtocolUdp, 11).folded());
}

TEST_F(UdpTest, BuildRefusesWhatCannotBeSent) {
  const auto socket = bind(any(7));
  const std::vector<std::uint8_t> large(1473);
  EXPECT_EQ(table.build(socket, on(kPeer, 0), {.source = kOurs}, {}).error(), Errc::invalid_argument);
  EXPECT_EQ(table.build(socket, any(9), {.source = kOurs}, {}).error(), Errc::invalid_argument);
  EXPECT_EQ(table.build(socket, on(kPeer, 9), {.source = kOurs, .payload_max = 1472}, large).error(),
            Errc::message_too_large);
  std::vector<Packet> hoard;
  while (Packet spare = pools.packets.allocate()) hoard.push_back(std::move(spare));
  EXPECT_EQ(table.build(socket, on(kPeer, 9), {.source = kOurs}, {}).error(), Errc::no_memory);
}

TEST_F(UdpTest, AnIcmpErrorIsReportedOnceToAConnectedSocket) {
  const auto socket = bind(any(7));
  EXPECT_FALSE(table.on_icmp_error(on(kOurs, 7), on(kPeer, 5353), Errc::connection_refused));
  ASSERT_TRUE(table.connect(socket, on(kPeer, 5353), kOurs));
  EXPECT_FALSE(table.on_icmp_error(on(kOurs, 7), on(kPeer, 9), Errc::connection_refused));
  deliver({});
  EXPECT_TRUE(table.on_icmp_error(on(kOurs, 7), on(kPeer, 5353), Errc::connection_refused));
  EXPECT_EQ(read(socket), "[connection_refused]");
  EXPECT_EQ(read(socket), "hello");
  EXPECT_EQ(read(socket), "[would_block]");
}

TEST_F(UdpTest, AWakerIsOwedACallPerEdge) {
  int tag = 0;
  const Waker waker{.context = &tag, .function = [](void*, Ready) {}};
  const auto socket = bind(any(7));
  table.set_waker(socket, waker);
  EXPECT_FALSE(table.pop_ready());
  EXPECT_EQ(table.ready(socket), Ready::writable);
  deliver({});
  deliver({});
  EXPECT_EQ(table.ready(socket), Ready::readable | Ready::writable);
  const auto wake = table.pop_ready();
  ASSERT_TRUE(wake);
  EXPECT_EQ(wake->waker.context, &tag);
  EXPECT_TRUE(any(wake->ready & Ready::readable));
  EXPECT_FALSE(table.pop_ready());
  deliver({});
  EXPECT_FALSE(table.pop_ready());  // still readable: no edge
  while (read(socket) != "[would_block]") {
  }
  deliver({});
  EXPECT_TRUE(table.pop_ready());
}

TEST_F(UdpTest, NoWakeForWhatWasReadMeanwhileOrForAClosedSocket) {
  const Waker waker{.context = nullptr, .function = [](void*, Ready) {}};
  const auto socket = bind(any(7));
  table.set_waker(socket, waker);
  deliver({});
  read(socket);
  EXPECT_FALSE(table.pop_ready());
  deliver({});
  table.close(socket);
  EXPECT_FALSE(table.pop_ready());
}

TEST_F(UdpTest, AWakerThatComesLateIsOwedWhatIsReadyAlready) {
  const auto socket = bind(any(7));
  deliver({});
  table.set_waker(socket, {.context = nullptr, .function = [](void*, Ready) {}});
  EXPECT_TRUE(table.pop_ready());
  EXPECT_FALSE(table.pop_ready());
}

}  // namespace
}  // namespace strata::udp
