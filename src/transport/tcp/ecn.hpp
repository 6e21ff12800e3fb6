// Explicit congestion notification: what two SYNs agree on (RFC 3168 §6.1.1, RFC 9768 §3.1.2), and what a
// connection that agreed keeps. Most connections keep nothing and pay for a pointer. Pure; asked by
// congestion_marks.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/on_demand.hpp"
#include "base/seq_num.hpp"
#include "strata/tcp_info.hpp"
#include "transport/tcp/accecn.hpp"
#include "wire/ip_ecn.hpp"
#include "wire/tcp.hpp"

namespace strata::tcp {

inline constexpr std::uint16_t kEcnFlags = tcp_flag::kAe | tcp_flag::kCwr | tcp_flag::kEce;
/// RFC 3168 §6.1.1: an ECN-setup SYN; and an ECN-setup SYN-ACK.
inline constexpr std::uint16_t kClassicSyn = tcp_flag::kCwr | tcp_flag::kEce;
inline constexpr std::uint16_t kClassicSynAck = tcp_flag::kEce;

enum class EcnMode : std::uint8_t {
  off,
  classic,   ///< RFC 3168: one echo per round trip
  accurate,  ///< RFC 9768: how many marks
};

/// What the parameter `tcp_ecn` means, with Linux's numbers.
struct EcnPolicy {
  EcnMode asks = EcnMode::off;     ///< of our own SYNs
  EcnMode accepts = EcnMode::off;  ///< at most, when a SYN asks
};
constexpr EcnPolicy ecn_policy(std::uint8_t parameter) {
  switch (parameter) {
    case 1: return {.asks = EcnMode::classic, .accepts = EcnMode::classic};
    case 2: return {.asks = EcnMode::off, .accepts = EcnMode::classic};
    case 3: return {.asks = EcnMode::accurate, .accepts = EcnMode::accurate};
    case 4: return {.asks = EcnMode::classic, .accepts = EcnMode::accurate};
    case 5: return {.asks = EcnMode::off, .accepts = EcnMode::accurate};
    default: return {};
  }
}

/// What a SYN with these flags opens at an end that knows `accepts`.
constexpr EcnMode mode_of_syn(std::uint16_t flags, EcnMode accepts) {
  flags &= kEcnFlags;
  if (accepts == EcnMode::accurate) {
    if (flags == 0) return EcnMode::off;
    // RFC 9768 §3.1.3: every other pattern is one that the future may give a meaning.
    return flags == kClassicSyn ? EcnMode::classic : EcnMode::accurate;
  }
  // RFC 3168 §6.1.1: both flags, and no other pattern; AE is a reserved bit to it.
  const bool classic = (flags & kClassicSyn) == kClassicSyn;
  return classic && accepts != EcnMode::off ? EcnMode::classic : EcnMode::off;
}

/// What a SYN-ACK with these flags confirms of what was asked for.
constexpr EcnMode mode_of_syn_ack(std::uint16_t flags, EcnMode asked) {
  flags &= kEcnFlags;
  if (asked == EcnMode::accurate) {
    // RFC 9768 §3.1.2, table 2: a host that knows nothing of it, one that throws back what we sent, RFC 3168.
    if (flags == 0 || flags == kEcnFlags) return EcnMode::off;
    return flags == kClassicSynAck ? EcnMode::classic : EcnMode::accurate;
  }
  // RFC 3168 §6.1.1: both flags set are those of our SYN, thrown back by a host that does not know them.
  const bool classic = (flags & kClassicSyn) == kClassicSynAck;
  return classic && asked != EcnMode::off ? EcnMode::classic : EcnMode::off;
}

/// DCTCP's receiver (RFC 8257 §3.2): wherever the marking changes, what came before is acknowledged by
/// itself, with the echo that belongs to it. Kept until the segments may leave.
class EchoChanges {
 public:
  /// Everything up to `end` arrived with marks, or without. Beyond the bound the next ACK covers it.
  void add(SeqNum end, bool marked) {
    if (count_ == kMax) return;
    ends_[count_] = end;
    marked_ = static_cast<std::uint8_t>(marked_ | (marked ? 1U << count_ : 0U));
    ++count_;
  }
  bool empty() const { return count_ == 0; }
  SeqNum end() const { return ends_[0]; }
  bool marked() const { return (marked_ & 1) != 0; }
  void pop() {
    for (std::size_t i = 1; i < count_; ++i) ends_[i - 1] = ends_[i];
    marked_ = static_cast<std::uint8_t>(marked_ >> 1);
    --count_;
  }

 private:
  static constexpr std::size_t kMax = 8;
  std::array<SeqNum, kMax> ends_{};
  std::uint8_t marked_ = 0;  ///< one bit each
  std::uint8_t count_ = 0;
};

struct EcnState {
  EcnMode asked = EcnMode::off;  ///< by our SYN
  EcnMode mode = EcnMode::off;   ///< off: nothing is agreed yet
  bool may_mark = true;          ///< our data may say that it is ECN-capable
  bool sent_plain_syn = false;   ///< RFC 3168 §6.1.1: one of our SYNs did not ask, so no data is ECN-capable

  // --- Receiving ---
  bool echo = false;  ///< RFC 3168 §6.1.3: ACKs say ECE, until CWR arrives; RFC 8257 §3.2: DCTCP.CE
  EchoChanges changes;

  // --- Sending ---
  bool cwr_owed = false;        ///< RFC 3168 §6.1.2: the first new data says that the window was reduced
  bool congested = false;       ///< the ACK at hand tells of marks
  bool reducing = false;        ///< the window comes down to ssthresh
  std::uint8_t own_mark = 0;    ///< our SYN or SYN-ACK left with it
  bool own_marks_vary = false;  ///< one that was sent again left with another
  bool in_round = false;        ///< RFC 3168 §6.1.2: one reduction until round_end is acknowledged
  SeqNum round_end;
  TcpMarks marks;
  OnDemand<AccurateEcn> accurate;  ///< while that is the mode
};

}  // namespace strata::tcp
