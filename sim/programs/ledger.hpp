// What programs of a simulation have done, written down while they do it: who asks afterwards finds out
// whether every byte was right, what ended how, and what is still open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/error.hpp"
#include "strata/time.hpp"

namespace strata::sim {

/// One end of one conversation over TCP.
struct TalkRecord {
  std::string program;
  std::string machine;
  Endpoint local;
  Endpoint remote;
  Instant began;
  Instant connected = Instant::never();
  Instant ended = Instant::never();  ///< never(): it has not
  std::uint64_t offered = 0;         ///< bytes given, or about to be given, to send()
  std::uint64_t received = 0;        ///< bytes read, each of them checked
  std::uint64_t requests_answered = 0;
  bool saw_end = false;  ///< the peer closed, and everything was read
  bool cut_off = false;  ///< the machine lost power
  std::optional<Errc> failure;
  std::string wrong;  ///< what no network may do: wrong bytes, more bytes than were sent
};

/// Frames of a stream that is worth something only in time.
struct VoiceRecord {
  struct Frame {
    Instant sent;
    Instant arrived = Instant::never();
  };
  std::string program;
  std::vector<Frame> frames;
};

class Ledger {
 public:
  /// Stays where it is.
  TalkRecord& open(TalkRecord record);
  /// Both ends are known: what `record` reads from now on is compared with what its peer has offered.
  void on_connected(TalkRecord& record, Instant at);
  /// Checks `bytes`, which `record` has read, and counts them.
  void on_read(TalkRecord& record, Bytes bytes);
  /// What `record` offers next.
  void fill(const TalkRecord& record, std::uint64_t offset, MutableBytes bytes) const;
  VoiceRecord& voice(const std::string& program) { return voices_[program]; }

  const std::deque<TalkRecord>& talks() const { return talks_; }
  std::deque<TalkRecord>& talks() { return talks_; }
  const std::map<std::string, VoiceRecord>& voices() const { return voices_; }

 private:
  using Ends = std::pair<Endpoint, Endpoint>;
  std::deque<TalkRecord> talks_;
  std::map<Ends, const TalkRecord*> by_ends_;  ///< the latest of each pair
  std::map<std::string, VoiceRecord> voices_;
};

}  // namespace strata::sim
