// A device with a bad cable: both directions of any device pass through an Impairment. `Inner` is a
// strata::Device. Frames under way belong to the stack's pools: destroy the device before the stack. Nobody
// but the clock makes a delayed frame arrive: poll again at next_deadline().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/rng.hpp"
#include "link/impairment.hpp"
#include "link/split_device.hpp"
#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

class Stack;

struct FaultConfig {
  ImpairmentConfig out;  ///< has_ethernet_header is taken from the device, for both
  ImpairmentConfig in;
  std::uint64_t seed = 1;
};

template <class Inner>
class FaultDevice {
 public:
  FaultDevice(Inner& inner, const FaultConfig& config) : FaultDevice(inner, config, Xoshiro(config.seed)) {}

  Packet receive(Stack& stack, Instant now) {
    send_due(now);
    if (Packet frame = arrived(now)) return frame;
    for (std::size_t i = 0; i < kBurst; ++i) {
      Packet frame = inner_->receive(stack, now);
      if (!frame) break;
      in_.push(std::move(frame), now);
    }
    return arrived(now);
  }

  /// False only while the inner device is full: the cable itself loses frames, it does not push back.
  bool transmit(Packet& frame, Instant now) {
    if (!send_due(now)) return false;
    out_.push(std::move(frame), now);
    send_due(now);
    return true;
  }

  void flush() { inner_->flush(); }

  LinkCapabilities capabilities() const {
    LinkCapabilities link = inner_->capabilities();
    link.gso_max = SplitDevice<Inner>::kGsoMax;
    link.checksum_offload_tx = true;
    return link;
  }

  /// When a frame under way arrives at either end, or when the inner device is asked again for room.
  Instant next_deadline() const {
    return refused_ ? retry_at_ : std::min(in_.next_deadline(), out_.next_deadline());
  }
  const Impairment& out() const { return out_; }
  const Impairment& in() const { return in_; }

 private:
  static constexpr std::size_t kBurst = 64;
  static constexpr Duration kRetry = Duration::micros(100);

  FaultDevice(Inner& inner, const FaultConfig& config, Xoshiro seeds)
      : inner_(&inner),
        out_(for_device(config.out, inner), seeds.next_u64()),
        in_(for_device(config.in, inner), seeds.next_u64()) {}

  static ImpairmentConfig for_device(ImpairmentConfig config, const Inner& inner) {
    config.has_ethernet_header = inner.capabilities().has_ethernet_header;
    return config;
  }

  Packet arrived(Instant now) {
    Packet frame = in_.pop(now);
    if (frame) frame.meta().arrival = now;
    return frame;
  }

  /// Frames that have passed the cable go to the device. False when it is full.
  bool send_due(Instant now) {
    if (!refused_) refused_ = out_.pop(now);
    while (refused_) {
      if (!inner_->transmit(refused_, now)) {
        retry_at_ = now + kRetry;
        return false;
      }
      refused_ = out_.pop(now);
    }
    return true;
  }

  Inner* inner_;
  Impairment out_;
  Impairment in_;
  Packet refused_;  ///< has passed the cable, but the device was full
  Instant retry_at_;
};

}  // namespace strata
