#include "transport/tcp/cc/dctcp.hpp"

namespace strata::tcp {

void Dctcp::on_ack(const AckEvent& ack) {
  if (!began_) window_end_ = ack.snd_nxt;
  began_ = true;
  bytes_acked_ += ack.acked;
  bytes_marked_ += std::min(ack.ecn_marked, ack.acked);
  if (ack.snd_una.after(window_end_)) {
    update_alpha();
    window_end_ = ack.snd_nxt;
  }
  reno_.on_ack(ack);
}

// RFC 8257 §3.3, steps 5, 6 and 8, with g = 1/16 (§4.2).
void Dctcp::update_alpha() {
  if (bytes_acked_ == 0) return;
  const std::uint64_t share = std::uint64_t{bytes_marked_} * kOne / bytes_acked_;
  alpha_ = alpha_ - alpha_ / 16 + static_cast<std::uint32_t>(share / 16);
  bytes_acked_ = bytes_marked_ = 0;
}

void Dctcp::on_congestion(const CongestionEvent& event) {
  if (event.kind != CongestionEvent::Kind::ecn) return reno_.on_congestion(event);
  const std::uint64_t reduction = std::uint64_t{cwnd()} * alpha_ / (2 * kOne);
  reno_.slow_down_to(cwnd() - static_cast<std::uint32_t>(reduction));
}

}  // namespace strata::tcp
