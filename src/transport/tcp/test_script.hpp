// For tests (STYLE R15): one connection as a script. The peer is the lines that the test writes, time is
// explicit, and a failure prints everything that happened, the failing step last. After a failure the rest of
// the script is skipped.
//
//   Script t(State::established);
//   t.peer("R  seq 500");
//   t.expect(".  seq 1 ack 1");
//   t.expect_nothing();
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <ostream>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "transport/tcp/connection.hpp"
#include "transport/tcp/test_notation.hpp"

namespace strata {
/// For failure messages.
inline void PrintTo(Errc error, std::ostream* os) { *os << name(error); }
inline void PrintTo(TcpState state, std::ostream* os) { *os << name(state); }
inline void PrintTo(Duration d, std::ostream* os) { *os << d.count_nanos() << " ns"; }
}  // namespace strata

namespace strata::tcp {

/// The parameters of the house, with a receive buffer that a window field holds unscaled.
TcpConfig plain_config();

/// What a connection begins with.
struct Scene {
  std::uint32_t iss = 0;
  std::uint32_t irs = 0;
  bool passive = false;              ///< opened by the peer's SYN
  std::string peer_flags = "S";      ///< of the peer's SYN, and before `.` of its SYN-ACK
  std::string our_flags = "S";       ///< of ours
  std::string peer_ack_flags = ".";  ///< of the ACK that ends the handshake
  std::string our_ack_flags = ".";
  std::string peer_syn = "mss 1460";  ///< the options of the peer's SYN, and its window
  TcpConfig config = plain_config();
  TcpSettings settings;
  PathInfo path{.mss = 1460, .gso_max = 0};
  BufferLimits buffers{.block_size = 2048, .blocks_max = 2048, .packets_max = 64, .queue_nodes_max = 512};
  std::size_t islands_max = 64;
  std::size_t controllers_max = 4;
  Duration rtt = Duration::millis(100);  ///< of the handshake: the first RTO is 300 ms
};

class Script {
 public:
  using Place = std::source_location;

  /// A connection that has come to `state` by segments and calls; nothing waits to be sent.
  explicit Script(State state, const Scene& scene = {});
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  /// Gives all memory back and checks that nothing of it leaked.
  ~Script();

  // --- What happens ---
  /// A segment arrives. Not spelled: the number that is next, the last ACK and window, and a fresh stamp
  /// where agreed.
  void peer(std::string_view line, Place place = Place::current());
  /// Time passes. What the connection says before the end of it is a failure: nothing may be left unexpected.
  void advance(Duration by, Place place = Place::current());
  void app_send(std::size_t size, Place place = Place::current());
  /// Reads exactly `size` bytes and checks them.
  void app_read(std::size_t size, Place place = Place::current());
  Result<std::size_t> try_send(std::size_t size, SendOptions options = {});
  Result<std::size_t> try_read(std::size_t size);
  void app_shutdown();
  void app_close();
  void app_abort();
  /// An ICMP error that quotes our segment `seq`.
  void icmp(Errc error, std::uint32_t seq);
  /// Eight single bytes arrive, each acknowledged at once; from then on ACKs are delayed. The next byte is 9.
  void use_up_quick_acks(Place place = Place::current());

  // --- What is expected ---
  void expect(std::string_view line, Place place = Place::current());
  void expect_nothing(Place place = Place::current());
  /// `count` full segments of `size` bytes from `seq` on, one after the other.
  void expect_data(std::uint32_t seq, std::uint32_t size, int count, Place place = Place::current());
  void expect_state(State state, Place place = Place::current());
  /// CLOSED, with this error or in order.
  void expect_closed(std::optional<Errc> error, Place place = Place::current());
  void expect_end_of_stream(Place place = Place::current());
  void expect_cwnd(std::uint32_t cwnd, Place place = Place::current());
  std::uint64_t count(Counter counter) const { return counters_[counter]; }

  Connection& connection() { return connection_; }
  Tcb& tcb() { return connection_.tcb(); }
  /// As configure(), without its effects.
  template <class Change>
  void set(Change change) {
    TcpSettings own = *tcb().settings;
    change(own);
    tcb().settings.set(own);
  }
  Context context();
  Instant now() const { return now_; }
  Duration rto() { return connection_.info().rto; }
  buf::Pools& pools() { return pools_; }
  MemoryBudget& memory() { return memory_; }
  bool has_failed() const { return failed_; }

 private:
  void go_to(State state);
  void handshake();
  Segment segment_of(const SegmentLine& line, Packet& packet);
  std::string check(const std::optional<SegmentLine>& line, const TxSegment& segment) const;
  bool is_silent();
  void note(std::string text);
  void fail(const std::string& why, const Place& place);
  Numbers ours() const { return {.seq = scene_.iss, .ack = scene_.irs}; }
  Numbers theirs() const { return {.seq = scene_.irs, .ack = scene_.iss}; }

  Scene scene_;
  buf::Pools pools_;
  buf::Pools peer_pools_;
  IslandSlab islands_;
  RecordPool records_{1U << 16};
  ControllerPools controllers_;
  Counters counters_;
  MemoryBudget memory_;
  ChallengeLimiter challenge_;
  TraceSink trace_;
  Instant now_ = Instant::from_nanos(1'000'000'000);
  Connection connection_;
  std::uint32_t peer_seq_ = 0;  ///< what the peer says next, relative
  std::uint32_t peer_ack_ = 1;  ///< what it said last
  std::uint16_t peer_window_ = 65'535;
  std::uint32_t last_stamp_ = 0;  ///< of ours that the peer saw
  std::uint32_t app_sent_ = 1;    ///< relative number of the byte that the application sends next
  std::uint32_t app_read_ = 1;
  std::vector<std::string> transcript_;
  bool failed_ = false;
};

/// Runs each script from several initial sequence numbers, so that every comparison meets the wrap at 2^32.
class AnyNumbers : public testing::TestWithParam<Numbers> {
 protected:
  static Scene with(Scene scene) {
    scene.iss = GetParam().seq;
    scene.irs = GetParam().ack;
    return scene;
  }
  static Scene plain() { return with({}); }
};

inline constexpr Numbers kStarts[] = {{.seq = 0, .ack = 0},
                                      {.seq = 0xffff'ffff, .ack = 0xffff'fe00},
                                      {.seq = 0xffff'fa00, .ack = 0xffff'ffff},
                                      {.seq = 0x7fff'ff00, .ack = 0x7fff'ffff}};

inline std::string name_of_start(const testing::TestParamInfo<Numbers>& start) {
  return "Start" + std::to_string(start.index);
}

}  // namespace strata::tcp
