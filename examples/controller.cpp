// A congestion controller of one's own, in a stack of one's own: additive increase, multiplicative decrease
// (RFC 5681 in spirit), and half as fast when the round trip grows. It carries a megabyte between two stacks.
#include <cstdio>
#include <vector>

#include "strata/congestion_control.hpp"
#include "strata/memory_link.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace {

struct Gentle {
  std::uint32_t cwnd_before = 0;
  std::uint32_t ssthresh_before = 0;

  void begin(strata::ControllerWindow&) {}
  void on_ack(strata::ControllerWindow& window, const strata::ControllerAck& ack) {
    if (!ack.cwnd_limited) return;
    const bool slow_start = window.cwnd < window.ssthresh;
    const bool queue_grows = ack.rtt > ack.min_rtt * 2;
    const std::uint64_t growth = slow_start ? ack.acked : std::uint64_t{ack.acked} * window.mss / window.cwnd;
    window.cwnd += static_cast<std::uint32_t>(queue_grows ? growth / 2 : growth);
  }
  void on_congestion(strata::ControllerWindow& window, strata::ControllerSignal, std::uint32_t in_flight) {
    cwnd_before = window.cwnd;
    ssthresh_before = window.ssthresh;
    window.ssthresh = in_flight - in_flight / 4;
  }
  void undo(strata::ControllerWindow& window) {
    window.cwnd = cwnd_before;
    window.ssthresh = ssthresh_before;
  }
};
constexpr strata::ExternalController kGentle = strata::external_controller<Gentle>("gentle");

using namespace strata;
constexpr Endpoint kServer{.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 7};
constexpr std::size_t kSize = 1'000'000;

Config with_controller() {
  Config config;
  config.tcp.controllers[0] = &kGentle;
  config.tcp.congestion_control = find_controller(config.tcp, "gentle").value();
  return config;
}

NicId plug_in(Stack& stack, MemoryLink::End& end, const Prefix& address, const MacAddress& mac) {
  return stack.add_interface({.mac = mac, .link = end.capabilities(), .addresses = {&address, 1}}).value();
}

}  // namespace

int main() {
  Stack server(Config{}, Entropy::from_seed(1));
  Stack client(with_controller(), Entropy::from_seed(2));
  MemoryLink cable;
  const NicId there = plug_in(server, cable.a(), {kServer.address, 24}, {{2, 0, 0, 0, 0, 1}});
  const NicId here = plug_in(client, cable.b(), {IpAddress::v4(10, 0, 0, 2), 24}, {{2, 0, 0, 0, 0, 2}});
  Instant now;
  TcpListener listener = server.listen(kServer).value();
  TcpStream sender = client.connect(kServer, now).value();
  TcpStream receiver;
  const std::vector<std::uint8_t> data(kSize);
  std::size_t sent = 0;
  std::size_t received = 0;
  for (int turn = 0; turn < 10'000 && received < kSize; ++turn) {
    now = now + Duration::millis(1);
    if (const auto n = sender.send(Bytes(data).subspan(sent))) sent += *n;
    poll(client, here, cable.b(), now);
    poll(server, there, cable.a(), now);
    if (auto accepted = listener.accept()) receiver = std::move(*accepted);
    while (receiver) {
      const auto bytes = receiver.peek();
      if (!bytes || bytes->empty()) break;
      received += bytes->size();
      receiver.consume(bytes->size());
    }
  }
  std::printf("%zu bytes, and a window of %u at the end\n", received, sender.info().cwnd);
  return received == kSize && sender.info().cwnd > 30'000 ? 0 : 1;
}
