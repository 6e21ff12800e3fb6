#include "transport/tcp/loss/rack.hpp"

#include <algorithm>

namespace strata::tcp {

void Rack::on_delivered(const TransmitRecord& record, Instant now, Duration min_rtt, bool echo_is_older) {
  const Duration rtt = now - record.sent;
  // The ACK may be for an earlier transmission: then this one's time says nothing.
  if (record.ever_resent && (echo_is_older || rtt < min_rtt)) return;
  rtt_ = rtt;
  if (has_delivery_ && precedes_delivered(record)) return;
  has_delivery_ = true;
  sent_ = record.sent;
  end_ = record.end;
}

void Rack::be_patient(SeqNum snd_una, SeqNum snd_nxt) {
  if (in_dsack_round_ && snd_una.before(dsack_round_)) return;
  in_dsack_round_ = true;
  dsack_round_ = snd_nxt;
  if (window_mult_ < 0xff) ++window_mult_;
  window_persist_ = kPatienceRecoveries;
}

void Rack::on_recovery_ends() {
  if (window_persist_ > 0) --window_persist_;
  if (window_persist_ == 0) window_mult_ = 1;
}

Duration Rack::reordering_window(const Situation& at) const {
  if (!reordering_seen_ && (at.recovering || at.enough_sacks)) return Duration{};
  return std::min(at.min_rtt / 4 * window_mult_, at.srtt);
}

Duration Rack::detect_loss(Scoreboard& board, const Situation& at) const {
  if (!has_delivery_) return Duration{};
  const Duration window = reordering_window(at);
  std::optional<Scoreboard::Position> position = board.oldest();
  while (position) {
    const TransmitRecord& record = board.at(*position);
    if (!precedes_delivered(record)) break;
    const std::optional<Scoreboard::Position> next = board.newer(*position);
    const Duration left = record.sent + rtt_ + window - at.now;
    if (left > Duration{}) return left;  // what was sent later has more time left
    board.mark_lost(*position);
    position = next;
  }
  return Duration{};
}

void Rack::mark_on_timeout(Scoreboard& board, const Situation& at) const {
  const Duration age = rtt_ + reordering_window(at);
  std::optional<Scoreboard::Position> position = board.oldest();
  while (position && board.at(*position).sent + age <= at.now) {
    const std::optional<Scoreboard::Position> next = board.newer(*position);
    board.mark_lost(*position);
    position = next;
  }
  if (!board.empty()) board.mark_lost(board.head());
}

}  // namespace strata::tcp
