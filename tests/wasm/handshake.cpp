// Two stacks in one module, joined by memory: connect, say hello, close both sides. Proves that the core
// needs nothing of an operating system: time is a number that this loop counts up, and the random bits are a
// seed.
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace {

using strata::Instant;
using strata::TcpState;

/// A stack with one address, and the frames it sends to the other end.
struct Host {
  Host(std::uint64_t seed, std::uint8_t number) : stack(small_config(), strata::Entropy::from_seed(seed)) {
    const std::array<strata::Prefix, 1> addresses{{{strata::IpAddress::v4(10, 77, 0, number), 24}}};
    strata::InterfaceConfig config;
    config.mac = {{0x02, 0, 0, 0, 0, number}};
    config.addresses = addresses;
    nic = stack.add_interface(config).value_or(strata::NicId::none);
  }

  static strata::Config small_config() {
    strata::Config config;
    config.buffers = {.block_size = 2048, .blocks_max = 512, .packets_max = 256, .queue_nodes_max = 256};
    config.tables.connections_max = 16;
    config.tables.time_wait_max = 16;
    return config;
  }

  strata::Stack stack;
  strata::NicId nic = strata::NicId::none;
};

/// Carries every frame that `from` has to the other stack; returns how many.
int carry(Host& from, Host& to, Instant now) {
  int frames = 0;
  while (strata::Packet out = from.stack.next_output(from.nic, now)) {
    std::vector<std::uint8_t> bytes(out.size());
    out.copy_to(bytes);
    to.stack.input(to.nic, to.stack.make_packet(bytes), now);
    ++frames;
  }
  return frames;
}

/// Lets both sides talk, and time pass, until `done` says so; false when 10 virtual seconds were not enough.
template <class Condition>
bool run_until(Host& a, Host& b, Instant& now, Condition done) {
  const Instant limit = now + strata::Duration::seconds(10);
  while (!done()) {
    if (now > limit) return false;
    for (Host* host : {&a, &b}) {
      host->stack.advance(now);
      host->stack.dispatch();
    }
    if (carry(a, b, now) + carry(b, a, now) == 0) now = now + strata::Duration::millis(1);
  }
  return true;
}

bool expect(bool truth, const char* what) {
  std::printf("%s %s\n", truth ? "ok    " : "FAILED", what);
  return truth;
}

bool said_hello(strata::TcpStream& stream) {
  std::array<std::uint8_t, 16> text{};
  const auto got = stream.receive(text);
  return got.has_value() && strata::as_text({text.data(), *got}) == "hello";
}

bool handshake() {
  Host server(1, 1);
  Host client(2, 2);
  Instant now;
  const strata::Endpoint door{.address = strata::IpAddress::v4(10, 77, 0, 1), .port = 80};
  auto listener = server.stack.listen(door);
  auto opened = client.stack.connect(door, now);
  if (!expect(listener.has_value() && opened.has_value(), "listen and connect")) return false;
  strata::TcpStream near = std::move(*opened);
  strata::TcpStream far;
  const bool met = run_until(server, client, now, [&] {
    if (auto accepted = listener->accept()) far = std::move(*accepted);
    return far && near.state() == TcpState::established;
  });
  if (!expect(met && far.state() == TcpState::established, "three-way handshake: ESTABLISHED on both sides"))
    return false;

  bool heard = near.send(strata::as_bytes("hello")).has_value();
  heard = heard && run_until(server, client, now, [&] { return any(far.ready() & strata::Ready::readable); });
  if (!expect(heard && said_hello(far), "the server reads \"hello\"")) return false;

  const bool half = near.shutdown_send().has_value() && run_until(server, client, now, [&] {
                      return near.state() == TcpState::fin_wait_2 && far.state() == TcpState::close_wait;
                    });
  if (!expect(half, "client FIN: FIN-WAIT-2 and CLOSE-WAIT")) return false;
  far.close();
  const bool over = run_until(server, client, now, [&] {
    return server.stack.connection_count() == 0 && client.stack.time_wait_count() == 1;
  });
  return expect(over, "server FIN: CLOSED and TIME-WAIT");
}

}  // namespace

int main() { return handshake() ? 0 : 1; }
