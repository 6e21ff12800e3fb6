// TIME-WAIT in a whole stack: the record that stays, what it answers, who may take its place, and its end.
#include "stack/test_stack.hpp"

namespace strata {
namespace {

constexpr std::uint16_t kFinAck = tcp_flag::kFin | tcp_flag::kAck;

/// A connection that we closed first; the peer's next number is 1002.
struct Closed {
  explicit Closed(const Config& config = TestStack::small_config()) : host(config) { close(40'000); }

  void close(std::uint16_t port) {
    iss = host.handshake({.src_port = port, .seq = 1000});
    TcpStream stream = std::move(*listener.accept());
    stream.close();
    host.drain();
    host.receive({.src_port = port, .seq = 1001, .ack = iss + 2, .flags = kFinAck});
    last_ack = host.next_segment();
    EXPECT_TRUE(host.is_silent());
  }

  TestStack host;
  TcpListener listener = host.listen(80);
  std::uint32_t iss = 0;
  std::optional<TcpFields> last_ack;
};

TEST(TimeWaitRecord, TakesTheConnectionsPlace) {
  Closed c;
  ASSERT_TRUE(c.last_ack);
  EXPECT_EQ(c.last_ack->ack, 1002U);
  EXPECT_EQ(c.host.stack.connection_count(), 0U);
  EXPECT_EQ(c.host.stack.time_wait_count(), 1U);
}

TEST(TimeWaitRecord, AnswersARepeatedFin) {
  Closed c;
  c.host.receive({.seq = 1001, .ack = c.iss + 2, .flags = kFinAck});
  const auto answer = c.host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->seq, c.iss + 2);
  EXPECT_EQ(answer->ack, 1002U);
}

TEST(TimeWaitRecord, LastsTwiceTheSegmentLifetime) {
  Closed c;
  c.host.advance(Duration::seconds(59));
  EXPECT_EQ(c.host.stack.time_wait_count(), 1U);
  c.host.advance(Duration::seconds(1));
  EXPECT_EQ(c.host.stack.time_wait_count(), 0U);
  c.host.receive({.seq = 1001, .ack = c.iss + 2, .flags = kFinAck});
  EXPECT_EQ(c.host.next_segment()->flags, tcp_flag::kRst);
}

TEST(TimeWaitRecord, ARepeatedFinStartsTheWaitAnew) {
  Closed c;
  c.host.advance(Duration::seconds(50));
  c.host.receive({.seq = 1001, .ack = c.iss + 2, .flags = kFinAck});
  c.host.drain();
  c.host.advance(Duration::seconds(59));
  EXPECT_EQ(c.host.stack.time_wait_count(), 1U);
}

TEST(TimeWaitRecord, IsNotEndedByAReset) {
  Closed c;
  c.host.receive({.seq = 1002, .flags = tcp_flag::kRst});
  EXPECT_EQ(c.host.stack.time_wait_count(), 1U);
  EXPECT_EQ(c.host.count(Counter::tcp_time_wait_rst_ignored), 1U);
}

TEST(TimeWaitRecord, ANewSynTakesItsPlace) {
  Closed c;
  c.host.receive({.seq = 5000, .flags = tcp_flag::kSyn});
  const auto answer = c.host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->flags, tcp_flag::kSyn | tcp_flag::kAck);
  EXPECT_TRUE(SeqNum(answer->seq).after(SeqNum(c.iss + 2)));  // RFC 6191 §2: beyond what the old one used
  EXPECT_EQ(c.host.stack.time_wait_count(), 0U);
  EXPECT_EQ(c.host.count(Counter::tcp_time_wait_reused), 1U);
}

TEST(TimeWaitRecord, AnOldSynDoesNot) {
  Closed c;
  c.host.receive({.seq = 900, .flags = tcp_flag::kSyn});
  const auto answer = c.host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->flags, tcp_flag::kAck);
  EXPECT_EQ(answer->ack, 1002U);
  EXPECT_EQ(c.host.stack.time_wait_count(), 1U);
}

TEST(TimeWaitRecord, ANewSynThatNobodyWouldTakeIsChallenged) {  // RFC 9293 §3.10.7.4, fourth check
  Closed c;
  c.listener.close();
  c.host.receive({.seq = 5000, .flags = tcp_flag::kSyn});
  const auto answer = c.host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->flags, tcp_flag::kAck);
  EXPECT_EQ(answer->ack, 1002U);
  EXPECT_EQ(c.host.stack.time_wait_count(), 1U);
}

TEST(TimeWaitRecord, TheOldestMakesRoom) {
  Config config = TestStack::small_config();
  config.tables.time_wait_max = 2;
  Closed c(config);
  c.close(40'001);
  c.close(40'002);
  EXPECT_EQ(c.host.stack.time_wait_count(), 2U);
  EXPECT_EQ(c.host.count(Counter::tcp_time_wait_overflow), 1U);
  c.host.receive({.src_port = 40'000, .seq = 1001, .ack = 1, .flags = kFinAck});
  EXPECT_EQ(c.host.next_segment()->flags, tcp_flag::kRst);
}

TEST(TimeWaitRecord, AHandleThatIsStillHeldReadsOn) {
  TestStack host;
  TcpListener listener = host.listen(80);
  const std::uint32_t iss = host.handshake({.seq = 1000});
  TcpStream stream = std::move(*listener.accept());
  ASSERT_TRUE(stream.shutdown_send());
  host.drain();
  host.receive({.seq = 1001, .ack = iss + 2, .flags = kFinAck, .payload = "last words"});
  host.drain();
  EXPECT_EQ(stream.state(), TcpState::time_wait);
  EXPECT_EQ(as_text(*stream.peek()), "last words");
  host.advance(Duration::seconds(61));
  EXPECT_EQ(stream.state(), TcpState::closed);
  EXPECT_EQ(as_text(*stream.peek()), "last words");
  EXPECT_TRUE(stream.error());
  stream.close();
  EXPECT_EQ(host.stack.connection_count(), 0U);
  EXPECT_EQ(host.stack.blocks_in_use(), 0U);
}

}  // namespace
}  // namespace strata
