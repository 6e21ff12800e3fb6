// One byte there and back: in memory, alone and among many idle connections; over TAP with the kernel's end
// on the same core, and between two namespaces of Linux over veth on that core.
#include "bench/support/idle_connections.hpp"
#include "bench/support/kernel.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/tap_host.hpp"
#include "bench/support/veth.hpp"
#include "strata/host.hpp"

namespace strata::bench {
namespace {

constexpr int kCore = 1;

void pass_byte(TcpStream& from, TcpStream& to, MemoryPair& pair, Instant now, std::uint8_t byte) {
  require(from.send({&byte, 1}).has_value(), "send() failed");
  pair.turn(now);
  if (!any(to.ready() & Ready::readable)) pair.turn(now);
  std::uint8_t got = 0;
  const auto received = to.receive({&got, 1});
  require(received && got == byte, "the byte did not arrive");
}

Sample in_memory(IdleConnections& connections, int rounds) {
  Streams& streams = connections.any();
  const Stopwatch watch;
  for (int i = 0; i < rounds; ++i) {
    const Instant now = monotonic_now();
    const auto byte = static_cast<std::uint8_t>(i);
    pass_byte(streams.client, streams.server, connections.pair(), now, byte);
    pass_byte(streams.server, streams.client, connections.pair(), now, byte);
  }
  return watch.stop(rounds);
}

}  // namespace
}  // namespace strata::bench

int main(int argc, char** argv) {
  using namespace strata::bench;
  take_no_arguments(argc, argv, "the round trip of one byte in memory and over TAP, against Linux over veth");
  enter_private_network();
  pin_to_core(kCore);
  IdleConnections one(1);
  IdleConnections many(100'000);
  TapHost tap(true);
  const Contender contenders[] = {
      {"strata in memory, alone", [&] { return in_memory(one, 1'000'000); }},
      {"strata in memory, among 100,000 connections", [&] { return in_memory(many, 1'000'000); }},
      {"strata over TAP", [&] { return tap.echo(100'000); }},
      {"Linux over veth", [] { return veth_echo(100'000); }},
  };
  const auto results = interleave(contenders, rounds_or(5));
  const double reference = results.back().median(cpu_micros_each);
  Table table({"Round trip of one byte, one core", "µs of CPU, both ends", "against Linux"});
  for (const Series& series : results) {
    const double micros = series.median(cpu_micros_each);
    table.add({series.name, number(micros), ratio(micros, reference)});
  }
  table.print();
}
