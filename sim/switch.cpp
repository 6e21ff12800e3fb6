#include "sim/switch.hpp"

#include "link/frame.hpp"
#include "wire/ethernet.hpp"

namespace strata::sim {

void Switch::receive(Packet frame, std::size_t port, Instant now) {
  const auto ethernet = EthernetView::parse(frame.head());
  if (!ethernet) return;
  const MacAddress from = ethernet->src();
  if (learns_ && !from.is_multicast() && (known_.contains(from) || known_.size() < kAddressesMax))
    known_[from] = port;
  const auto known = known_.find(ethernet->dst());
  if (known == known_.end()) return flood(std::move(frame), port, now);
  if (known->second != port) ports_[known->second]->push(std::move(frame), now);
}

void Switch::flood(Packet frame, std::size_t from, Instant now) {
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    if (port == from) continue;
    if (Packet copy = share(frame)) ports_[port]->push(std::move(copy), now);
  }
}

}  // namespace strata::sim
