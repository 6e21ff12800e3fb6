// Round-trip time and retransmission timeout (RFC 6298). Pure arithmetic; timeouts.cpp asks, input_ack.cpp
// feeds.
#pragma once

#include <cstdint>

#include "strata/config.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

class RttEstimator {
 public:
  explicit RttEstimator(const TcpConfig& config) : rto_(config.rto_initial) {}

  /// RFC 6298 §2.2, §2.3. Never call it for a segment that was retransmitted (Karn, §3).
  void sample(Duration rtt, const TcpConfig& config);
  /// RFC 6298 §5.5.
  void back_off(const TcpConfig& config);
  /// Undoes the back-off once new data is acknowledged (RFC 6298 §5.7, end: the next sample would; an ACK
  /// proves the path).
  void forget_back_off(const TcpConfig& config);
  /// RFC 6298 §5.7: 3 s when the SYN or its answer had to be sent again.
  void begin_after_lost_syn() { rto_ = Duration::seconds(3); }

  /// The least of the last minutes, of any segment that was sent once (RFC 8985 §6.2 step 1).
  void note_minimum(Duration rtt, Instant now);

  Duration min_rtt() const { return min_rtt_; }
  Duration rto() const { return rto_; }
  Duration srtt() const { return srtt_; }
  Duration rttvar() const { return rttvar_; }
  bool has_sample() const { return srtt_ != Duration{}; }

 private:
  Duration computed(const TcpConfig& config) const;

  Duration srtt_;
  Duration rttvar_;
  Duration rto_;
  Duration min_rtt_;  ///< zero: none yet
  Instant min_rtt_at_;
};

}  // namespace strata::tcp
