// Listeners of a whole stack: accept, backlog, half-open connections, any port, and what closing one does.
#include "stack/test_stack.hpp"

namespace strata {
namespace {

TcpFields from_port(std::uint16_t port) { return {.src_port = port, .seq = 1000}; }

TEST(Listener, AcceptsInTheOrderOfHandshakes) {
  TestStack host;
  TcpListener listener = host.listen(80);
  EXPECT_EQ(listener.accept().error(), Errc::would_block);
  for (std::uint16_t port = 5000; port < 5003; ++port) host.handshake(from_port(port));
  EXPECT_EQ(listener.ready(), Ready::acceptable);
  for (std::uint16_t port = 5000; port < 5003; ++port) {
    auto stream = listener.accept();
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->remote(), (Endpoint{.address = kPeerIp, .zone = 0, .port = port}));
    EXPECT_EQ(stream->local(), (Endpoint{.address = kOurIp, .zone = 0, .port = 80}));
    EXPECT_EQ(stream->state(), TcpState::established);
  }
  EXPECT_EQ(listener.ready(), Ready::none);
}

TEST(Listener, DataThatCameBeforeAcceptIsThere) {
  TestStack host;
  TcpListener listener = host.listen(80);
  const std::uint32_t iss = host.handshake(from_port(5000));
  host.receive({.src_port = 5000, .seq = 1001, .ack = iss + 1, .payload = "early"});
  auto stream = listener.accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(as_text(*stream->peek()), "early");
}

TEST(Listener, AFullBacklogTakesNoMore) {
  TestStack host;
  TcpListener listener = host.listen(80, 2);
  host.handshake(from_port(5000));
  host.handshake(from_port(5001));
  TcpFields syn = from_port(5002);
  syn.flags = tcp_flag::kSyn;
  host.receive(syn);
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.count(Counter::tcp_listen_overflow), 1U);
  ASSERT_TRUE(listener.accept());
  host.receive(syn);
  EXPECT_TRUE(host.next_segment());
}

TEST(Listener, AHandshakeThatEndsAtAFullBacklogGoesOnLater) {
  TestStack host;
  TcpListener listener = host.listen(80, 1);
  TcpFields second = from_port(5001);
  second.flags = tcp_flag::kSyn;
  host.receive(second);  // half open
  const auto answer = host.next_segment();
  ASSERT_TRUE(answer);
  host.handshake(from_port(5000));
  TcpFields ack{.src_port = 5001, .seq = 1001, .ack = answer->seq + 1};
  host.receive(ack);
  EXPECT_EQ(host.count(Counter::tcp_listen_overflow), 1U);
  auto first = listener.accept();
  ASSERT_TRUE(first);
  EXPECT_EQ(listener.accept().error(), Errc::would_block);
  host.receive(ack);  // the peer's next segment, or its answer to our SYN-ACK, completes it
  auto late = listener.accept();
  ASSERT_TRUE(late);
  EXPECT_EQ(late->remote().port, 5001);
}

TEST(Listener, HalfOpenConnectionsAreBounded) {
  Config config = TestStack::small_config();
  config.tcp.syn_queue_max = 3;
  TestStack host(config);
  const TcpListener listener = host.listen(80);
  for (std::uint16_t port = 5000; port < 5010; ++port) {
    TcpFields syn = from_port(port);
    syn.flags = tcp_flag::kSyn;
    host.receive(syn);
  }
  EXPECT_EQ(host.stack.connection_count(), 3U);
  EXPECT_EQ(host.count(Counter::tcp_syn_queue_full), 7U);
  host.advance(Duration::seconds(120));  // nobody completes them
  EXPECT_EQ(host.stack.connection_count(), 0U);
}

TEST(Listener, AResetMakesRoomForAnotherHalfOpenConnection) {
  Config config = TestStack::small_config();
  config.tcp.syn_queue_max = 1;
  TestStack host(config);
  const TcpListener listener = host.listen(80);
  TcpFields syn = from_port(5000);
  syn.flags = tcp_flag::kSyn;
  host.receive(syn);
  host.drain();
  host.receive({.src_port = 5000, .seq = 1001, .flags = tcp_flag::kRst});
  EXPECT_EQ(host.stack.connection_count(), 0U);
  syn.src_port = 5001;
  host.receive(syn);
  EXPECT_EQ(host.stack.connection_count(), 1U);
}

TEST(Listener, AConnectionThatDiesBeforeAcceptIsAcceptedAndTellsOfItsEnd) {
  TestStack host;
  TcpListener listener = host.listen(80);
  host.handshake(from_port(5000));
  host.receive({.src_port = 5000, .seq = 1001, .flags = tcp_flag::kRst});
  auto stream = listener.accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->error().error(), Errc::connection_reset);
  stream->close();
  EXPECT_EQ(listener.accept().error(), Errc::would_block);
  EXPECT_EQ(host.stack.connection_count(), 0U);
}

