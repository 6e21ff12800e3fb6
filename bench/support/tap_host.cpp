#include "bench/support/tap_host.hpp"

#include <utility>

#include "bench/support/transfer.hpp"
#include "strata/host.hpp"

namespace strata::bench {
namespace {

constexpr IpAddress kKernel = IpAddress::v4(10, 77, 0, 1);
constexpr IpAddress kOurs = IpAddress::v4(10, 77, 0, 2);

NetDevice open(bool offload) {
  auto device = NetDevice::open_tap({.name = offload ? "bench0" : "bench1",
                                     .offload = offload,
                                     .mtu = {},
                                     .kernel_address = Prefix{kKernel, 24}});
  require(device.has_value(), device ? "" : device.error().text.c_str());
  return std::move(*device);
}

Reactor open_reactor() {
  auto reactor = Reactor::create();
  require(reactor.has_value(), reactor ? "" : reactor.error().text.c_str());
  return std::move(*reactor);
}

/// One byte there and back, again and again.
class EchoClient {
 public:
  EchoClient(TcpStream stream, int rounds) : stream_(std::move(stream)), rounds_(rounds) {
    stream_.set_waker({.context = this, .function = &EchoClient::on_ready});
  }
  EchoClient(const EchoClient&) = delete;
  EchoClient& operator=(const EchoClient&) = delete;

  bool is_connected() const { return stream_.state() == TcpState::established; }
  bool is_done() const { return done_ == rounds_; }
  void send() {
    const auto byte = static_cast<std::uint8_t>(done_);
    require(stream_.send({&byte, 1}).has_value(), "send() failed");
  }

 private:
  static void on_ready(void* context, Ready) {
    auto& self = *static_cast<EchoClient*>(context);
    std::uint8_t byte = 0;
    const auto got = self.stream_.receive({&byte, 1});
    if (!got) return;
    require(*got == 1 && byte == static_cast<std::uint8_t>(self.done_), "the byte did not come back");
    if (++self.done_ < self.rounds_) self.send();
  }

  TcpStream stream_;
  int rounds_;
  int done_ = 0;
};

}  // namespace

TapHost::TapHost(bool offload)
    : stack_(Config{}, host_entropy()), device_(open(offload)), reactor_(open_reactor()), nic_(attach()) {}

NicId TapHost::attach() {
  const Prefix address{kOurs, 24};
  const auto nic = stack_.add_interface(
      {.mac = {{2, 0, 0, 0, 0, 2}}, .link = device_.capabilities(), .addresses = {&address, 1}});
  require(nic && reactor_.attach(stack_, *nic, device_), "the stack refused the device");
  return *nic;
}

template <class F>
void TapHost::run_until(F done) {
  const auto ran = reactor_.run_until(done);
  require(ran.has_value(), ran ? "" : ran.error().text.c_str());
}

TcpStream TapHost::connect() {
  auto stream = stack_.connect({.address = kKernel, .zone = 0, .port = port_}, monotonic_now());
  require(stream.has_value(), "cannot connect");
  return std::move(*stream);
}

Sample TapHost::kernel_sends(std::uint64_t total) {
  auto listener = stack_.listen({.address = kOurs, .zone = 0, .port = ++port_});
  require(listener.has_value(), "cannot listen");
  Child peer(Child::Network::ours, {}, [&](const auto&) { send_pattern(connect_to(kOurs, port_), total); });
  const Stopwatch watch;
  run_until([&] { return listener->ready() == Ready::acceptable; });
  Transfer transfer(std::move(*listener->accept()), Transfer::Direction::in, total);
  return finish(transfer, peer, watch, total);
}

Sample TapHost::kernel_receives(std::uint64_t total) {
  ++port_;
  Child peer(Child::Network::ours, {}, [&](const auto& ready) {
    const int listener = listen_on(kKernel, port_);
    ready();
    receive_pattern(::accept(listener, nullptr, nullptr), total);
  });
  peer.wait_until_ready();
  const Stopwatch watch;
  Transfer transfer(connect(), Transfer::Direction::out, total);
  return finish(transfer, peer, watch, total);
}

Sample TapHost::finish(const Transfer& transfer, Child& peer, const Stopwatch& watch, std::uint64_t total) {
  run_until([&] { return transfer.is_done(); });
  Sample sample = watch.stop(static_cast<double>(total));
  sample.cpu_seconds += peer.finish();
  return sample;
}

Sample TapHost::echo(int rounds) {
  ++port_;
  Child peer(Child::Network::ours, {}, [&](const auto& ready) {
    const int listener = listen_on(kKernel, port_);
    ready();
    echo_bytes(::accept(listener, nullptr, nullptr));
  });
  peer.wait_until_ready();
  const Stopwatch watch;
  {
    EchoClient client(connect(), rounds);
    run_until([&] { return client.is_connected(); });
    client.send();
    run_until([&] { return client.is_done(); });
  }
  Sample sample = watch.stop(rounds);
  run_until([&] { return peer.has_ended(); });
  sample.cpu_seconds += peer.finish();
  return sample;
}

}  // namespace strata::bench
