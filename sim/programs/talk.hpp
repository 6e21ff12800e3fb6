// A program at one end of a TCP connection: sends so much in such a way, reads in such a way, and ends as
// told: bulk transfer, slow reader, half-close, forgotten close, abort are all plans for it.
#pragma once

#include <cstdint>
#include <string>

#include "sim/machine.hpp"
#include "sim/programs/ledger.hpp"
#include "strata/tcp_settings.hpp"

namespace strata::sim {

/// What happens once everything is sent.
enum class Ending : std::uint8_t {
  shutdown,  ///< half-close; close() when the peer has ended, too
  close,     ///< close() at once, whatever the peer still has to say
  abort,     ///< RST
  none,      ///< nothing: the other end has to
};

struct TalkPlan {
  std::uint64_t send = 0;
  std::uint32_t chunk = 32 * 1024;  ///< bytes per write
  Duration every;                   ///< from one write to the next; zero: as fast as it goes
  bool send_after_end = false;      ///< only once the peer has half-closed
  Ending ending = Ending::shutdown;
  Duration linger;  ///< before that ending
  bool reads = true;
  Duration read_from;   ///< after this time
  Duration read_every;  ///< from one read to the next
  std::uint32_t read_chunk = 16 * 1024;
  bool closes_at_end = true;  ///< when both directions are over; false: the close is forgotten
  TcpSettings settings;
};

/// Connects to `remote` and goes by the plan.
Machine::Program connecting(Ledger& ledger, std::string name, const Endpoint& remote, const TalkPlan& plan);
/// Listens on `port`; every connection goes by the plan.
Machine::Program listening(Ledger& ledger, std::string name, std::uint16_t port, const TalkPlan& plan);

}  // namespace strata::sim
