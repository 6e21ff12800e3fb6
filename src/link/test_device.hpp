// A device for tests: remembers what it was given, hands out what it was told, and can be full.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {
class Stack;
}

namespace strata::test {

/// Devices of the link layer pass the stack on to the device below and never look at it.
inline Stack& no_stack() {
  alignas(16) static std::byte nothing[16];
  return *static_cast<Stack*>(static_cast<void*>(nothing));
}

struct TestDevice {
  LinkCapabilities link;
  std::vector<Packet> sent;
  std::vector<Instant> sent_at;
  std::deque<Packet> to_receive;
  std::size_t room = 1'000'000;  ///< frames that it still takes

  Packet receive(Stack&, Instant) {
    if (to_receive.empty()) return {};
    Packet frame = std::move(to_receive.front());
    to_receive.pop_front();
    return frame;
  }
  bool transmit(Packet& frame, Instant now) {
    if (room == 0) return false;
    --room;
    sent.push_back(std::move(frame));
    sent_at.push_back(now);
    return true;
  }
  void flush() {}
  const LinkCapabilities& capabilities() const { return link; }
};

}  // namespace strata::test