TEST(Listener, ADeadConnectionThatNobodyAcceptsGoesWithItsListener) {
  TestStack host;
  TcpListener listener = host.listen(80);
  host.handshake(from_port(5000));
  host.receive({.src_port = 5000, .seq = 1001, .flags = tcp_flag::kRst});
  listener.close();
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.stack.connection_count(), 0U);
}

TEST(Listener, TheTableOfConnectionsIsBounded) {
  Config config = TestStack::small_config();
  config.tables.connections_max = 2;
  TestStack host(config);
  TcpListener listener = host.listen(80);
  for (std::uint16_t port = 5000; port < 5002; ++port) host.handshake(from_port(port));
  TcpFields syn = from_port(5002);
  syn.flags = tcp_flag::kSyn;
  host.receive(syn);
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.count(Counter::tcp_connection_table_full), 1U);
}

TEST(Listener, ClosingResetsWhatNobodyAccepted) {
  TestStack host;
  TcpListener listener = host.listen(80);
  host.handshake(from_port(5000));
  TcpFields syn = from_port(5001);
  syn.flags = tcp_flag::kSyn;
  host.receive(syn);
  host.drain();
  listener.close();
  for (int i = 0; i < 2; ++i) {
    const auto reset = host.next_segment();
    ASSERT_TRUE(reset);
    EXPECT_TRUE((reset->flags & tcp_flag::kRst) != 0);
  }
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.stack.connection_count(), 0U);
  host.receive(syn);
  EXPECT_EQ(host.next_segment()->flags, tcp_flag::kRst | tcp_flag::kAck);
}

TEST(Listener, AnAcceptedConnectionOutlivesItsListener) {
  TestStack host;
  TcpListener listener = host.listen(80);
  host.handshake(from_port(5000));
  auto stream = listener.accept();
  listener.close();
  EXPECT_EQ(stream->state(), TcpState::established);
  EXPECT_TRUE(stream->send(as_bytes("still here")));
  EXPECT_EQ(host.next_segment()->payload, "still here");
}

TEST(Listener, OnAnyPortTheOriginalDestinationShows) {
  TestStack host;
  auto listener = host.stack.listen_any({});
  ASSERT_TRUE(listener);
  const IpAddress elsewhere = IpAddress::v4(192, 0, 2, 99);
  host.handshake({.dst = elsewhere, .src_port = 5000, .dst_port = 4711, .seq = 1000});
  const auto stream = listener->accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->local(), (Endpoint{.address = elsewhere, .zone = 0, .port = 4711}));
}

TEST(Listener, OnAnyPortAcceptedConnectionsOutliveIt) {
  TestStack host;
  auto listener = host.stack.listen_any({});
  ASSERT_TRUE(listener);
  const TcpFields peer{.dst = IpAddress::v4(192, 0, 2, 99), .src_port = 5000, .dst_port = 4711, .seq = 1000};
  const std::uint32_t iss = host.handshake(peer);
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  listener->close();
  host.receive(
      {.dst = peer.dst, .src_port = 5000, .dst_port = 4711, .seq = 1001, .ack = iss + 1, .payload = "more"});
  std::uint8_t into[8];
  EXPECT_EQ(stream->receive(into).value_or(0), 4U);
}

TEST(Listener, OnAnyPortEndsWithTheListener) {
  TestStack host;
  auto listener = host.stack.listen_any({});
  ASSERT_TRUE(listener);
  listener->close();
  host.receive({.dst = IpAddress::v4(192, 0, 2, 99), .flags = tcp_flag::kSyn});
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.count(Counter::ip_not_for_us), 1U);
}

TEST(Listener, RefusesImpossiblePlaces) {
  TestStack host;
  const TcpListener listener = host.listen(80);
  const auto error = [&](const IpAddress& address, std::uint16_t port) {
    return host.stack.listen({.address = address, .zone = 0, .port = port}).error();
  };
  EXPECT_EQ(error(kOurIp, 0), Errc::invalid_argument);
  EXPECT_EQ(error(kPeerIp, 81), Errc::address_not_available);
  EXPECT_EQ(error(kOurIp, 80), Errc::address_in_use);
}

TEST(Listener, TheWakerHearsOfEachConnection) {
  TestStack host;
  TcpListener listener = host.listen(80);
  int woken = 0;
  listener.set_waker(
      {.context = &woken, .function = [](void* context, Ready) { ++*static_cast<int*>(context); }});
  host.handshake(from_port(5000));
  host.stack.dispatch();
  host.stack.dispatch();
  EXPECT_EQ(woken, 1);
  host.handshake(from_port(5001));
  host.stack.dispatch();
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace strata
