// TAP devices and packet sockets against the real kernel: a packet socket on the kernel's end of a TAP plays
// the kernel.
#include "strata/net_device.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "buf/byte_queue.hpp"
#include "device/test_namespace.hpp"
#include "stack/core_access.hpp"
#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata {
namespace {

constexpr MacAddress kOurMac{{0x02, 0, 0, 0, 0, 2}};
constexpr std::size_t kTcpAt = 34;
constexpr std::size_t kHeaders = 54;

/// An Ethernet frame of an experimental type that no kernel answers (IEEE 802, local experiments).
std::vector<std::uint8_t> experiment(std::size_t size) {
  std::vector<std::uint8_t> frame(size);
  std::iota(frame.begin(), frame.end(), std::uint8_t{0});
  EthernetHeader{.dst = MacAddress::broadcast(), .src = kOurMac, .type = 0x88b5}.write(frame.data());
  return frame;
}

/// A TCP segment with the pseudo-header sum in its checksum field.
std::vector<std::uint8_t> tcp_frame(std::size_t payload) {
  std::vector<std::uint8_t> frame(kHeaders + payload);
  EthernetHeader{.dst = MacAddress::broadcast(), .src = kOurMac, .type = kEtherTypeIpv4}.write(frame.data());
  const std::uint16_t length = static_cast<std::uint16_t>(frame.size() - 14);
  std::uint8_t* ip = frame.data() + 14;
  ip[0] = 0x45;
  store_be(ip + 2, length);
  ip[8] = 64;
  ip[9] = kProtocolTcp;
  store_be(ip + 12, std::uint32_t{0x0a4d0002});
  store_be(ip + 16, std::uint32_t{0x0a4d0001});
  store_be(ip + 10, static_cast<std::uint16_t>(~fold_checksum(sum_words_portable({ip, 20}))));
  std::uint8_t* tcp = frame.data() + kTcpAt;
  store_be(tcp, std::uint16_t{1000});
  store_be(tcp + 2, std::uint16_t{2000});
  store_be(tcp + 12, static_cast<std::uint16_t>(5 << 12 | tcp_flag::kAck));
  std::fill(tcp + 20, tcp + 20 + payload, std::uint8_t{'x'});
  std::uint64_t pseudo = 0x0a4dU + 0x0002 + 0x0a4d + 0x0001 + kProtocolTcp;
  pseudo += static_cast<std::uint64_t>(length - 20);
  store_be(tcp + 16, static_cast<std::uint16_t>(pseudo % 0xffff));
  return frame;
}

/// The checksum of a received TCP frame is complete and right.
bool has_right_checksum(Bytes frame) {
  const Bytes ip = frame.subspan(14);
  const std::uint16_t tcp_size = static_cast<std::uint16_t>(load_be<std::uint16_t>(ip.data() + 2) - 20);
  std::vector<std::uint8_t> summed(ip.begin() + 12, ip.begin() + 20);
  summed.insert(summed.end(), {0, kProtocolTcp, static_cast<std::uint8_t>(tcp_size >> 8),
                               static_cast<std::uint8_t>(tcp_size)});
  summed.insert(summed.end(), ip.begin() + 20, ip.begin() + 20 + tcp_size);
  return fold_checksum(sum_words_portable(summed)) == 0xffff;
}

std::vector<std::uint8_t> bytes_of(const Packet& packet) {
  std::vector<std::uint8_t> bytes(packet.size());
  packet.copy_to(bytes);
  return bytes;
}

class NetDeviceTest : public NamespaceTest {
 protected:
  NetDevice open_tap(bool offload) {
    SystemResult<NetDevice> tap = NetDevice::open_tap({.name = "tap0", .offload = offload});
    EXPECT_TRUE(tap) << tap.error().text;
    return std::move(*tap);
  }
  NetDevice open_kernel_end(const std::string& name = "tap0") {
    SystemResult<NetDevice> end = NetDevice::open_interface({.name = name, .mac = kOurMac});
    EXPECT_TRUE(end) << end.error().text;
    return std::move(*end);
  }
  /// The next frame of `type`: the kernel has a few words of its own to say on a new interface.
  Packet receive(NetDevice& device, std::uint16_t type) {
    for (;;) {
      Packet packet = device.receive(stack_, Instant::from_nanos(7));
      if (!packet) {
        pollfd entry{.fd = device.fd(), .events = POLLIN, .revents = 0};
        if (::poll(&entry, 1, 1000) <= 0) return {};
      } else if (load_be<std::uint16_t>(packet.head().data() + 12) == type) {
        return packet;
      }
    }
  }
  Packet super_segment(std::size_t payload, std::uint16_t gso_size) {
    Packet packet = stack_.make_packet(tcp_frame(payload));
    packet.meta().csum = ChecksumState::partial;
    packet.meta().csum_start = kTcpAt;
    packet.meta().csum_offset = TcpView::kChecksumOffset;
    packet.meta().gso_size = gso_size;
    return packet;
  }

