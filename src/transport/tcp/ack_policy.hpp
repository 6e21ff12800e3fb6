// When to acknowledge (RFC 9293 §3.8.6.3, RFC 5681 §4.2): every second full segment at once, a single one
// after a short wait, every out-of-order one with its own duplicate. Decides only; output.cpp sends.
#pragma once

#include <cstdint>

#include "strata/trace.hpp"

namespace strata::tcp {

class AckPolicy {
 public:
  AckPolicy() = default;
  /// The first `quick` segments are acknowledged at once.
  explicit AckPolicy(std::uint8_t quick) : quick_(quick) {}

  /// In-order data arrived. True: start the delayed-ACK timer; otherwise an ACK is owed now or the timer runs
  /// already. `reason` names an at-once rule that applies whatever the count, or Cause::none.
  bool on_data(std::uint32_t segments, Cause reason) {
    unacknowledged_ = static_cast<std::uint16_t>(unacknowledged_ + segments);
    if (reason != Cause::none) {
      ack_now(reason);
    } else if (unacknowledged_ >= 2) {
      ack_now(Cause::ack_second_segment);
    } else if (quick_ > 0) {
      --quick_;
      ack_now(Cause::ack_push);
    }
    return owed_ == Cause::none;
  }
  /// RFC 5681 §4.2: each out-of-order segment is answered by itself, also when several came in one batch.
  void on_out_of_order() {
    if (duplicates_ < kDuplicatesMax) ++duplicates_;
  }
  void ack_now(Cause cause) {
    if (owed_ == Cause::none) owed_ = cause;
  }

  /// The application's wish (`TCP_QUICKACK`): the next segments are acknowledged at once, what waits as well;
  /// or none is, unless a rule asks for it.
  void set_quick(bool on) {
    quick_ = on ? kQuickSegments : 0;
    if (on && unacknowledged_ > 0) ack_now(Cause::ack_push);
  }
  /// Data arrived that no ACK covers yet.
  bool has_unacknowledged() const { return unacknowledged_ > 0; }
  bool is_quick() const { return quick_ > 0; }

  Cause owed() const { return owed_; }
  bool duplicate_owed() const { return duplicates_ > 0; }
  /// A duplicate ACK left.
  void on_duplicate_sent() { --duplicates_; }
  /// A segment with the current acknowledgement left.
  void on_ack_sent() {
    unacknowledged_ = 0;
    owed_ = Cause::none;
  }

 private:
  static constexpr std::uint16_t kDuplicatesMax = 1024;
  static constexpr std::uint8_t kQuickSegments = 16;
  std::uint16_t unacknowledged_ = 0;
  std::uint16_t duplicates_ = 0;
  /// A young connection is acknowledged at once, so that the peer's slow start is not held back (as Linux's
  /// quick ACKs).
  std::uint8_t quick_ = 8;
  Cause owed_ = Cause::none;
};

}  // namespace strata::tcp
