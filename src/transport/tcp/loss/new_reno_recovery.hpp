// Loss detection by duplicate ACKs: fast retransmit (RFC 5681 §3.2) with NewReno's partial acknowledgments
// (RFC 6582) and limited transmit (RFC 3042). Pure: says what an ACK means, never sends. Called by
// input_ack.cpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.hpp"

namespace strata::tcp {

class NewRenoRecovery {
 public:
  enum class Verdict : std::uint8_t {
    none,
    limited_transmit,  ///< first or second duplicate: one new segment may leave beyond cwnd
    enter,             ///< third duplicate: retransmit the segment at snd_una
    inflate,           ///< a further duplicate while recovering
    partial,           ///< new data acknowledged, but not all of it: the next segment was lost, too
    exit,              ///< everything that was outstanding when recovery began is acknowledged
  };

  /// A duplicate ACK as RFC 5681 §2 defines it. `snd_max`: the end of what was ever sent.
  Verdict on_duplicate_ack(SeqNum snd_una, SeqNum snd_max) {
    if (recovering_) return Verdict::inflate;
    if (duplicates_ < 3) ++duplicates_;
    if (duplicates_ < 3) return Verdict::limited_transmit;
    // RFC 6582 §3.2 step 2 and §4: duplicates caused by our own go-back after a time-out start nothing.
    if (has_recover_ && !snd_una.after(recover_)) return Verdict::none;
    recovering_ = true;
    recover_ = snd_max;
    has_recover_ = true;
    return Verdict::enter;
  }
  /// `snd_una` is the new one.
  Verdict on_new_ack(SeqNum snd_una) {
    duplicates_ = 0;
    if (has_recover_ && !recovering_ && snd_una.after(recover_)) has_recover_ = false;
    if (!recovering_) return Verdict::none;
    if (snd_una.before(recover_)) return Verdict::partial;
    recovering_ = false;
    has_recover_ = false;
    return Verdict::exit;
  }
  /// RFC 6582 §3.2 step 4: remembers what was outstanding; recovery is over.
  void on_rto(SeqNum snd_max) {
    recovering_ = false;
    duplicates_ = 0;
    recover_ = snd_max;
    has_recover_ = true;
  }

  bool recovering() const { return recovering_; }
  /// What was outstanding at the last time-out is not all acknowledged.
  bool repairs_timeout() const { return has_recover_ && !recovering_; }
  /// Segments that limited transmit allows beyond cwnd now (RFC 3042 §2).
  std::uint32_t extra_segments() const { return recovering_ ? 0 : std::min<std::uint32_t>(duplicates_, 2); }

 private:
  SeqNum recover_;
  std::uint8_t duplicates_ = 0;
  bool recovering_ = false;
  bool has_recover_ = false;
};

}  // namespace strata::tcp
