#include "transport/tcp/rate_sample.hpp"

#include <algorithm>

namespace strata::tcp {

SendStamp RateSampler::on_sent(Instant now, std::uint32_t in_flight, std::uint32_t size) {
  if (in_flight == 0) first_sent_ = delivered_time_ = now;
  return {.delivered_time = delivered_time_,
          .first_sent = first_sent_,
          .delivered = delivered_,
          .lost = lost_,
          .in_flight = in_flight + size,
          .app_limited = app_limited_};
}

void RateSampler::on_delivered(const SendStamp& stamp, Instant sent, SeqNum end, Instant now) {
  if (stamp.delivered_time.is_never()) return;
  delivered_time_ = now;
  if (has_data_ && !is_newest(sent, end)) return;
  has_data_ = true;
  newest_ = stamp;
  newest_end_ = end;
  send_elapsed_ = sent - stamp.first_sent;
  first_sent_ = sent;
}

RateSample RateSampler::sample(Instant now, std::uint32_t newly_acked, Duration min_rtt) {
  delivered_ += newly_acked;
  const bool bubble_is_gone = static_cast<std::int32_t>(delivered_ - app_limited_until_) > 0;
  if (app_limited_ && bubble_is_gone) app_limited_ = false;
  RateSample sample{.now = now, .total_delivered = delivered_, .newly_acked = newly_acked};
  sample.newly_lost = lost_ - lost_before_;
  lost_before_ = lost_;
  if (!has_data_) return sample;
  has_data_ = false;
  sample.has_data = true;
  sample.app_limited = newest_.app_limited;
  sample.prior_delivered = newest_.delivered;
  sample.delivered = delivered_ - newest_.delivered;
  sample.tx_in_flight = newest_.in_flight;
  sample.lost = lost_ - newest_.lost;
  // The slower of sending and arriving: bunched ACKs must not look like a fast path.
  sample.interval = std::max(send_elapsed_, now - newest_.delivered_time);
  // A shorter time than any round trip: the ACK was for an earlier transmission.
  if (sample.interval < min_rtt || sample.interval <= Duration{}) return sample;
  sample.delivery_rate = std::uint64_t{sample.delivered} * 1'000'000'000 /
                         static_cast<std::uint64_t>(sample.interval.count_nanos());
  show(sample);
  return sample;
}

void RateSampler::show(const RateSample& sample) {
  if (sample.app_limited && sample.delivery_rate < shown_rate_) return;
  shown_rate_ = sample.delivery_rate;
  shown_app_limited_ = sample.app_limited;
}

LostSegment RateSampler::on_lost(const SendStamp& stamp, SeqRange what, Instant now) {
  const bool continues = what.begin == lost_end_;
  lost_end_ = what.end;
  lost_ += what.size();
  return {.now = now,
          .size = what.size(),
          .tx_in_flight = stamp.in_flight,
          .lost = stamp.delivered_time.is_never() ? what.size() : lost_ - stamp.lost,
          .total_delivered = delivered_,
          .app_limited = stamp.app_limited,
          .continues = continues};
}

}  // namespace strata::tcp
