// What TcpSettings and the options of listen() and connect() change for a whole stack: what its packets look
// like and who gets a port.
#include "stack/stack_core.hpp"
#include "stack/test_stack.hpp"

namespace strata {
namespace {

Endpoint any(std::uint16_t port) {
  return {.address = IpAddress::any(Family::ipv4), .zone = 0, .port = port};
}
TcpFields syn_from(std::uint16_t port) {
  return {.src_port = port, .seq = 1000, .flags = tcp_flag::kSyn, .options = {.mss = 1460}};
}
TcpFields ack_from(std::uint16_t port, std::uint32_t iss) {
  return {.src_port = port, .seq = 1001, .ack = iss + 1};
}

/// TTL and TOS of the next IPv4 packet out.
std::pair<int, int> next_ttl_and_tos(TestStack& host) {
  const Frame frame = host.next_frame();
  if (frame.size() < EthernetHeader::kSize + 20) return {-1, -1};
  return {frame[EthernetHeader::kSize + 8], frame[EthernetHeader::kSize + 1]};
}

TEST(Settings, AConnectionsPacketsCarryItsTtlAndTos) {
  TestStack host;
  auto stream =
      host.stack.connect({.address = kPeerIp, .port = 9}, {.settings = {.ttl = 7, .tos = 0xb8}}, host.now);
  ASSERT_TRUE(stream);
  EXPECT_EQ(next_ttl_and_tos(host), std::pair(7, 0xb8));
}

TEST(Settings, AListenersConnectionsBeginWithItsSettings) {
  TestStack host;
  auto listener = host.stack.listen(any(80), {.settings = {.keepalive_probes = 3, .ttl = 9}});
  ASSERT_TRUE(listener);
  host.receive(syn_from(5000));
  EXPECT_EQ(next_ttl_and_tos(host), std::pair(9, 0));
  host.handshake(syn_from(5001));
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->settings().keepalive_probes, 3);
}

TEST(Settings, MssMaxBoundsWhatWeAnnounceAndWhatWeSend) {
  TestStack host;
  auto listener = host.stack.listen(any(80), {.settings = {.mss_max = 700, .nodelay = true}});
  ASSERT_TRUE(listener);
  TcpFields syn = syn_from(5000);
  host.receive(syn);
  const auto answer = host.next_segment();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->options.mss, 700);
  host.receive(ack_from(5000, answer->seq));
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->info().snd_mss, 700U);
}

TEST(Settings, TheNumberOfSynsIsTheConnectionsOwn) {
  TestStack host;
  auto stream =
      host.stack.connect({.address = kPeerIp, .port = 9}, {.settings = {.syn_retries = 1}}, host.now);
  ASSERT_TRUE(stream);
  host.advance(Duration::millis(2900));
  EXPECT_EQ(stream->state(), TcpState::syn_sent);
  host.advance(Duration::millis(200));
  EXPECT_EQ(stream->error().error(), Errc::timed_out);
}

TEST(DeferAccept, ASilentConnectionIsNotAcceptedBeforeItSpeaks) {
  TestStack host;
  auto listener = host.stack.listen(any(80), {.settings = {.defer_accept = 2}});
  ASSERT_TRUE(listener);
  const std::uint32_t iss = host.handshake(syn_from(5000));
  EXPECT_EQ(listener->accept().error(), Errc::would_block);
  TcpFields data = ack_from(5000, iss);
  data.payload = "GET";
  host.receive(data);
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->info().receive_queued, 3U);
}

TEST(DeferAccept, AfterItsTimeTheSynAckGoesOutAgainAndABareAckIsEnough) {
  TestStack host;
  auto listener = host.stack.listen(any(80), {.settings = {.defer_accept = 2}});
  ASSERT_TRUE(listener);
  const std::uint32_t iss = host.handshake(syn_from(5000));
  const auto advance_listening = [&](Duration by) {
    host.now = host.now + by;
    host.stack.advance(host.now);
  };
  advance_listening(Duration::millis(1000));
  EXPECT_TRUE(host.is_silent());  // the peer has our SYN-ACK
  advance_listening(Duration::millis(2000));
  const auto again = host.next_segment();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->flags, tcp_flag::kSyn | tcp_flag::kAck);
  host.receive(ack_from(5000, iss));
  EXPECT_TRUE(listener->accept());
}

