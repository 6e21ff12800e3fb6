#include "bench/support/idle_connections.hpp"

#include "bench/support/measure.hpp"

namespace strata::bench {
namespace {

constexpr unsigned kClientAddresses = 64;

Config many_addresses() {
  Config config;
  config.tables.addresses_per_interface_max = kClientAddresses;
  config.tables.neighbor_queue_max = kClientAddresses;
  return config;
}

}  // namespace

IdleConnections::IdleConnections(std::size_t count)
    : pair_({.client = many_addresses(), .server = many_addresses(), .client_addresses = kClientAddresses}) {
  const Instant now = Instant::from_nanos(1);
  auto listener = pair_.server().listen(MemoryPair::server_endpoint());
  require(listener.has_value(), "cannot listen");
  streams_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const IpAddress from = MemoryPair::client_address(static_cast<unsigned>(i % kClientAddresses));
    auto client = pair_.client().connect(MemoryPair::server_endpoint(), {.local = {.address = from}}, now);
    require(client.has_value(), "cannot connect");
    pair_.settle(now);
    auto server = listener->accept();
    require(server.has_value(), "cannot accept");
    streams_.push_back({.client = std::move(*client), .server = std::move(*server)});
  }
}

}  // namespace strata::bench
