// Delivery rate samples (draft-ietf-ccwg-bbr §4.1): how fast the path delivers, measured from what was
// delivered between the departure of a segment and its arrival, and whether the application held us back
// meanwhile. Told of every departure and delivery by output.cpp and recovery.cpp; answers with one RateSample
// for each ACK. Never reads a clock.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"
#include "transport/tcp/cc/events.hpp"
#include "transport/tcp/loss/send_stamp.hpp"

namespace strata::tcp {

class RateSampler {
 public:
  /// [.., end) leaves while `in_flight` bytes are outstanding, itself not counted.
  SendStamp on_sent(Instant now, std::uint32_t in_flight, std::uint32_t size);
  /// A segment arrived that was sent at `sent` with this stamp. Every one of an ACK, then sample().
  void on_delivered(const SendStamp& stamp, Instant sent, SeqNum end, Instant now);
  /// What an ACK says. The rest of the sample is for the caller to fill in.
  RateSample sample(Instant now, std::uint32_t newly_acked, Duration min_rtt);
  /// A segment is held for lost.
  LostSegment on_lost(const SendStamp& stamp, SeqRange what, Instant now);
  /// What is sent until the path has delivered what is in flight now does not show its rate: the application
  /// has no more to send, or the controller holds back on purpose.
  void mark_app_limited(std::uint32_t in_flight) {
    app_limited_until_ = delivered_ + in_flight;
    app_limited_ = true;
  }
  bool app_limited() const { return app_limited_; }

  /// The last sample that was worth keeping, as Linux shows it: bytes per second.
  std::uint64_t shown_rate() const { return shown_rate_; }
  bool shown_is_app_limited() const { return shown_app_limited_; }

 private:
  bool is_newest(Instant sent, SeqNum end) const {
    return sent > first_sent_ || (sent == first_sent_ && end.after(newest_end_));
  }
  void show(const RateSample& sample);

  Instant delivered_time_;
  Instant first_sent_;
  SendStamp newest_;  ///< of what this ACK delivered, the segment that left last
  Duration send_elapsed_;
  std::uint64_t shown_rate_ = 0;
  std::uint32_t delivered_ = 0;  ///< bytes, modulo 2^32, as all counts here
  std::uint32_t lost_ = 0;
  std::uint32_t lost_before_ = 0;  ///< at the last sample
  std::uint32_t app_limited_until_ = 0;
  SeqNum newest_end_;
  SeqNum lost_end_;  ///< of the last that was held for lost
  bool app_limited_ = false;
  bool has_data_ = false;
  bool shown_app_limited_ = false;
};

}  // namespace strata::tcp
