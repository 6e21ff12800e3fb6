#include "bench/support/veth.hpp"

#include <functional>
#include <string>

#include "bench/support/kernel.hpp"

namespace strata::bench {
namespace {

constexpr IpAddress kFar = IpAddress::v4(10, 78, 0, 2);
constexpr std::uint16_t kPort = 5000;

void configure(const std::string& device, const std::string& address, bool offload) {
  shell("ip addr add " + address + "/24 dev " + device + " && ip link set " + device + " up");
  if (!offload) shell("ethtool -K " + device + " tx off rx off tso off gso off gro off > /dev/null");
}

/// What the far end does with its connection, against what the near end does; no amount is filled in.
Sample over_veth(bool offload, const std::function<void(int socket)>& far,
                 const std::function<void(int socket)>& near) {
  const auto lay_wire = [&](int pid) {
    shell("ip link add near type veth peer name far netns " + std::to_string(pid));
    configure("near", "10.78.0.1", offload);
  };
  Child server(Child::Network::own, lay_wire, [&](const auto& ready) {
    configure("far", "10.78.0.2", offload);
    const int listener = listen_on(kFar, kPort);
    ready();
    far(::accept(listener, nullptr, nullptr));
  });
  server.wait_until_ready();
  const Stopwatch watch;
  Child client(Child::Network::ours, {}, [&](const auto&) { near(connect_to(kFar, kPort)); });
  const double cpu_seconds = client.finish() + server.finish();
  Sample sample = watch.stop(0);
  sample.cpu_seconds = cpu_seconds;
  try_shell("ip link del near");  // or it went with the other namespace already
  return sample;
}

}  // namespace

Sample veth_transfer(bool offload, std::uint64_t total) {
  Sample sample = over_veth(
      offload, [&](int socket) { receive_pattern(socket, total); },
      [&](int socket) { send_pattern(socket, total); });
  sample.amount = static_cast<double>(total);
  return sample;
}

Sample veth_echo(int rounds) {
  Sample sample = over_veth(true, &echo_bytes, [&](int socket) { ask_for_echo(socket, rounds); });
  sample.amount = rounds;
  return sample;
}

}  // namespace strata::bench
