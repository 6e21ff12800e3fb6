// One end of a TCP connection in a simulation of paths: a Connection with memory of its own and a program
// that sends the pattern without end, or checks what it reads. Below it there is no IP and no device, only a
// Path, so that a segment costs what TCP costs.
#pragma once

#include <cstdint>
#include <optional>

#include "buf/byte_queue.hpp"
#include "sim/path.hpp"
#include "sim/pattern.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"
#include "transport/tcp/connection.hpp"

namespace strata::sim {

class Endpoint {
 public:
  struct Setup {
    TcpConfig config;
    std::uint32_t flow = 0;
    bool active = false;  ///< connects and sends; else listens and reads
  };
  Endpoint(const Setup& setup, Pattern& pattern);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint();

  void connect(Instant now);
  void on_arrival(const WireSegment& segment, Instant now);
  void on_timers(Instant now);
  /// What wants to leave goes to `path`.
  void transmit(Path& path, Instant now);
  Instant next_deadline() const { return connection_.next_deadline(); }

  /// The program stops: what is queued is still sent, then FIN.
  void finish(Instant now);
  /// There was a connection, and it is over.
  bool has_ended() const { return opened_ && connection_.state() == tcp::State::closed; }
  void set_trace(TraceSink sink) { trace_ = sink; }

  /// Bytes that the program has read, each of them checked.
  std::uint64_t delivered() const { return read_; }
  std::uint64_t queued() const { return written_; }
  /// Nothing was wrong: bytes, and a cause for everything that was sent twice.
  bool is_sound() const { return wrong_bytes_ == 0 && without_cause_ == 0; }
  const Counters& counters() const { return counters_; }
  const tcp::Tcb& tcb() const { return connection_.tcb(); }

 private:
  tcp::Context context(Instant now);
  void write(Instant now);
  void read(Instant now);
  void check(const tcp::TxSegment& segment);
  void put_on(Path& path, const tcp::TxSegment& segment, Instant now) const;
  std::uint64_t unwrapped(SeqNum seq, SeqNum first, std::uint64_t near) const;

  Setup setup_;
  Pattern& pattern_;
  buf::Pools pools_;
  tcp::IslandSlab islands_;
  tcp::RecordPool records_;
  Counters counters_;
  tcp::ChallengeLimiter challenge_;
  TraceSink trace_;
  tcp::Connection connection_;
  Packet arriving_;  ///< lent to the connection, one arrival after the other
  std::uint64_t written_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t sent_ = 0;  ///< the stream up to here has left at least once
  std::uint64_t wrong_bytes_ = 0;
  std::uint64_t without_cause_ = 0;
  bool opened_ = false;
  bool stopped_ = false;
};

}  // namespace strata::sim
