#include "bench/support/memory_pair.hpp"

#include "bench/support/measure.hpp"

namespace strata::bench {

MemoryPair::MemoryPair(const MemoryPairOptions& options)
    : client_(options.client, Entropy::from_seed(1)),
      server_(options.server, Entropy::from_seed(2)),
      link_({.capabilities = {.mtu = options.mtu}, .queue_max = options.queue_max}) {
  std::vector<Prefix> addresses;
  for (unsigned i = 0; i < options.client_addresses; ++i) addresses.push_back({client_address(i), 16});
  client_nic_ = attach(client_, {{2, 0, 0, 0, 0, 1}}, client_device_.capabilities(), addresses);
  server_nic_ =
      attach(server_, {{2, 0, 0, 0, 0, 2}}, server_device_.capabilities(), {{server_endpoint().address, 16}});
}

NicId MemoryPair::attach(Stack& stack, MacAddress mac, const LinkCapabilities& link,
                         const std::vector<Prefix>& addresses) {
  const auto nic = stack.add_interface({.mac = mac, .link = link, .addresses = addresses});
  require(nic.has_value(), "the stack refused an interface");
  return *nic;
}

}  // namespace strata::bench
