// Proportional rate reduction (RFC 9937): how fast the window comes down to ssthresh while losses are being
// repaired. What arrives clocks out what leaves. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

namespace strata::tcp {

class RateReduction {
 public:
  /// `flight`: RecoverFS, the bytes whose fate recovery will learn.
  void begin(std::uint32_t flight) {
    flight_ = std::max(flight, 1U);
    delivered_ = out_ = 0;
  }
  void on_sent(std::uint32_t bytes) { out_ += bytes; }

  struct Ack {
    std::uint32_t delivered;  ///< bytes that this ACK says have arrived
    std::uint32_t in_flight;  ///< after it: RFC 6675's pipe
    std::uint32_t ssthresh;
    std::uint32_t mss;
    bool safe;          ///< snd_una moved, and no further loss showed
    bool hole_follows;  ///< without SACK: a partial ACK, whose next segment is lost (RFC 6582 §3.2)
  };
  /// The congestion window after `ack`.
  std::uint32_t window(const Ack& ack) {
    delivered_ += ack.delivered;
    std::int64_t send = 0;
    if (ack.in_flight > ack.ssthresh) {
      const std::uint64_t share = std::uint64_t{delivered_} * ack.ssthresh;
      send = static_cast<std::int64_t>((share + flight_ - 1) / flight_) - out_;
    } else {
      send = std::max<std::int64_t>(std::int64_t{delivered_} - out_, ack.delivered);
      if (ack.safe) send += ack.mss;
      send = std::min<std::int64_t>(send, ack.ssthresh - ack.in_flight);
    }
    // The fast retransmit itself, and each that a partial ACK asks for.
    send = std::max<std::int64_t>(send, out_ == 0 || ack.hole_follows ? ack.mss : 0);
    return ack.in_flight + static_cast<std::uint32_t>(send);
  }

 private:
  std::uint32_t flight_ = 1;
  std::uint32_t delivered_ = 0;
  std::uint32_t out_ = 0;
};

}  // namespace strata::tcp
