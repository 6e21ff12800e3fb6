// How large a receive window has to be: what the application reads in one round trip says how much the sender
// may want to have under way in the next (dynamic right-sizing; Linux's tcp_moderate_rcvbuf). Exists only for
// connections that bring much. Pure: receive_space.cpp feeds it, and never shrinks a window by it.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

class ReceiveTuning {
 public:
  struct Start {
    SeqNum read;              ///< the application has read up to here
    std::uint32_t window;     ///< that is offered without tuning
    std::uint32_t per_round;  ///< that a sender may send at once in any case
    Duration rtt;             ///< of the handshake; zero: not known
    Instant now;
  };
  ReceiveTuning() = default;
  explicit ReceiveTuning(const Start& start)
      : since_(start.now),
        rtt_(start.rtt),
        round_began_(start.now),
        read_(start.read),
        window_(start.window),
        per_round_(start.per_round) {}

  /// A full segment echoes our timestamp of `ticks` milliseconds ago (RFC 7323 §4.1): the latest ACK that the
  /// sender had, so about a round trip.
  void on_echo(std::uint32_t echo, std::uint32_t ticks);
  /// Without timestamps: a whole window arrived, which takes a round trip at least.
  void on_data(SeqNum rcv_nxt, SeqNum rcv_edge, Instant now);

  struct Read {
    SeqNum upto;           ///< the application has read up to here now
    std::uint32_t unread;  ///< and left this lying
    std::uint32_t mss;
    std::uint32_t window_max;  ///< no larger one is useful or allowed
    Instant now;
  };
  /// Once in a round trip: a larger window, if the application reads more than before. True: it grew.
  bool on_read(const Read& read);

  std::uint32_t window() const { return window_; }
  std::uint32_t per_round() const { return per_round_; }
  Duration rtt() const { return rtt_; }

 private:
  Instant since_;  ///< what is read is counted from then on
  Duration rtt_;
  Instant round_began_;  ///< for on_data()
  SeqNum round_end_;
  SeqNum read_;
  std::uint32_t window_ = 0;
  std::uint32_t per_round_ = 0;  ///< most that was read in a round trip
  std::uint32_t last_echo_ = 0;
  bool in_round_ = false;
};

}  // namespace strata::tcp
