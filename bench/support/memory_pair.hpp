// Two stacks and a cable between them in one thread. Checksums are computed by the sender's splitter and
// verified by the receiver, as on a wire without offload.
#pragma once

#include <vector>

#include "link/split_device.hpp"
#include "strata/address.hpp"
#include "strata/memory_link.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace strata::bench {

struct MemoryPairOptions {
  Config client;
  Config server;
  std::size_t mtu = 1500;
  std::size_t queue_max = 1024;
  unsigned client_addresses = 1;
};

class MemoryPair {
 public:
  static constexpr Endpoint server_endpoint() {
    return {.address = IpAddress::v4(10, 99, 255, 1), .zone = 0, .port = 80};
  }
  static constexpr IpAddress client_address(unsigned i) { return IpAddress::v4(0x0a63'0001U + i); }

  explicit MemoryPair(const MemoryPairOptions& options);

  /// One turn of each stack; how many frames moved.
  std::size_t turn(Instant now) { return turn_client(now) + turn_server(now); }
  std::size_t turn_client(Instant now) { return moved(poll(client_, client_nic_, client_device_, now)); }
  std::size_t turn_server(Instant now) { return moved(poll(server_, server_nic_, server_device_, now)); }
  /// Until nothing moves any more.
  void settle(Instant now) {
    while (turn(now) > 0) {
    }
  }

  Stack& client() { return client_; }
  Stack& server() { return server_; }

 private:
  static std::size_t moved(const PollResult& result) { return result.received + result.sent; }
  static NicId attach(Stack& stack, MacAddress mac, const LinkCapabilities& link,
                      const std::vector<Prefix>& addresses);

  Stack client_;
  Stack server_;
  MemoryLink link_;
  SplitDevice<MemoryLink::End> client_device_{link_.a()};
  SplitDevice<MemoryLink::End> server_device_{link_.b()};
  NicId client_nic_;
  NicId server_nic_;
};

/// A connection from both sides.
struct Streams {
  TcpStream client;
  TcpStream server;
};

}  // namespace strata::bench
