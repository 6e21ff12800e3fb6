// CUBIC (RFC 9438) in whole numbers, with HyStart++ (RFC 9406) for the first slow start. Windows are in
// bytes, times in microseconds. Sees events only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <variant>

#include "transport/tcp/cc/events.hpp"
#include "transport/tcp/cc/hystart.hpp"

namespace strata::tcp {

class Cubic {
 public:
  Cubic(std::uint32_t mss, std::uint32_t initial_window) : mss_(mss), cwnd_(initial_window) {}

  void on_ack(const AckEvent& ack);
  /// RFC 9438 §4.6 to §4.8. The window itself is for the caller to bring down, at the pace of RFC 9937.
  void on_congestion(const CongestionEvent& event);
  /// RFC 9438 §4.9: the last on_congestion() was a false alarm.
  void undo();
  void set_cwnd(std::uint32_t cwnd) { cwnd_ = std::clamp(cwnd, mss_, kCwndMax); }
  void set_ssthresh(std::uint32_t ssthresh) { ssthresh_ = ssthresh; }
  void on_idle(std::uint32_t restart_window);
  void set_mss(std::uint32_t mss);

  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return ssthresh_; }
  bool in_slow_start() const { return cwnd_ < ssthresh_; }

 private:
  /// Congestion avoidance since the last slow start or congestion event.
  struct Stage {
    std::uint32_t w_max = 0;
    std::uint32_t w_est = 0;           ///< Reno's window (RFC 9438 §4.3); zero: the stage has not begun
    std::int32_t from_plateau_us = 0;  ///< t - K: all that the curve needs of either

    bool has_begun() const { return w_est != 0; }
    void advance(std::uint32_t us);
  };
  /// What a false alarm gives back (RFC 9438 §4.9). The window is cwnd_prior_.
  struct Undo {
    Stage stage;
    std::uint32_t ssthresh;
    std::uint32_t cwnd_prior;
  };

  std::uint32_t take_time(const AckEvent& ack);
  void begin_stage();
  std::uint32_t slow_start(const AckEvent& ack);
  void avoid_congestion(std::uint32_t acked, Duration srtt);
  std::uint32_t w_cubic(Duration ahead) const;

  std::uint32_t mss_;
  std::uint32_t cwnd_;
  std::uint32_t ssthresh_ = kCwndMax;
  std::uint32_t cwnd_prior_ = 0;  ///< when ssthresh was set last (RFC 9438 §4.1.2)
  Stage stage_;
  std::uint32_t cwnd_fraction_ = 0;  ///< of a byte, as all growth of less
  std::uint32_t w_est_fraction_ = 0;
  std::uint32_t last_ack_us_ = 0;  ///< modulo 2^32
  /// One of both at a time: the first slow start ends with the first alarm.
  std::variant<HyStart, Undo, std::monostate> memory_;
};
static_assert(sizeof(Cubic) <= 64);

}  // namespace strata::tcp
