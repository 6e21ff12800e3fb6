// More accurate ECN feedback (RFC 9768): how many packets and bytes arrived with which mark, told in three
// bits of every header (ACE) and in an option. One half knows what arrived here, the other what the peer
// tells of ours. Pure: driven by accurate_marks.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "base/seq_num.hpp"
#include "strata/time.hpp"
#include "wire/ip_ecn.hpp"
#include "wire/tcp.hpp"
#include "wire/tcp_options.hpp"

namespace strata::tcp {

/// AE, CWR and ECE as one number (RFC 9768 §3.2.2), and back.
constexpr std::uint8_t ace_of(std::uint16_t flags) { return static_cast<std::uint8_t>(flags >> 6 & 7); }
constexpr std::uint16_t ace_flags(std::uint8_t ace) { return static_cast<std::uint16_t>((ace & 7) << 6); }
static_assert(ace_flags(7) == (tcp_flag::kAe | tcp_flag::kCwr | tcp_flag::kEce));

/// RFC 9768 §3.1.1, table 2, and §3.2.2.1, table 3: how a SYN-ACK, and the ACK of one, tell the mark that
/// the segment before it arrived with.
constexpr std::uint8_t handshake_ace(std::uint8_t mark) {
  constexpr std::uint8_t kCodes[] = {0b010, 0b011, 0b100, 0b110};
  return kCodes[mark & 3];
}
/// Nothing: a code that is not in use.
constexpr std::optional<std::uint8_t> mark_of_handshake(std::uint8_t ace) {
  for (const std::uint8_t mark : {ip_ecn::kNotEct, ip_ecn::kEct1, ip_ecn::kEct0, ip_ecn::kCe}) {
    if (handshake_ace(mark) == ace) return mark;
  }
  return std::nullopt;
}
/// RFC 9768 §3.2.2.3: nothing on the way may change a mark but ECT into CE.
constexpr bool is_valid_transition(std::uint8_t sent, std::uint8_t arrived) {
  return sent == arrived || (sent != ip_ecn::kNotEct && arrived == ip_ecn::kCe);
}

/// What the data receiver counts (r.cep, r.ceb, r.e0b, r.e1b) and when it tells.
class MarkReceiver {
 public:
  /// `segments` packets with `bytes` of payload together. True: an ACK is due at once (RFC 9768 §3.2.2.5.1).
  bool on_packets(std::uint8_t mark, std::uint32_t segments, std::uint32_t bytes, bool unacknowledged);
  /// RFC 9768 §3.2.2.2: a marked SYN-ACK counts once.
  void on_marked_syn_ack() {
    if (!counted_syn_ack_) ++cep_;
    counted_syn_ack_ = true;
  }

  std::uint8_t ace() const { return cep_ & 7; }
  std::uint32_t packets() const { return cep_; }
  const TcpMarkedBytes& bytes() const { return bytes_; }
  TcpMarkedBytes counted() const { return {.e0b = bytes_.e0b - 1, .ceb = bytes_.ceb, .e1b = bytes_.e1b - 1}; }

  /// Something changed since it was told last.
  bool has_news() const { return fresh_ != 0; }
  /// RFC 9768 §3.2.3.3, the rules in order of importance: what must not wait.
  bool has_urgent_news() const { return has_news() && (urgent_ > 0 || since_told_ >= kOftenEnough); }
  /// The option in at most `room` bytes; nothing when what changed does not fit.
  std::optional<TcpAccEcn> option(std::size_t room) const;
  /// An ACK left, with the option or without.
  void on_ack_sent(bool with_option);

 private:
  static constexpr std::uint32_t kOftenEnough = 1U << 22;
  static constexpr std::uint8_t kRepeat = 2;  ///< a change is told on the next ACK and on the one after it
  enum : std::uint8_t { kE0b = 1, kCeb = 2, kE1b = 4 };

  std::uint32_t cep_ = 5;  // RFC 9768 §3.2.1
  TcpMarkedBytes bytes_{.e0b = 1, .ceb = 0, .e1b = 1};
  std::uint32_t since_told_ = 0;  ///< bytes
  std::uint8_t marked_since_ack_ = 0;
  std::uint8_t fresh_ = 0;   ///< counters that changed since they were told
  std::uint8_t latest_ = 0;  ///< the counter that changed last
  std::uint8_t urgent_ = 0;  ///< so many ACKs have to tell
  bool after_mark_ = false;  ///< the last packet was marked
  bool counted_syn_ack_ = false;
};

/// What the data sender believes of that (s.cep, s.ceb, s.e0b, s.e1b).
class MarkSender {
 public:
  struct Ack {
    std::uint8_t ace = 0;
    const TcpAccEcn* option = nullptr;
    std::uint32_t delivered = 0;  ///< bytes that it says have arrived
    std::uint32_t mss = 0;
  };
  struct News {
    std::uint32_t packets = 0;  ///< newly known to have been marked
    std::uint32_t bytes = 0;
    bool contradicts = false;  ///< RFC 9768 §3.2.3.2.5: bytes were marked, and no packet
  };
  /// An ACK that was not overtaken by another.
  News on_ack(const Ack& ack);