  Stack stack_{Config{}, Entropy::from_seed(1)};
};

TEST_F(NetDeviceTest, FramesCrossATapBothWays) {
  for (const bool offload : {false, true}) {
    NetDevice tap = open_tap(offload);
    NetDevice kernel = open_kernel_end();
    for (const std::size_t size : {60U, 61U, 1514U}) {
      const auto frame = experiment(size);
      Packet out = stack_.make_packet(frame);
      ASSERT_TRUE(tap.transmit(out, Instant()));
      const Packet at_kernel = receive(kernel, 0x88b5);
      ASSERT_TRUE(at_kernel);
      EXPECT_EQ(bytes_of(at_kernel), frame);
      Packet back = stack_.make_packet(frame);
      ASSERT_TRUE(kernel.transmit(back, Instant()));
      const Packet at_tap = receive(tap, 0x88b5);
      ASSERT_TRUE(at_tap);
      EXPECT_EQ(bytes_of(at_tap), frame);
      EXPECT_EQ(at_tap.meta().arrival, Instant::from_nanos(7));
      EXPECT_EQ(at_tap.meta().csum, ChecksumState::unverified);
    }
  }
}

TEST_F(NetDeviceTest, SuperSegmentsCrossATapWhole) {
  NetDevice tap = open_tap(true);
  NetDevice kernel = open_kernel_end();
  const std::size_t payload = tap.capabilities().gso_max;
  for (const auto& [from, to] : {std::pair(&tap, &kernel), std::pair(&kernel, &tap)}) {
    Packet out = super_segment(payload, 1448);
    ASSERT_TRUE(from->transmit(out, Instant()));
    const Packet in = receive(*to, kEtherTypeIpv4);
    ASSERT_TRUE(in);
    EXPECT_EQ(bytes_of(in), tcp_frame(payload));
    EXPECT_EQ(in.meta().gso_size, 1448);
    EXPECT_EQ(in.meta().segments, (payload + 1447) / 1448);
    EXPECT_EQ(in.meta().csum, ChecksumState::partial);
    EXPECT_EQ(in.meta().csum_start, kTcpAt);
    EXPECT_EQ(in.meta().csum_offset, TcpView::kChecksumOffset);
    EXPECT_EQ(in.piece_count(), (kHeaders + payload) / Config().buffers.block_size);
  }
}

TEST_F(NetDeviceTest, WithoutOffloadTheKernelCutsAndCompletes) {
  NetDevice tap = open_tap(false);
  NetDevice kernel = open_kernel_end();
  EXPECT_EQ(tap.capabilities().gso_max, 0U);
  EXPECT_FALSE(tap.capabilities().checksum_offload_tx);
  Packet out = super_segment(3000, 1000);
  ASSERT_TRUE(kernel.transmit(out, Instant()));
  for (int i = 0; i < 3; ++i) {
    const Packet in = receive(tap, kEtherTypeIpv4);
    ASSERT_TRUE(in);
    EXPECT_EQ(in.size(), kHeaders + 1000);
    EXPECT_EQ(in.meta().gso_size, 0);
    EXPECT_TRUE(has_right_checksum(in.head()));
  }
}

TEST_F(NetDeviceTest, ATapForgetsTheOffloadOfItsLastProgram) {
  ASSERT_TRUE(run("ip tuntap add tap0 mode tap"));
  {
    NetDevice offloading = open_tap(true);
  }
  NetDevice tap = open_tap(false);
  NetDevice kernel = open_kernel_end();
  Packet out = super_segment(100, 0);
  ASSERT_TRUE(kernel.transmit(out, Instant()));
  const Packet in = receive(tap, kEtherTypeIpv4);
  ASSERT_TRUE(in);
  EXPECT_TRUE(has_right_checksum(in.head()));
}

TEST_F(NetDeviceTest, AVethPairLeavesChecksumsPartial) {
  SystemResult<Netlink> netlink = Netlink::open();
  ASSERT_TRUE(netlink && netlink->add_veth_pair("left", "right"));
  ASSERT_TRUE(netlink->bring_up("left") && netlink->bring_up("right", 9000));
  ASSERT_TRUE(netlink->wait_until_in_service("left", false) &&
              netlink->wait_until_in_service("right", false));
  NetDevice left = open_kernel_end("left");
  NetDevice right = open_kernel_end("right");
  EXPECT_EQ(right.capabilities().mtu, 9000U);
  Packet out = super_segment(5000, 1448);
  ASSERT_TRUE(left.transmit(out, Instant()));
  const Packet in = receive(right, kEtherTypeIpv4);
  ASSERT_TRUE(in);
  EXPECT_EQ(in.meta().gso_size, 1448);
  EXPECT_EQ(in.meta().csum, ChecksumState::partial);
  while (const Packet other = left.receive(stack_, Instant())) {
    EXPECT_NE(load_be<std::uint16_t>(other.head().data() + 12), kEtherTypeIpv4) << "its own frame came back";
  }
}

TEST_F(NetDeviceTest, OnlyConsumedBlocksAreReplaced) {
  NetDevice tap = open_tap(true);
  NetDevice kernel = open_kernel_end();
  Packet first = stack_.make_packet(experiment(60));
  ASSERT_TRUE(kernel.transmit(first, Instant()));
  first.reset();
  const Packet in = receive(tap, 0x88b5);
  ASSERT_TRUE(in);
  EXPECT_FALSE(tap.receive(stack_, Instant()));
  const std::size_t standing = stack_.blocks_in_use() - 1;
  EXPECT_LE(standing, 34U);
}

TEST_F(NetDeviceTest, FramesWithoutRoomAreLostAndCounted) {
  Config config;
  config.buffers.blocks_max = 4;
  Stack small(config, Entropy::from_seed(1));
  NetDevice tap = open_tap(true);
  NetDevice kernel = open_kernel_end();
  Packet large = super_segment(20'000, 1448);
  ASSERT_TRUE(kernel.transmit(large, Instant()));
  pollfd entry{.fd = tap.fd(), .events = POLLIN, .revents = 0};
  while (tap.frames_lost() == 0 && ::poll(&entry, 1, 1000) > 0) tap.receive(small, Instant());
  EXPECT_EQ(tap.frames_lost(), 1U);
  EXPECT_TRUE(tap.status());
}

TEST_F(NetDeviceTest, ATapThatIsDeletedSaysSo) {
  NetDevice tap = open_tap(true);
  ASSERT_TRUE(run("ip link del tap0"));
  pollfd entry{.fd = tap.fd(), .events = POLLIN, .revents = 0};
  EXPECT_GT(::poll(&entry, 1, 1000), 0);
  EXPECT_FALSE(tap.receive(stack_, Instant()));
  ASSERT_FALSE(tap.status());
  EXPECT_EQ(tap.status().error().text, "the interface \"tap0\" is gone: File descriptor in bad state");
  Packet out = stack_.make_packet(experiment(60));
  EXPECT_TRUE(tap.transmit(out, Instant())) << "nobody should wait for room on it";
}

TEST_F(NetDeviceTest, ATapThatIsTakenDownSaysSo) {
  NetDevice tap = open_tap(true);
  ASSERT_TRUE(run("ip link set tap0 down"));
  Packet out = stack_.make_packet(experiment(60));
  EXPECT_TRUE(tap.transmit(out, Instant()));
  ASSERT_FALSE(tap.status());
  EXPECT_NE(tap.status().error().text.find("was taken down"), std::string::npos);
}

TEST_F(NetDeviceTest, AnInterfaceThatGoesAwaySaysSo) {
  SystemResult<Netlink> netlink = Netlink::open();
  ASSERT_TRUE(netlink && netlink->add_veth_pair("left", "right"));
  ASSERT_TRUE(netlink->bring_up("left") && netlink->bring_up("right"));
  NetDevice left = open_kernel_end("left");
  ASSERT_TRUE(run("ip link del right"));
  while (left.receive(stack_, Instant())) {
  }
  EXPECT_FALSE(left.status());
}

TEST_F(NetDeviceTest, RefusalsSayWhatToDo) {
  const auto error_of_tap = [](const std::string& name) {
    const SystemResult<NetDevice> tap = NetDevice::open_tap({.name = name});
    return tap ? "" : tap.error().text;
  };
  EXPECT_NE(error_of_tap("a-name-that-is-too-long").find("1 to 15 characters"), std::string::npos);
  EXPECT_NE(error_of_tap("lo"), "");
  NetDevice tap = open_tap(true);
  EXPECT_NE(error_of_tap("tap0").find("another program has it open"), std::string::npos);
  const SystemResult<NetDevice> missing = NetDevice::open_interface({.name = "nowhere", .mac = kOurMac});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "asking about the interface \"nowhere\": No such device");
}

}  // namespace
}  // namespace strata
