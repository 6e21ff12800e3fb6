// Is the congestion window used, so that it may grow (RFC 7661 §4.1)? A window that the application does not
// fill says nothing about the path. Pure.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"

namespace strata::tcp {

class WindowUse {
 public:
  /// Something left, or could have: `flight` bytes are outstanding now. Judged once for each window of data.
  void on_transmit(SeqNum snd_una, SeqNum snd_nxt, std::uint32_t flight, bool limited) {
    const bool is_next_window = snd_una.at_or_after(window_end_);
    if (!is_next_window && !limited && (limited_ || flight <= most_)) return;
    limited_ = limited;
    most_ = flight;
    window_end_ = snd_nxt;
  }
  /// In slow start half of it is enough: the next round doubles it.
  bool allows_growth(std::uint32_t cwnd, bool slow_start) const {
    return limited_ || (slow_start && cwnd / 2 < most_);
  }

 private:
  SeqNum window_end_;
  std::uint32_t most_ = 0;
  bool limited_ = false;
};

}  // namespace strata::tcp
