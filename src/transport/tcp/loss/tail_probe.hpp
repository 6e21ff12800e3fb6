// Tail loss probe (RFC 8985 §7): when ACKs stop coming, one segment asks for one before the retransmission
// timer has to. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

class TailProbe {
 public:
  /// RFC 8985 §7.2. `single`: one segment is in flight, whose ACK may be delayed.
  static Duration timeout(Duration srtt, Duration max_ack_delay, bool single) {
    if (srtt == Duration{}) return Duration::seconds(1);
    return srtt * 2 + (single ? max_ack_delay : Duration::millis(2));
  }

  /// The probe left: RFC 8985 §7.3.
  void on_sent(SeqNum snd_nxt, bool retransmission) {
    end_ = snd_nxt;
    outstanding_ = true;
    retransmission_ = retransmission;
  }
  void forget() { outstanding_ = false; }
  SeqNum end() const { return end_; }
  bool outstanding() const { return outstanding_; }

  struct Ack {
    SeqNum ack;
    bool duplicate_reported;  ///< a D-SACK up to the probe's end
    bool pure_duplicate;      ///< the same ACK once more, without data and without SACK
  };
  /// RFC 8985 §7.4: true when the probe repaired a loss that nobody noticed.
  bool on_ack(const Ack& ack) {
    if (!outstanding_ || ack.ack.before(end_)) return false;
    if (!retransmission_ || ack.duplicate_reported) {
      outstanding_ = false;
      return false;
    }
    if (ack.ack.after(end_)) {
      outstanding_ = false;
      return true;
    }
    if (ack.pure_duplicate) outstanding_ = false;
    return false;
  }

 private:
  SeqNum end_;
  bool outstanding_ = false;
  bool retransmission_ = false;
};

}  // namespace strata::tcp
