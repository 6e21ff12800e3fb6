// In front of a device that cannot cut super-segments: takes them from the stack, cuts them, completes
// checksums if the device does not, and hands on frames. `Inner` is a strata::Device. Keeps nothing back:
// when the device is full, the part of the super-segment that did not go out stays with the caller as a
// smaller super-segment.
#pragma once

#include <cstddef>
#include <utility>

#include "link/offload.hpp"
#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

class Stack;

template <class Inner>
class SplitDevice {
 public:
  /// TCP payload of a super-segment such that IP's 16-bit length holds it with all headers.
  static constexpr std::size_t kGsoMax = 65535 - 120;

  explicit SplitDevice(Inner& inner)
      : inner_(&inner),
        splitter_({.has_ethernet_header = inner.capabilities().has_ethernet_header,
                   .leave_partial = inner.capabilities().checksum_offload_tx}) {}

  Packet receive(Stack& stack, Instant now) { return inner_->receive(stack, now); }

  bool transmit(Packet& frame, Instant now) {
    if (!splitter_.start(frame)) return false;
    while (!splitter_.done()) {
      Packet next = splitter_.next();
      if (next && inner_->transmit(next, now)) continue;
      frame = splitter_.take_back(std::move(next));
      return false;
    }
    return true;
  }

  void flush() { inner_->flush(); }

  LinkCapabilities capabilities() const {
    LinkCapabilities link = inner_->capabilities();
    link.gso_max = kGsoMax;
    link.checksum_offload_tx = true;
    return link;
  }

  Inner& inner() { return *inner_; }

 private:
  Inner* inner_;
  Splitter splitter_;
};

}  // namespace strata
