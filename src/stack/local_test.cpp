// A stack that talks to itself: over its own address, and over loopback, without any device.
#include "stack/test_stack.hpp"

namespace strata {
namespace {

/// Both ends of a connection inside one stack.
class LocalTest : public testing::TestWithParam<IpAddress> {
 protected:
  void connect() {
    auto connecting = host_.stack.connect({.address = GetParam(), .zone = 0, .port = 80}, host_.now);
    ASSERT_TRUE(connecting);
    client_ = std::move(*connecting);
    settle();
    auto accepted = listener_.accept();
    ASSERT_TRUE(accepted);
    server_ = std::move(*accepted);
  }
  /// Nothing of this may reach the wire.
  void settle() {
    host_.stack.advance(host_.now);
    EXPECT_TRUE(host_.next_frame().empty());
  }
  std::string read(TcpStream& stream) {
    std::string text;
    while (const auto piece = stream.peek()) {
      if (piece->empty()) break;
      text += as_text(*piece);
      stream.consume(piece->size());
    }
    return text;
  }

  TestStack host_;
  TcpListener listener_ = host_.listen(80);
  TcpStream client_;
  TcpStream server_;
};
INSTANTIATE_TEST_SUITE_P(Over, LocalTest,
                         testing::Values(kOurIp, IpAddress::v4(127, 0, 0, 1), IpAddress::v4(127, 9, 9, 9)));

TEST_P(LocalTest, AWakerThatIsDueWaitsForNoTimer) {
  connect();
  int calls = 0;
  server_.set_waker(
      {.context = &calls, .function = [](void* context, Ready) { ++*static_cast<int*>(context); }});
  host_.stack.dispatch();
  calls = 0;
  ASSERT_TRUE(client_.send(as_bytes("hello")));
  EXPECT_TRUE(host_.next_frame().empty());  // delivers, as poll() does after its dispatch()
  EXPECT_EQ(host_.stack.next_deadline(), host_.now);
  host_.stack.dispatch();
  EXPECT_EQ(calls, 1);
  EXPECT_GT(host_.stack.next_deadline(), host_.now);
}

TEST_P(LocalTest, TalksBothWaysAndCloses) {
  connect();
  ASSERT_TRUE(client_.send(as_bytes("question")));
  settle();
  EXPECT_EQ(read(server_), "question");
  ASSERT_TRUE(server_.send(as_bytes("answer")));
  settle();
  EXPECT_EQ(read(client_), "answer");
  EXPECT_EQ(client_.remote(), (Endpoint{.address = GetParam(), .zone = 0, .port = 80}));
  client_.close();
  settle();
  EXPECT_TRUE(any(server_.ready() & Ready::peer_closed));
  server_.close();
  settle();
  EXPECT_EQ(host_.stack.connection_count(), 0U);
  EXPECT_EQ(host_.stack.time_wait_count(), 1U);
}

TEST_P(LocalTest, CarriesALongTransfer) {
  connect();
  const std::string data(3'000'000, 'x');
  std::size_t sent = 0;
  std::string received;
  for (int i = 0; i < 10'000 && received.size() < data.size(); ++i) {
    if (const auto taken = client_.send(as_bytes(data).subspan(sent))) sent += *taken;
    host_.now = host_.now + Duration::millis(1);
    settle();
    received += read(server_);
  }
  EXPECT_TRUE(received == data);
}

TEST_P(LocalTest, AClosedPortRefuses) {
  auto stream = host_.stack.connect({.address = GetParam(), .zone = 0, .port = 81}, host_.now);
  ASSERT_TRUE(stream);
  settle();
  EXPECT_EQ(stream->error().error(), Errc::connection_refused);
}

TEST_P(LocalTest, APortThatConnectsToItselfOpensSimultaneously) {
  const Endpoint self{.address = GetParam(), .zone = 0, .port = 6000};
  auto stream = host_.stack.connect(self, {.local = self}, host_.now);
  if (!stream) return;  // an address that is not ours to bind
  settle();
  EXPECT_EQ(stream->state(), TcpState::established);
  ASSERT_TRUE(stream->send(as_bytes("echo")));
  settle();
  EXPECT_EQ(read(*stream), "echo");
}

}  // namespace
}  // namespace strata
