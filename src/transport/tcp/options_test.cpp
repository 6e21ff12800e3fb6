// What two SYNs agree on (RFC 9293 §3.7.1, RFC 7323 §2, RFC 2018 §2), alone and as a connection uses it.
#include "transport/tcp/options.hpp"

#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

TEST(SynOptions, OursOfferEverythingThatIsSwitchedOn) {
  TcpConfig config{.receive_buffer = 1U << 20};
  const TcpOptions all = syn_options(config, config.receive_buffer, 1460, nullptr, {.value = 7, .echo = 0});
  EXPECT_EQ(all.mss, 1460);
  EXPECT_EQ(all.wscale, 5);
  EXPECT_TRUE(all.sack_permitted);
  EXPECT_EQ(all.timestamps->value, 7U);
  config.timestamps = config.window_scaling = config.sack = false;
  const TcpOptions bare = syn_options(config, config.receive_buffer, 1460, nullptr, {});
  EXPECT_FALSE(bare.wscale || bare.timestamps || bare.sack_permitted);
}

TEST(SynOptions, AnAnswerHasOnlyWhatWasOffered) {
  const TcpConfig config;
  TcpOptions peer;
  peer.mss = 1000;
  const TcpOptions none = syn_options(config, config.receive_buffer, 1460, &peer, {});
  EXPECT_FALSE(none.wscale || none.timestamps || none.sack_permitted);
  peer.wscale = 0;
  peer.sack_permitted = true;
  peer.timestamps = TcpTimestamps{};
  const TcpOptions all = syn_options(config, config.receive_buffer, 1460, &peer, {});
  EXPECT_TRUE(all.wscale && all.timestamps && all.sack_permitted);
}

TEST(Agreement, TakesBothSides) {
  TcpConfig config{.receive_buffer = 1U << 20};
  TcpOptions peer;
  EXPECT_EQ(agree(config, config.receive_buffer, peer).peer_mss, 536);  // RFC 9293 §3.7.1: without the option
  EXPECT_EQ(agree(config, config.receive_buffer, peer).rcv_shift.value(), 0);
  peer.wscale = 200;
  EXPECT_EQ(agree(config, config.receive_buffer, peer).snd_shift.value(), 14);
  EXPECT_EQ(agree(config, config.receive_buffer, peer).rcv_shift.value(), 5);
  config.window_scaling = false;
  EXPECT_EQ(agree(config, config.receive_buffer, peer).snd_shift.value(), 0);
}

struct Options : AnyNumbers {
  static Scene offering(const char* peer_syn) {
    Scene scene = plain();
    scene.peer_syn = peer_syn;
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, Options, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Options, TheSynOffersAll) {
  Scene scene = plain();
  scene.config.receive_buffer = 1U << 20;
  Script t(State::closed, scene);
  t.tcb().ts_offset = 5;
  open_active(t.tcb(), t.context(), SeqNum(GetParam().seq));
  t.expect("S  seq 0 win 65535 mss 1460 wscale 5 sackOK ts 1005/0");
}

TEST_P(Options, TheSynAckOffersWhatThePeerDid) {
  Scene scene = offering("mss 1400 wscale 3 sackOK ts 500/0");
  scene.passive = true;
  Script t(State::syn_received, scene);
  t.peer("S  seq 0 mss 1400 wscale 3 sackOK ts 500/0");
  t.expect("S. seq 0 ack 1 mss 1460 wscale 0 sackOK ts 1000/500");
  Scene bare = offering("mss 1400");
  bare.passive = true;
  Script u(State::syn_received, bare);
  u.peer("S  seq 0 mss 1400");
  u.expect("S. seq 0 ack 1 mss 1460 no-wscale no-sack no-ts");
}

TEST_P(Options, SegmentsAreNoLargerThanThePeerTakes) {
  struct Row {
    const char* peer_syn;
    std::uint32_t size;
  };
  for (const Row& row :
       {Row{"mss 1000", 1000}, Row{"win 65535", 536}, Row{"mss 9000", 1460}, Row{"mss 1000 ts 1/0", 988}}) {
    Script t(State::established, offering(row.peer_syn));
    t.app_send(3000);
    t.expect_data(1, row.size, 2);
  }
}

TEST_P(Options, ATinyMssCountsAsTheMinimum) {
  for (const char* peer_syn : {"mss 0", "mss 1", "mss 87", "mss 88"}) {
    Script t(State::established, offering(peer_syn));
    t.app_send(1000);
    t.expect_data(1, 88, 5);
  }
  Script t(State::established, offering("mss 0 ts 1/0"));
  t.app_send(1000);
  t.expect_data(1, 76, 5);
}

TEST_P(Options, WindowsAreScaledAfterTheHandshakeOnly) {  // RFC 7323 §2.2
  Script t(State::established, offering("mss 1460 wscale 7 win 60000"));
  EXPECT_EQ(t.connection().info().snd_wnd, 60'000U);
  t.peer(".  win 1000");
  EXPECT_EQ(t.connection().info().snd_wnd, 128'000U);
}

TEST_P(Options, OurWindowIsScaledToo) {
  Scene scene = offering("mss 1460 wscale 0");
  scene.config.receive_buffer = 1U << 20;
  Script t(State::established, scene);
  t.peer("P. len 1000");
  t.expect(".  ack 1001 win 32736");  // (2^20 - 1000) >> 5
  EXPECT_EQ(t.connection().info().rcv_wnd, (1U << 20) - 1000);
}

/// RFC 7323 §2.3: the SYN fixes the scale for the largest window that there may ever be.
TEST_P(Options, TheScaleLeavesRoomToGrow) {
  Scene scene = offering("mss 1460 wscale 0");
  scene.config.receive_buffer = 65'535;
  scene.config.window_scale_room = 1U << 21;
  Script t(State::established, scene);
  t.peer("P. len 1000");
  t.expect(".  ack 1001 win 1008");  // (65535 - 1000) >> 6
}

TEST_P(Options, WithoutScalingTheWindowStaysBelow64K) {
  Scene scene = offering("mss 1460");
  scene.config.receive_buffer = 1U << 20;
  Script t(State::established, scene);
  t.peer("P. len 1000");
  t.expect(".  ack 1001 win 65535");
}

TEST_P(Options, ACrossedSynAckIsNotScaled) {
  Script t(State::syn_sent, offering(""));
  t.peer("S  seq 0 win 8192 mss 1460 wscale 7");
  t.expect("S. seq 0 ack 1");
  t.peer("S. seq 0 ack 1 win 8192 mss 1460 wscale 7");
  t.expect_state(State::established);
  EXPECT_EQ(t.connection().info().snd_wnd, 8192U);
}

}  // namespace
}  // namespace strata::tcp
