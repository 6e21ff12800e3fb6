// Loss detection by time (RFC 8985 §6.2): what was sent before something that has arrived, and longer than a
// reordering window ago, is lost. Pure; asked by recovery.cpp after the scoreboard has heard of an ACK.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"
#include "transport/tcp/loss/scoreboard.hpp"

namespace strata::tcp {

class Rack {
 public:
  /// Step 2: something that was sent at `record.sent` has arrived now. `echo_is_older`: the timestamp in the
  /// ACK shows that it was an earlier transmission.
  void on_delivered(const TransmitRecord& record, Instant now, Duration min_rtt, bool echo_is_older);
  /// Step 3: `highest` is the end of what the peer has, before this delivery.
  void detect_reordering(const TransmitRecord& record, SeqNum highest) {
    if (!record.ever_resent && record.end.before(highest)) reordering_seen_ = true;
  }
  /// A recovery was a false alarm: something was overtaken, though step 3 could not see it, because it had
  /// been sent again meanwhile. As good a reason for patience as a D-SACK, and known earlier.
  void on_false_alarm(SeqNum snd_una, SeqNum snd_nxt) {
    reordering_seen_ = true;
    be_patient(snd_una, snd_nxt);
  }
  /// Step 4, D-SACK: a retransmission was not needed.
  void on_duplicate_reported(SeqNum snd_una, SeqNum snd_nxt) { be_patient(snd_una, snd_nxt); }
  /// Step 4: sixteen recoveries, each for a reason, bring the patience back to the least.
  void on_recovery_ends();

  struct Situation {
    Instant now;
    Duration srtt;
    Duration min_rtt;
    bool recovering;    ///< in fast recovery, or after a time-out
    bool enough_sacks;  ///< as many segments are reported behind a hole as RFC 5681's three duplicates say
  };
  /// Step 4.
  Duration reordering_window(const Situation& at) const;
  /// Step 5: marks what is lost by now. Returns when the next is due; zero: nothing is in doubt.
  Duration detect_loss(Scoreboard& board, const Situation& at) const;

  /// RFC 8985 §6.3: the retransmission timer fired; what was sent long enough ago is lost, and the first
  /// anyway.
  void mark_on_timeout(Scoreboard& board, const Situation& at) const;

  bool has_delivery() const { return has_delivery_; }
  bool reordering_seen() const { return reordering_seen_; }
  Duration rtt() const { return rtt_; }

 private:
  static constexpr std::uint8_t kPatienceRecoveries = 16;

  /// At most once per round trip.
  void be_patient(SeqNum snd_una, SeqNum snd_nxt);
  /// Sent before the latest that has arrived.
  bool precedes_delivered(const TransmitRecord& record) const {
    return record.sent < sent_ || (record.sent == sent_ && record.end.before(end_));
  }

  Instant sent_;  ///< RACK.xmit_ts
  Duration rtt_;  ///< RACK.rtt
  SeqNum end_;    ///< RACK.end_seq
  SeqNum dsack_round_;
  std::uint8_t window_mult_ = 1;
  std::uint8_t window_persist_ = 0;
  bool has_delivery_ = false;
  bool reordering_seen_ = false;
  bool in_dsack_round_ = false;
};

}  // namespace strata::tcp
