// Handles of TCP sockets: stale ones find nothing, empty ones say so, and a waker may do anything.
#include "stack/test_stack.hpp"

namespace strata {
namespace {

/// An accepted connection; the peer's next number is 1001.
struct Accepted {
  TestStack host;
  TcpListener listener = host.listen(80);
  std::uint32_t iss = host.handshake({.seq = 1000});
  TcpStream stream = std::move(*listener.accept());
};

TEST(Handle, AnEmptyOneSaysClosed) {
  TcpStream stream;
  std::uint8_t byte = 0;
  EXPECT_FALSE(stream);
  EXPECT_EQ(stream.send({&byte, 1}).error(), Errc::closed);
  EXPECT_EQ(stream.receive({&byte, 1}).error(), Errc::closed);
  EXPECT_EQ(stream.peek().error(), Errc::closed);
  EXPECT_EQ(stream.shutdown_send().error(), Errc::closed);
  EXPECT_EQ(stream.error().error(), Errc::closed);
  EXPECT_EQ(stream.state(), TcpState::closed);
  EXPECT_EQ(stream.ready(), Ready::closed);
  stream.close();
  stream.abort();
  TcpListener listener;
  EXPECT_EQ(listener.accept().error(), Errc::closed);
  listener.close();
}

TEST(Handle, AStaleOneFindsNothing) {
  Accepted a;
  TcpStream stale(&a.host.stack.core(), a.stream.id());
  a.stream.abort();
  a.host.drain();
  EXPECT_EQ(a.host.stack.connection_count(), 0U);
  EXPECT_EQ(stale.send(as_bytes("x")).error(), Errc::closed);
  a.host.handshake({.src_port = 40'001, .seq = 1000});  // takes the same place
  TcpStream next = std::move(*a.listener.accept());
  EXPECT_EQ(next.id().index, stale.id().index);
  EXPECT_EQ(stale.send(as_bytes("x")).error(), Errc::closed);
  stale.close();
  EXPECT_EQ(next.state(), TcpState::established);
}

TEST(Handle, MovingLeavesAnEmptyOne) {
  Accepted a;
  TcpStream moved = std::move(a.stream);
  EXPECT_FALSE(a.stream);
  EXPECT_EQ(moved.state(), TcpState::established);
  moved = TcpStream();  // the last handle goes: close()
  const auto fin = a.host.next_segment();
  ASSERT_TRUE(fin);
  EXPECT_TRUE((fin->flags & tcp_flag::kFin) != 0);
}

TEST(Handle, DestroyingCloses) {
  Accepted a;
  {
    const TcpStream gone = std::move(a.stream);
  }
  EXPECT_TRUE((a.host.next_segment()->flags & tcp_flag::kFin) != 0);
}

TEST(Handle, PeekAndConsume) {
  Accepted a;
  a.host.receive({.seq = 1001, .ack = a.iss + 1, .payload = "hello"});
  EXPECT_EQ(as_text(*a.stream.peek()), "hello");
  a.stream.consume(2);
  EXPECT_EQ(as_text(*a.stream.peek()), "llo");
  a.stream.consume(3);
  EXPECT_EQ(a.stream.peek().error(), Errc::would_block);
}

TEST(Handle, TheWakerHearsEdgesOnce) {
  Accepted a;
  std::vector<Ready> heard;
  a.stream.set_waker({.context = &heard, .function = [](void* context, Ready ready) {
                        static_cast<std::vector<Ready>*>(context)->push_back(ready);
                      }});
  a.host.stack.dispatch();
  heard.clear();
  a.host.receive({.seq = 1001, .ack = a.iss + 1, .payload = "hello"});
  a.host.stack.dispatch();
  a.host.stack.dispatch();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0], Ready::readable);
  a.host.receive({.seq = 1006, .ack = a.iss + 1, .flags = tcp_flag::kFin | tcp_flag::kAck});
  a.host.stack.dispatch();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[1], Ready::readable | Ready::peer_closed);
}

TEST(Handle, AWakerMayCloseItsSocketAndOthers) {
  TestStack host;
  TcpListener listener = host.listen(80);
  std::vector<TcpStream> streams;
  std::vector<std::uint32_t> iss;
  for (std::uint16_t port = 5000; port < 5003; ++port) {
    iss.push_back(host.handshake({.src_port = port, .seq = 1000}));
    streams.push_back(std::move(*listener.accept()));
  }
  for (TcpStream& stream : streams) {
    stream.set_waker({.context = &streams, .function = [](void* context, Ready) {
                        for (TcpStream& each : *static_cast<std::vector<TcpStream>*>(context)) each.abort();
                      }});
  }
  for (std::uint16_t i = 0; i < 3; ++i) {
    host.receive(
        {.src_port = static_cast<std::uint16_t>(5000 + i), .seq = 1001, .ack = iss[i] + 1, .payload = "x"});
  }
  host.stack.dispatch();
  host.drain();
  EXPECT_EQ(host.stack.connection_count(), 0U);
}

TEST(Handle, AfterTheEndWhatArrivedCanStillBeRead) {
  Accepted a;
  a.host.receive({.seq = 1001, .ack = a.iss + 1, .payload = "bye"});
  a.host.receive({.seq = 1004, .ack = a.iss + 1, .flags = tcp_flag::kFin | tcp_flag::kAck});
  ASSERT_TRUE(a.stream.shutdown_send());
  a.host.drain();
  a.host.receive({.seq = 1005, .ack = a.iss + 2});
  EXPECT_EQ(a.stream.state(), TcpState::closed);
  EXPECT_TRUE(a.stream.error());
  EXPECT_EQ(as_text(*a.stream.peek()), "bye");
  a.stream.consume(3);
  std::uint8_t byte = 0;
  EXPECT_EQ(a.stream.receive({&byte, 1}), std::size_t{0});
  a.stream.close();
  EXPECT_EQ(a.host.stack.connection_count(), 0U);
  EXPECT_EQ(a.host.stack.blocks_in_use(), 0U);
}

TEST(Handle, ConsumingWhatAResetTookAwayIsHarmless) {
  TestStack host;
  TcpListener listener = host.listen(80);
  const std::uint32_t iss = host.handshake({.seq = 1000});
  auto stream = listener.accept();
  host.receive({.seq = 1001, .ack = iss + 1, .payload = "hello"});
  const auto seen = stream->peek();
  ASSERT_TRUE(seen);
  const std::size_t size = seen->size();
  host.receive({.seq = 1006, .ack = iss + 1, .flags = tcp_flag::kRst});
  stream->consume(size);
  EXPECT_EQ(stream->error().error(), Errc::connection_reset);
}

TEST(Handle, AnEchoHookMayAskAgainAndAgain) {
  TestStack host;
  struct Asker {
    TestStack& host;
    int answers = 0;
  } asker{host};
  host.stack.set_echo_hook({.context = &asker, .function = [](void* context, const EchoReply&) {
                              auto& self = *static_cast<Asker*>(context);
                              ++self.answers;
                              (void)self.host.stack.send_echo(IpAddress::v4(10, 0, 0, 77), 1, 1, {},
                                                              self.host.now);
                            }});
  ASSERT_TRUE(host.stack.send_echo(IpAddress::v4(10, 0, 0, 77), 1, 1, {}, host.now));
  for (int i = 0; i < 5 && asker.answers == 0; ++i) {
    host.drain();
    host.now = host.now + Duration::seconds(1);
    host.stack.advance(host.now);  // the neighbour stays silent
  }
  EXPECT_GE(asker.answers, 1);
  EXPECT_LE(asker.answers, 5);
}

TEST(Handle, ANarrowerRouteShortensTheSegments) {
  TestStack host;
  auto listener = host.stack.listen_any({});  // no interface has our address, so the best route is taken
  const TcpFields peer{.src = IpAddress::v4(198, 51, 100, 1),
                       .dst = IpAddress::v4(192, 0, 2, 99),
                       .seq = 1000,
                       .options = {.mss = 1460}};
  host.handshake(peer);
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  const Prefix other{IpAddress::v4(10, 9, 0, 1), 24};
  const auto nic = host.stack.add_interface(
      {.mac = {}, .link = {.mtu = 600, .has_ethernet_header = false}, .addresses = {&other, 1}});
  ASSERT_TRUE(nic);
  const Prefix theirs{IpAddress::v4(198, 51, 100, 0), 24};
  ASSERT_TRUE(host.stack.add_route({.destination = theirs, .gateway = IpAddress::v4(0), .nic = *nic}));
  ASSERT_TRUE(stream->send(std::vector<std::uint8_t>(4000)));
  EXPECT_TRUE(host.is_silent());  // on the old way
  std::size_t frames = 0;
  while (const Packet frame = host.stack.next_output(*nic, host.now)) {
    EXPECT_LE(frame.size(), 600U);
    ++frames;
  }
  EXPECT_GE(frames, 2U);
  EXPECT_LE(stream->info().snd_mss, 560U);
}

}  // namespace
}  // namespace strata