  /// RFC 9768 §3.2.2.1, table 4: what the ACK of a SYN-ACK counts as.
  void begin(std::uint32_t cep) { cep_ = cep; }
  /// RFC 9768 §3.2.3.2.4: a counter that begins with zero was zeroed on the way; then no option counts.
  void check_first_option(const TcpAccEcn& option);
  bool hears_options() const { return has_option_ && !ignores_options_; }
  const TcpMarkedBytes& bytes() const { return bytes_; }
  TcpMarkedBytes counted() const { return {.e0b = bytes_.e0b - 1, .ceb = bytes_.ceb, .e1b = bytes_.e1b - 1}; }
  std::uint32_t packets() const { return cep_; }

 private:
  bool read_option(const TcpAccEcn& option, TcpMarkedBytes& grown);
  std::uint32_t safe_packets(std::uint32_t packets, std::uint32_t least, std::uint32_t mss,
                             const TcpMarkedBytes* grown) const;

  std::uint32_t cep_ = 5;
  TcpMarkedBytes bytes_{.e0b = 1, .ceb = 0, .e1b = 1};
  std::uint32_t usual_packets_8_ = 8;  ///< that an ACK covers: a moving average, times eight
  bool has_option_ = false;
  bool ignores_options_ = false;
};

/// Is the path fit for marks? Looked at in the first rounds.
class PathCheck {
 public:
  enum class Verdict : std::uint8_t {
    open,
    fine,
    always_marked,  ///< RFC 9768 §3.2.2.3: every packet of the first rounds, so nothing says congestion
    bleached,       ///< RFC 9768 appendix A.4: no packet arrives as ECN-capable
  };
  struct Ack {
    SeqNum snd_una;
    SeqNum snd_nxt;
    std::uint32_t delivered = 0;
    std::uint32_t packets = 0;  ///< those that `delivered` made
    std::uint32_t marked = 0;
    bool tells_bytes = false;   ///< it has an option
    std::uint32_t capable = 0;  ///< bytes that arrived with any mark, as that says
  };
  /// Precondition: what was sent was ECN-capable.
  Verdict on_ack(const Ack& ack);

 private:
  static constexpr std::uint8_t kRounds = 4;
  static constexpr std::uint32_t kPacketsMin = 8;  ///< fewer in a round prove nothing
  SeqNum round_end_;
  std::uint32_t packets_ = 0;
  std::uint32_t marked_ = 0;
  std::uint32_t capable_ = 0;
  std::uint8_t rounds_ = 0;
  std::uint8_t marked_rounds_ = 0;
  std::uint8_t bleached_rounds_ = 0;
  bool began_ = false;
  bool all_tell_ = true;
};

struct AccurateEcn {
  MarkReceiver receiver;
  MarkSender sender;
  PathCheck path;
  std::uint32_t last_stamp = 0;     ///< of the latest ACK that counted
  Instant option_sent;              ///< when the last option left
  std::uint8_t peer_mark = 0;       ///< the latest SYN or SYN-ACK of the peer arrived with it
  std::uint8_t syn_acks = 0;        ///< sent
  std::uint8_t reappeared = 0;      ///< times in a row that data came again although its ACK had an option
  bool responds = true;             ///< RFC 9768 §3.2.2.4: what the peer tells is believed
  bool handshake_ack_owed = false;  ///< RFC 9768 §3.2.2.1
  bool ace_is_handshake = false;    ///< of the segment at hand
  bool ace_checked = false;         ///< RFC 9768 §3.2.2.4
  bool option_due = true;           ///< RFC 9768 §3.2.3.2.1: the first ACK and the first data test the path
  bool option_blocked = false;      ///< RFC 9768 §3.2.3.2.2: packets with it get lost
  bool last_ack_had_option = false;
  bool starved = false;  ///< the last segment had no room for news
};

}  // namespace strata::tcp
