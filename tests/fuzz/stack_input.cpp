// Frames of a hostile link into a whole stack that listens on a TCP and a UDP port of both families and takes
// IPv6 addresses from routers. The input is a list of frames, each behind a byte for the milliseconds that
// pass before it and two for its size. What the stack says is pulled and dropped.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/byte_order.hpp"
#include "base/check.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"
#include "strata/udp.hpp"

namespace {

using strata::Instant;

strata::Config small_config() {
  strata::Config config;
  config.buffers.blocks_max = 256;
  config.buffers.packets_max = 128;
  config.buffers.queue_nodes_max = 128;
  config.tables.connections_max = 8;
  config.tables.time_wait_max = 8;
  config.ipv6.dad_transmits = 0;
  return config;
}

/// The stack under attack and an application that reads, echoes and closes.
class Target {
 public:
  Target() : stack_(small_config(), strata::Entropy::from_seed(1)) {
    const std::array<strata::Prefix, 2> addresses{
        {{strata::IpAddress::v4(10, 77, 0, 2), 24}, *strata::parse_prefix("fd77::2/64")}};
    strata::InterfaceConfig interface;
    interface.mac = {{0x02, 0, 0, 0, 0, 2}};
    interface.addresses = addresses;
    interface.autoconf = true;
    nic_ = stack_.add_interface(interface).value();
    listener_ = stack_.listen({.port = 80}).value();
    socket_ = stack_.bind_udp({.port = 53}).value();
  }

  void frame(strata::Bytes bytes, Instant now) {
    stack_.input(nic_, stack_.make_packet(bytes), now);
    turn(now);
  }

  void turn(Instant now) {
    stack_.advance(now);
    stack_.dispatch();
    if (auto accepted = listener_.accept()) stream_ = std::move(*accepted);
    if (stream_) echo();
    std::array<std::uint8_t, 64> datagram{};
    while (socket_.receive(datagram)) {
    }
    stack_.dispatch();
    while (stack_.next_output(nic_, now)) {
    }
  }

 private:
  void echo() {
    std::array<std::uint8_t, 256> bytes{};
    const auto size = stream_.receive(bytes);
    if (size && *size > 0) {
      static_cast<void>(stream_.send({bytes.data(), *size}));
    } else if (size || size.error() != strata::Errc::would_block) {
      stream_.close();
    }
  }

  strata::Stack stack_;
  strata::NicId nic_ = strata::NicId::none;
  strata::TcpListener listener_;
  strata::UdpSocket socket_;
  strata::TcpStream stream_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Target target;
  strata::Bytes rest{data, size};
  Instant now = Instant::from_nanos(1);
  while (rest.size() > 3) {
    now = now + strata::Duration::millis(rest[0]);
    const std::size_t frame =
        std::min<std::size_t>(strata::load_be<std::uint16_t>(&rest[1]), rest.size() - 3);
    target.frame(rest.subspan(3, frame), now);
    rest = rest.subspan(3 + frame);
  }
  for (int turns = 0; turns < 64; ++turns) {
    now = now + strata::Duration::seconds(5);
    target.turn(now);
  }
  return 0;
}
