// All that a connection knows about its losses, together: the phases are those that Linux reports as
// tcpi_ca_state. Changed by recovery.cpp.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "transport/tcp/loss/false_alarm.hpp"
#include "transport/tcp/loss/prr.hpp"
#include "transport/tcp/loss/rack.hpp"
#include "transport/tcp/loss/scoreboard.hpp"
#include "transport/tcp/loss/tail_probe.hpp"

namespace strata::tcp {

enum class LossPhase : std::uint8_t {
  open,      ///< nothing is amiss
  disorder,  ///< something behind a hole has arrived
  recovery,  ///< fast recovery (RFC 5681 §3.2)
  loss,      ///< the retransmission timer fired
};

/// F-RTO (RFC 5682 §3): after a time-out, is what arrives the originals?
enum class TimeoutDoubt : std::uint8_t {
  none,
  first_ack,   ///< step 2: the first segment was sent again, nothing more
  second_ack,  ///< step 3: two new segments left instead of further repetitions
};

struct LossRecovery {
  Scoreboard board;
  Rack rack;
  FalseAlarm alarm;
  RateReduction reduction;
  TailProbe probe;
  SeqNum high;  ///< recovery ends when this is acknowledged (RFC 6582: recover)
  /// Without SACK: duplicate ACKs since snd_una moved; each says that some segment arrived.
  std::uint32_t duplicates = 0;
  LossPhase phase = LossPhase::open;
  TimeoutDoubt doubt = TimeoutDoubt::none;
  bool has_high = false;  ///< without SACK: duplicates up to `high` may be our own repetitions (RFC 6582 §4)

  bool repairs() const { return phase >= LossPhase::recovery; }
};

}  // namespace strata::tcp
