// A program of somebody else: its own device, with a virtual function and an exception for good measure,
// joins two stacks of one process; a client says hello and hears it back.
#include <array>
#include <cstdio>
#include <deque>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <strata/congestion_control.hpp>
#include <strata/stack.hpp>
#include <strata/tcp.hpp>

namespace {

using Frame = std::vector<std::uint8_t>;

class Wire {
 public:
  virtual ~Wire() = default;
  virtual std::deque<Frame>& towards(int end) = 0;
};

class Cable final : public Wire {
 public:
  std::deque<Frame>& towards(int end) override { return frames_.at(static_cast<std::size_t>(end)); }

 private:
  std::array<std::deque<Frame>, 2> frames_;
};

/// One end of a wire, as poll() wants it: frames copied in and out.
class MyDevice {
 public:
  MyDevice(Wire& wire, int end) : wire_(wire), end_(end) {}

  strata::Packet receive(strata::Stack& stack, strata::Instant) {
    std::deque<Frame>& waiting = wire_.towards(end_);
    if (waiting.empty()) return {};
    strata::Packet packet = stack.make_packet(waiting.front());
    waiting.pop_front();
    return packet;
  }

  bool transmit(strata::Packet& packet, strata::Instant) {
    std::deque<Frame>& queue = wire_.towards(1 - end_);
    if (queue.size() == 16) return false;
    queue.emplace_back(packet.size());
    packet.copy_to(queue.back());
    packet.reset();
    return true;
  }

  void flush() {}
  strata::LinkCapabilities capabilities() const { return {.mtu = 1500}; }

 private:
  Wire& wire_;
  int end_;
};
static_assert(strata::Device<MyDevice>);

/// The value, or an exception that carries the stack's own words.
template <class T>
T must(strata::Result<T> result, const char* what) {
  if (!result) throw std::runtime_error(std::string(what) + ": " + std::string(describe(result.error())));
  return std::move(*result);
}

/// A congestion controller of ours, and how often it was asked.
struct Steady {
  static inline int acks = 0;
  void begin(strata::ControllerWindow& window) { window.cwnd = 4 * window.mss; }
  void on_ack(strata::ControllerWindow&, const strata::ControllerAck&) { ++acks; }
  void on_congestion(strata::ControllerWindow&, strata::ControllerSignal, std::uint32_t) {}
  void undo(strata::ControllerWindow&) {}
};
constexpr strata::ExternalController kSteady = strata::external_controller<Steady>("steady");

strata::Config with_steady() {
  strata::Config config;
  config.tcp.controllers[0] = &kSteady;
  config.tcp.congestion_control = strata::find_controller(config.tcp, "steady").value();
  return config;
}

struct Host {
  Host(Wire& wire, int end)
      : device(wire, end),
        stack(with_steady(), strata::Entropy::from_seed(static_cast<std::uint64_t>(end) + 1)) {
    const auto number = static_cast<std::uint8_t>(end + 1);
    const std::array<strata::Prefix, 1> addresses{{{strata::IpAddress::v4(192, 0, 2, number), 24}}};
    strata::InterfaceConfig config{
        .mac = {{2, 0, 0, 0, 0, number}}, .link = device.capabilities(), .addresses = addresses};
    nic = must(stack.add_interface(config), "add_interface");
  }

  MyDevice device;
  strata::Stack stack;
  strata::NicId nic = strata::NicId::none;
};

void exchange_hello() {
  Cable cable;
  Host server(cable, 0);
  Host client(cable, 1);
  strata::Instant now;
  const auto turn_until = [&](auto done) {
    for (int turn = 0; !done(); ++turn) {
      if (turn == 10'000) throw std::runtime_error("nothing happened for 10 virtual seconds");
      poll(server.stack, server.nic, server.device, now);
      poll(client.stack, client.nic, client.device, now);
      now = now + strata::Duration::millis(1);
    }
  };
  const strata::Endpoint door{.address = strata::IpAddress::v4(192, 0, 2, 1), .port = 7};
  strata::TcpListener listener = must(server.stack.listen(door), "listen");
  strata::TcpStream near = must(client.stack.connect(door, now), "connect");
  turn_until([&] { return any(listener.ready() & strata::Ready::acceptable); });
  strata::TcpStream far = must(listener.accept(), "accept");
  const auto hear = [&](strata::TcpStream& stream) {
    turn_until([&] { return any(stream.ready() & strata::Ready::readable); });
    std::array<std::uint8_t, 16> text{};
    const std::size_t size = must(stream.receive(text), "receive");
    return std::string(strata::as_text({text.data(), size}));
  };
  must(near.send(strata::as_bytes("hello")), "send");
  const std::string heard = hear(far);
  must(far.send(strata::as_bytes(heard)), "send back");
  if (hear(near) != "hello") throw std::runtime_error("other bytes than were sent");
  if (Steady::acks == 0) throw std::runtime_error("nobody asked our controller");
}

}  // namespace

int main() {
  try {
    exchange_hello();
    std::puts("hello went there and back");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "consumer: %s\n", error.what());
    return 1;
  }
}
