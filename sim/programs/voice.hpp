// A voice stream: a small frame every 20 ms, worth something only until it has to be played. Over UDP a lost
// frame is lost; over TCP it comes late, and so does all behind it.
#pragma once

#include <cstdint>
#include <string>

#include "sim/machine.hpp"
#include "sim/programs/ledger.hpp"

namespace strata::sim {

struct VoicePlan {
  std::uint32_t frames = 500;
  Duration every = Duration::millis(20);
  std::uint32_t frame_bytes = 172;           ///< 160 of sound (RFC 3551 §4.5.14) and a header of RTP's size
  Duration playout = Duration::millis(150);  ///< a frame that takes longer is late (ITU-T G.114)
};

/// Lost and late frames of a stream, and the longest way, as numbers.
struct VoiceVerdict {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t late = 0;
  Duration worst;
};
VoiceVerdict judge(const VoiceRecord& record, Duration playout);

/// Both ends of a stream give the same name.
Machine::Program voice_udp_send(Ledger& ledger, std::string name, const Endpoint& to, const VoicePlan& plan);
Machine::Program voice_udp_receive(Ledger& ledger, std::string name, std::uint16_t port);
Machine::Program voice_tcp_send(Ledger& ledger, std::string name, const Endpoint& to, const VoicePlan& plan);
Machine::Program voice_tcp_receive(Ledger& ledger, std::string name, std::uint16_t port,
                                   const VoicePlan& plan);

}  // namespace strata::sim
