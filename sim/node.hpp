// What links join: machines, switches. Gets the frames that arrive at its ports.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "sim/pipe.hpp"
#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata::sim {

class Node {
 public:
  explicit Node(std::string name) : name_(std::move(name)) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  const std::string& name() const { return name_; }
  /// A new port; what leaves it goes into `out`. Ports are numbered from 0.
  virtual void add_port(Pipe& out, const LinkCapabilities& link) = 0;
  virtual void receive(Packet frame, std::size_t port, Instant now) = 0;

 private:
  std::string name_;
};

}  // namespace strata::sim
