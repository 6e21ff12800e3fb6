// Shows every frame that crosses a device to a sink. `Inner` is a strata::Device, best the one that is
// nearest to the wire: a tap above SplitDevice or FaultDevice shows super-segments and frames that never
// arrive. A frame that the device refuses is not shown.
#pragma once

#include <utility>

#include "link/frame.hpp"
#include "link/offload.hpp"
#include "strata/capture.hpp"
#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

class Stack;

struct CaptureTapOptions {
  bool split = false;  ///< show super-segments as the frames that they stand for, at one time
};

template <class Inner>
class CaptureTap {
 public:
  CaptureTap(Inner& inner, CaptureSink sink, const CaptureTapOptions& options = {})
      : inner_(&inner),
        sink_(sink),
        options_(options),
        splitter_({.has_ethernet_header = inner.capabilities().has_ethernet_header, .leave_partial = false}) {
  }

  Packet receive(Stack& stack, Instant now) {
    Packet frame = inner_->receive(stack, now);
    if (frame) show(frame, FrameDirection::in, now);
    return frame;
  }

  bool transmit(Packet& frame, Instant now) {
    const Packet shown = share(frame);
    if (!inner_->transmit(frame, now)) return false;
    if (shown) show(shown, FrameDirection::out, now);
    return true;
  }

  void flush() { inner_->flush(); }
  LinkCapabilities capabilities() const { return inner_->capabilities(); }
  Inner& inner() { return *inner_; }

 private:
  void show(const Packet& frame, FrameDirection direction, Instant now) {
    if (options_.split && frame.meta().gso_size > 0) {
      show_split(frame, direction, now);
    } else {
      sink_.function(sink_.context, frame, direction, now);
    }
  }

  void show_split(const Packet& frame, FrameDirection direction, Instant now) {
    Packet copy = share(frame);
    if (!copy || !splitter_.start(copy)) return;
    while (Packet next = splitter_.next()) sink_.function(sink_.context, next, direction, now);
    splitter_.drop();
  }

  Inner* inner_;
  CaptureSink sink_;
  CaptureTapOptions options_;
  Splitter splitter_;
};

}  // namespace strata
