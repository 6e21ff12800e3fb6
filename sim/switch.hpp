// A switch that learns where addresses are (IEEE 802.1D), or a hub that does not. Costs no time: its links
// do.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/node.hpp"
#include "strata/address.hpp"

namespace strata::sim {

class Switch : public Node {
 public:
  /// Addresses that are remembered; further ones are flooded.
  static constexpr std::size_t kAddressesMax = 4096;

  Switch(std::string name, bool learns) : Node(std::move(name)), learns_(learns) {}

  void add_port(Pipe& out, const LinkCapabilities&) override { ports_.push_back(&out); }
  void receive(Packet frame, std::size_t port, Instant now) override;
  /// Forgets where addresses are, as after a power cut.
  void forget() { known_.clear(); }

 private:
  void flood(Packet frame, std::size_t from, Instant now);

  bool learns_;
  std::vector<Pipe*> ports_;
  std::map<MacAddress, std::size_t> known_;
};

}  // namespace strata::sim
