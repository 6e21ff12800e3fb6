// Bulk transfer between two stacks of one thread, on one core, every checksum computed and verified and every
// byte compared.
#include <cstring>
#include <vector>

#include "bench/support/kernel.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/memory_pair.hpp"
#include "bench/support/pattern.hpp"
#include "bench/support/veth.hpp"
#include "strata/host.hpp"
#include "wire/checksum.hpp"

namespace strata::bench {
namespace {

const Pattern pattern;

Streams open_connection(MemoryPair& pair) {
  auto listener = pair.server().listen(MemoryPair::server_endpoint());
  auto client = pair.client().connect(MemoryPair::server_endpoint(), monotonic_now());
  require(listener.has_value() && client.has_value(), "no connection");
  pair.settle(monotonic_now());
  auto server = listener->accept();
  require(server.has_value(), "the connection was not established");
  return {.client = std::move(*client), .server = std::move(*server)};
}

std::uint64_t send_all(TcpStream& stream, std::uint64_t at, std::uint64_t total) {
  while (at < total) {
    const auto sent = stream.send(pattern.at(at, total - at));
    if (!sent) break;
    at += *sent;
  }
  return at;
}

std::uint64_t read_all(TcpStream& stream, std::uint64_t at) {
  for (;;) {
    const auto bytes = stream.peek();
    if (!bytes || bytes->empty()) return at;
    require(pattern.matches(at, *bytes), "the payload arrived damaged");
    at += bytes->size();
    stream.consume(bytes->size());
  }
}

Sample transfer(std::size_t mtu, std::uint64_t total) {
  Config config;
  config.buffers.block_size = 4 * 1024;  // a frame shares a part of a block here, it does not fill one
  config.tcp.send_buffer = 256 * 1024;    // what fits a core's own cache
  config.tcp.receive_buffer = 256 * 1024;
  MemoryPair pair({.client = config, .server = config, .mtu = mtu});
  Streams streams = open_connection(pair);
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  const Stopwatch watch;
  while (received < total) {
    const Instant now = monotonic_now();
    sent = send_all(streams.client, sent, total);
    pair.turn(now);
    received = read_all(streams.server, received);
  }
  return watch.stop(static_cast<double>(total));
}

/// What no stack can do without: one copy, the sum twice, one comparison, segment by segment, in a window of
/// memory.
Sample floor_of(std::size_t mss, std::uint64_t total) {
  std::vector<std::uint8_t> window(256 * 1024);
  std::uint64_t at = 0;
  const Stopwatch watch;
  while (at < total) {
    const std::uint64_t begin = at;
    std::uint64_t sums = 0;
    for (std::size_t used = 0; used + mss <= window.size(); used += mss) {
      for (std::size_t done = 0; done < mss;) {
        const Bytes piece = pattern.at(at + done, mss - done);
        std::memcpy(window.data() + used + done, piece.data(), piece.size());
        done += piece.size();
      }
      sums += sum_words(Bytes(window).subspan(used, mss));
      at += mss;
    }
    at = begin;
    for (std::size_t used = 0; used + mss <= window.size(); used += mss) {
      const Bytes segment = Bytes(window).subspan(used, mss);
      sums -= sum_words(segment);
      require(pattern.matches(at, segment), "memory is damaged");
      at += mss;
    }
    require(sums == 0, "memory is damaged");
  }
  return watch.stop(static_cast<double>(at));
}

}  // namespace
}  // namespace strata::bench

int main(int argc, char** argv) {
  using namespace strata::bench;
  take_no_arguments(argc, argv,
                    "bulk transfer between two stacks in memory, against Linux over veth without offload");
  enter_private_network();
  const Contender contenders[] = {
      {"strata, MSS 1460", [] { return transfer(1500, 4'000'000'000); }},
      {"strata, 64 KiB segments", [] { return transfer(65535, 8'000'000'000); }},
      {"only copy, two sums, compare: 1448 bytes", [] { return floor_of(1448, 4'000'000'000); }},
      {"only copy, two sums, compare: 64 KiB", [] { return floor_of(65483, 8'000'000'000); }},
      {"Linux over veth without offload, two cores", [] { return veth_transfer(false, 1'000'000'000); }},
  };
  const auto results = interleave(contenders, rounds_or(5));
  const double reference = results.back().median(cpu_seconds_per_gb);
  Table table(
      {"Bulk transfer in memory, checksums on", "Gbit per CPU second", "CPU s/GB", "CPU against Linux"});
  for (const Series& series : results) {
    const double cpu = series.median(cpu_seconds_per_gb);
    table.add({series.name, number(series.median(gbit_per_cpu_second)), number(cpu), ratio(cpu, reference)});
  }
  table.print();
}
