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

}  // namespace
}  // namespace strata
