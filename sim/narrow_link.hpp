// A router in front of a narrower link: what does not fit and says "don't fragment" is dropped, and its
// sender told or not (a black hole). What may be fragmented is let through whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "strata/bytes.hpp"

namespace strata::sim {

struct NarrowConfig {
  std::size_t mtu = 0;    ///< 0: as wide as anything
  bool answers = true;    ///< false: nothing is heard of what was dropped
  bool names_mtu = true;  ///< false: as routers did before RFC 1191
};

class NarrowLink {
 public:
  void set(const NarrowConfig& config) { config_ = config; }
  /// Whether an Ethernet frame gets through.
  bool lets_through(Bytes frame) const;
  /// The ICMP error about a frame that did not, as an Ethernet frame back; empty: nothing is said.
  std::vector<std::uint8_t> answer_to(Bytes frame) const;

 private:
  NarrowConfig config_;
};

}  // namespace strata::sim
