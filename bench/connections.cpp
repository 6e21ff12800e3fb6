// Short connections: connect, one byte each way, FIN from both ends, TIME-WAIT at the client. In memory on
// one core in virtual time, so that TIME-WAIT records expire; and Linux over its loopback, one process on one
// core.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "bench/support/kernel.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/memory_pair.hpp"

namespace strata::bench {
namespace {

constexpr unsigned kClientAddresses = 64;
constexpr unsigned kAtOnce = 64;

/// As many records as TIME-WAIT holds in the long run, by the pace of the virtual clock.
class ShortConnections {
 public:
  explicit ShortConnections(std::size_t time_wait_records)
      : records_(time_wait_records),
        pair_({.client = config(time_wait_records),
               .server = config(time_wait_records),
               .client_addresses = kClientAddresses}),
        pace_(Duration::seconds(60) * kAtOnce / static_cast<std::int64_t>(time_wait_records)) {
    auto listener = pair_.server().listen(MemoryPair::server_endpoint());
    require(listener.has_value(), "cannot listen");
    listener_ = std::move(*listener);
    while (made_ < time_wait_records + kAtOnce) batch();
  }

  Sample run(std::size_t connections) {
    const std::size_t end = made_ + connections;
    const Stopwatch watch;
    while (made_ < end) batch();
    const Sample sample = watch.stop(static_cast<double>(connections));
    const std::size_t waiting = pair_.client().time_wait_count();
    require(waiting + 2 * kAtOnce >= records_ && waiting <= records_ + 2 * kAtOnce,
            "TIME-WAIT does not hold what it should");
    require(pair_.server().connection_count() == 0, "connections were left over");
    return sample;
  }

 private:
  static Config config(std::size_t time_wait_records) {
    Config config;
    config.tables.addresses_per_interface_max = kClientAddresses;
    config.tables.neighbor_queue_max = kAtOnce;  // the first SYNs all wait for one address
    config.tables.time_wait_max = time_wait_records + 4 * kAtOnce;
    return config;
  }

  void batch() {
    std::array<TcpStream, kAtOnce> clients;
    std::array<TcpStream, kAtOnce> servers;
    for (unsigned i = 0; i < kAtOnce; ++i) {
      const ConnectOptions from{.local = {.address = MemoryPair::client_address(i)}};
      auto stream = pair_.client().connect(MemoryPair::server_endpoint(), from, now_);
      require(stream.has_value(), "connect() failed");
      clients[i] = std::move(*stream);
    }
    pair_.settle(now_);
    for (TcpStream& client : clients) require(client.send(as_bytes("?")).has_value(), "send() failed");
    pair_.settle(now_);
    for (TcpStream& server : servers) server = answer();
    pair_.settle(now_);
    for (TcpStream& client : clients) {
      expect(client, '!');
      client.close();
    }
    pair_.settle(now_);
    for (TcpStream& server : servers) {
      require(any(server.ready() & Ready::peer_closed), "the FIN did not arrive");
      server.close();
    }
    pair_.settle(now_);
    made_ += kAtOnce;
    now_ = now_ + pace_;
  }

  TcpStream answer() {
    auto stream = listener_.accept();
    require(stream.has_value(), "accept() failed");
    expect(*stream, '?');
    require(stream->send(as_bytes("!")).has_value(), "send() failed");
    return std::move(*stream);
  }

  static void expect(TcpStream& stream, std::uint8_t wanted) {
    std::uint8_t byte = 0;
    const auto got = stream.receive({&byte, 1});
    require(got && *got == 1 && byte == wanted, "the byte did not arrive");
  }

  std::size_t records_;
  MemoryPair pair_;
  TcpListener listener_;
  Instant now_ = Instant::from_nanos(1'000'000'000);
  Duration pace_;
  std::size_t made_ = 0;
};

/// The same in Linux: blocking calls of one process never wait here, because the loopback delivers within the
/// call.
class KernelConnections {
 public:
  KernelConnections() {
    const int yes = 1;
    require(::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0, "SO_REUSEADDR");
    require(::bind(listener_, as_sockaddr(server_), sizeof server_) == 0 && ::listen(listener_, 1024) == 0,
            "cannot listen on the loopback");
  }
  ~KernelConnections() { ::close(listener_); }
  KernelConnections(const KernelConnections&) = delete;
  KernelConnections& operator=(const KernelConnections&) = delete;

  Sample run(std::size_t connections) {
    const Stopwatch watch;
    for (std::size_t i = 0; i < connections; ++i) one(static_cast<std::uint32_t>(i % kClientAddresses));
    return watch.stop(static_cast<double>(connections));
  }

 private:
  void one(std::uint32_t number) {
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(client, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    const sockaddr_in from = ipv4_address(IpAddress::v4(0x7f00'0002 + number), 0);
    require(client >= 0 && ::bind(client, as_sockaddr(from), sizeof from) == 0 &&
                ::connect(client, as_sockaddr(server_), sizeof server_) == 0,
            "connect() over the loopback failed");
    const int server = ::accept(listener_, nullptr, nullptr);
    pass_byte(client, server, '?');
    pass_byte(server, client, '!');
    ::close(client);
    char byte = 0;
    require(::recv(server, &byte, 1, 0) == 0, "the FIN did not arrive over the loopback");
    ::close(server);
  }

  static void pass_byte(int from, int to, char byte) {
    char got = 0;
    require(::send(from, &byte, 1, 0) == 1 && ::recv(to, &got, 1, 0) == 1 && got == byte,
            "the byte did not arrive over the loopback");
  }

  int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in server_ = ipv4_address(IpAddress::v4(127, 0, 0, 1), 8080);
};

}  // namespace
}  // namespace strata::bench

int main(int argc, char** argv) {
  using namespace strata::bench;
  take_no_arguments(argc, argv, "short connections per CPU second, against Linux over its loopback");
  enter_private_network();
  ShortConnections few(1'000);
  ShortConnections many(1'000'000);
  KernelConnections kernel;
  const Contender contenders[] = {
      {"strata, 1,000 records in TIME-WAIT", [&] { return few.run(300'000); }},
      {"strata, 1,000,000 records in TIME-WAIT", [&] { return many.run(300'000); }},
      {"Linux, loopback", [&] { return kernel.run(50'000); }},
  };
  const auto results = interleave(contenders, rounds_or(5));
  const double linux_rate = results.back().median(per_cpu_second);
  Table table({"Connections with FIN close, one core", "connections per CPU second", "against Linux"});
  for (const Series& series : results) {
    const double rate = series.median(per_cpu_second);
    table.add({series.name, number(rate), ratio(rate, linux_rate)});
  }
  table.print();
}
