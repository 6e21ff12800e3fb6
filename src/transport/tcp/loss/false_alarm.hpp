// Was it necessary to send again? Eifel (RFC 3522: an ACK that echoes a timestamp older than the first
// retransmission) and D-SACK (RFC 3708: the peer had every segment that was sent again) say no; then what the
// congestion controller did is undone (RFC 4015 §3). Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.hpp"

namespace strata::tcp {

class FalseAlarm {
 public:
  /// A reduction of the window: from here on a proof that it was wrong can come.
  void begin(SeqNum snd_una) {
    from_ = snd_una;
    watching_ = true;
    has_stamp_ = sent_again_ = false;
    unexplained_ = 0;
  }
  void end() { watching_ = false; }

  /// So many segments leave again, with this value of our timestamp clock.
  void on_resent(std::uint32_t stamp, std::uint32_t count) {
    if (!watching_) return;
    unexplained_ += count;
    sent_again_ = true;
    if (has_stamp_) return;
    has_stamp_ = true;
    stamp_ = stamp;
  }
  /// A D-SACK block (RFC 2883): `count` segments arrived twice.
  void on_duplicate_reported(SeqRange what, std::uint32_t count) {
    if (watching_ && what.end.after(from_)) unexplained_ -= std::min(unexplained_, count);
  }

  bool watching() const { return watching_; }
  bool proven_by_duplicates() const { return watching_ && sent_again_ && unexplained_ == 0; }
  /// `echo`: of an ACK that moved snd_una. Our clock must have ticked since the original left.
  bool proven_by_echo(std::uint32_t echo) const {
    return watching_ && has_stamp_ && static_cast<std::int32_t>(echo - stamp_) < 0;
  }

 private:
  SeqNum from_;
  std::uint32_t stamp_ = 0;  ///< of the first retransmission
  std::uint32_t unexplained_ = 0;
  bool watching_ = false;
  bool has_stamp_ = false;
  bool sent_again_ = false;
};

}  // namespace strata::tcp