TEST(SharedPort, EachListenerGetsItsPartOfTheConnections) {
  TestStack host;
  const ListenOptions shared{.share_port = true};
  auto first = host.stack.listen(any(80), shared);
  auto second = host.stack.listen(any(80), shared);
  ASSERT_TRUE(first && second);
  for (std::uint16_t port = 5000; port < 5050; ++port) host.handshake(syn_from(port));
  const auto accepted = [](TcpListener& listener) {
    int count = 0;
    while (listener.accept()) ++count;
    return count;
  };
  const int count = accepted(*first);
  EXPECT_GT(count, 10);
  EXPECT_EQ(accepted(*second), 50 - count);
}

TEST(SharedPort, BothHaveToAgree) {
  TestStack host;
  auto first = host.stack.listen(any(80), {.share_port = true});
  EXPECT_EQ(host.stack.listen(any(80)).error(), Errc::address_in_use);
  auto alone = host.stack.listen(any(81));
  EXPECT_EQ(host.stack.listen(any(81), {.share_port = true}).error(), Errc::address_in_use);
}

TEST(AnyAddress, ASocketMayListenWhereWeAreNotYet) {
  TestStack host;
  const Endpoint elsewhere{.address = IpAddress::v4(192, 168, 7, 7), .port = 80};
  EXPECT_EQ(host.stack.listen(elsewhere).error(), Errc::address_not_available);
  EXPECT_TRUE(host.stack.listen(elsewhere, {.any_address = true}));
}

TEST(PortInUse, ConnectionsAndTimeWaitCountUnlessTheyAllowReuse) {
  TestStack host;
  TcpHost& tcp = host.stack.core().tcp();
  TcpListener listener = host.listen(80);
  const std::uint32_t iss = host.handshake(syn_from(5000));
  auto stream = listener.accept();
  listener.close();
  EXPECT_TRUE(tcp.is_port_used({.local = any(80)}, false));
  EXPECT_TRUE(tcp.is_port_used({.local = any(80)}, true));
  stream->configure({.reuse_address = true});
  EXPECT_FALSE(tcp.is_port_used({.local = any(80)}, true));
  EXPECT_TRUE(tcp.is_port_used({.local = any(80)}, false));
  EXPECT_FALSE(tcp.is_port_used({.local = any(81)}, false));
  stream->close();
  host.drain();
  TcpFields fin = ack_from(5000, iss);
  fin.ack += 1;
  fin.flags = tcp_flag::kFin | tcp_flag::kAck;
  host.receive(fin);
  host.drain();
  ASSERT_EQ(host.stack.time_wait_count(), 1U);
  EXPECT_TRUE(tcp.is_port_used({.local = any(80)}, false));
  EXPECT_FALSE(tcp.is_port_used({.local = any(80)}, true));
  host.advance(Duration::seconds(61));
  EXPECT_FALSE(tcp.is_port_used({.local = any(80)}, false));
}

TEST(RunningParameters, ChangeAtOnce) {
  TestStack host;
  TcpConfig config = host.stack.tcp_config();
  config.port_first = config.port_last = 4444;
  ASSERT_TRUE(host.stack.set_tcp_config(config));
  auto stream = host.stack.connect({.address = kPeerIp, .port = 9}, host.now);
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->local().port, 4444);
  config.port_first = 5000;
  EXPECT_EQ(host.stack.set_tcp_config(config).error(), Errc::invalid_argument);
  EXPECT_EQ(host.stack.tcp_config().port_first, 4444);
}

TEST(RunningParameters, ChallengeAcksCanBeSilenced) {
  TestStack host;
  TcpListener listener = host.listen(80);
  const std::uint32_t iss = host.handshake({.seq = 1000});
  const TcpFields syn{.seq = 1001, .ack = iss + 1, .flags = tcp_flag::kSyn | tcp_flag::kAck};
  host.receive(syn);
  EXPECT_TRUE(host.next_segment());
  TcpConfig config = host.stack.tcp_config();
  config.challenge_acks_per_second = 0;
  ASSERT_TRUE(host.stack.set_tcp_config(config));
  host.advance(Duration::seconds(2));
  host.receive(syn);
  EXPECT_TRUE(host.is_silent());
  EXPECT_EQ(host.count(Counter::tcp_challenge_limited), 1U);
}

}  // namespace
}  // namespace strata
