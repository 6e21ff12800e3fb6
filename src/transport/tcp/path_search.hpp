// Looks for the largest segment that the path carries, by trying (RFC 4821 §7, RFC 8899 §5): what passed is a
// lower bound, what vanished three times an upper one. Sizes are those that an MSS option would name. Knows
// no TCB and no clock; path_mtu.cpp sends the probes and tells how they fared.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

class PathSearch {
 public:
  /// RFC 8899 §5.1.2: MAX_PROBES. One that vanishes may have met with congestion.
  static constexpr std::uint8_t kProbesMax = 3;

  bool is_on() const { return low_ != 0; }
  /// `low` is taken for granted; up to `high` may be possible.
  void begin(std::uint16_t low, std::uint16_t high) {
    *this = {};
    high_ = high;
    low_ = std::min(low, high);
  }
  /// What the peer, the link and the routers allow is now this.
  void limit(std::uint16_t high) {
    high_ = std::min(high_, high);
    low_ = std::min(low_, high);
  }
  /// The size to go by.
  std::uint16_t low() const { return low_; }
  std::uint16_t high() const { return high_; }

  struct Rules {
    std::uint16_t threshold;  ///< the search ends when no more than this is in doubt
    std::uint16_t high;       ///< where it begins anew
    Duration interval;        ///< after this long
  };
  /// The size to try now; zero: none. The largest comes first, so that a false alarm costs one probe.
  std::uint16_t next(const Rules& rules, Instant now) {
    if (is_probing() || !is_on()) return 0;
    if (low_ == high_ || (tried_high_ && high_ - low_ < rules.threshold)) {
      if (low_ == rules.high) return 0;
      if (raise_at_.is_never()) raise_at_ = now + rules.interval;
      if (now < raise_at_) return 0;
      begin(low_, rules.high);  // RFC 8899 §5.3.3
    }
    return tried_high_ ? static_cast<std::uint16_t>(low_ + (high_ - low_ + 1) / 2) : high_;
  }

  void on_sent(std::uint16_t size, SeqRange what) {
    probe_ = size;
    what_ = what;
  }
  bool is_probing() const { return probe_ != 0; }
  SeqRange what() const { return what_; }
  void on_passed() {
    low_ = std::max(low_, probe_);
    high_ = std::max(high_, low_);
    conclude();
  }
  /// `alone`: nothing else was lost with it, so its size is to blame (RFC 4821 §7.6.2).
  void on_lost(bool alone) {
    if (alone && ++lost_ < kProbesMax) probe_ = 0;
    if (alone && is_probing()) {
      high_ = std::max<std::uint16_t>(low_, static_cast<std::uint16_t>(probe_ - 1));
      conclude();
    }
    probe_ = 0;
  }

 private:
  void conclude() {
    probe_ = 0;
    lost_ = 0;
    tried_high_ = true;
  }

  SeqRange what_;
  Instant raise_at_ = Instant::never();
  std::uint16_t low_ = 0;  ///< zero: no search is on
  std::uint16_t high_ = 0;
  std::uint16_t probe_ = 0;  ///< zero: none is out
  std::uint8_t lost_ = 0;    ///< probes of one size
  bool tried_high_ = false;
};

}  // namespace strata::tcp
