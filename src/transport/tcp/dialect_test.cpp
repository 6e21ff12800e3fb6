// What systems do differently within the RFCs, or by a switch of their own: the parameters that FreeBSD's
// tcp(4) names, and its habits.
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

constexpr const char* kAllOptions = "mss 1000 wscale 7 sackOK ts 500/0";

struct Dialect : AnyNumbers {
  /// The scene with one parameter changed.
  template <auto Member, class Value>
  static Scene with_parameter(Value value) {
    Scene scene = plain();
    scene.config.*Member = value;
    return scene;
  }
  static Scene with_settings(const TcpSettings& settings) {
    Scene scene = plain();
    scene.settings = settings;
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, Dialect, testing::ValuesIn(kStarts), name_of_start);

// --- RST and SYN in the window, without RFC 5961 ---

TEST_P(Dialect, WithInsecureRstAnyResetInTheWindowEndsTheConnection) {
  const Scene scene = with_parameter<&TcpConfig::insecure_rst>(true);
  Script inside(State::established, scene);
  inside.peer("R  seq 65535");
  inside.expect_closed(Errc::connection_reset);
  inside.expect_nothing();
  for (const char* outside : {"R  seq 0", "R  seq 65536"}) {
    Script t(State::established, scene);
    t.peer(outside);
    t.expect_state(State::established);
    t.expect_nothing();
  }
}

TEST_P(Dialect, WithInsecureSynAnySynInTheWindowEndsTheConnectionWithAReset) {
  const Scene scene = with_parameter<&TcpConfig::insecure_syn>(true);
  Script inside(State::established, scene);
  inside.peer("S  seq 65535 mss 1460");
  inside.expect("R. seq 1 ack 1");
  inside.expect_closed(Errc::connection_reset);
  Script outside(State::established, scene);
  outside.peer("S  seq 65536 mss 1460");
  outside.expect(".  seq 1 ack 1");
  outside.expect_state(State::established);
}

TEST_P(Dialect, WithInsecureSynACrossedHandshakeStillEarnsAChallenge) {
  Script t(State::syn_received, with_parameter<&TcpConfig::insecure_syn>(true));
  t.peer("S  seq 100");
  t.expect(".  seq 1 ack 1 cause ack_challenge");
  t.expect_state(State::syn_received);
}

// --- Options ---

TEST_P(Dialect, AMissingStampMayBeTolerated) {  // RFC 7323 §3.2
  Scene scene = with_parameter<&TcpConfig::tolerate_missing_ts>(true);
  scene.peer_syn = "mss 1460 ts 1000/0";
  Script t(State::established, scene);
  t.peer("P. 1:11(10) no-ts");
  t.app_read(10);
  t.expect(".  ack 11 ts 1100/1000");
}

TEST_P(Dialect, FromTheThirdRepetitionASynHasOnlyTheMss) {
  Script t(State::syn_sent, with_parameter<&TcpConfig::rexmit_drop_options>(true));
  Duration wait = Duration::seconds(1);
  for (int i = 0; i < 2; ++i, wait = wait * 2) {
    t.advance(wait);
    t.expect("S  seq 0 mss 1460 wscale 0 sackOK");
  }
  for (int i = 0; i < 2; ++i, wait = wait * 2) {
    t.advance(wait);
    t.expect("S  seq 0 mss 1460 no-wscale no-sack no-ts");
  }
  EXPECT_EQ(t.connection().info().snd_mss, 536U);
}

// A SYN-ACK has only what one of our SYNs had: the first ones count as well (RFC 7323 §2.2).
TEST_P(Dialect, ASynAckMayAnswerAnEarlierAndLongerSyn) {
  Script t(State::syn_sent, with_parameter<&TcpConfig::rexmit_drop_options>(true));
  for (const int seconds : {1, 2, 4}) {
    t.advance(Duration::seconds(seconds));
    t.expect("S  seq 0");
  }
  t.peer(std::string("S. seq 0 ack 1 ") + kAllOptions);
  t.expect(".  ack 1 ts 8000/500");
}

TEST_P(Dialect, ASynThatCrossedAShortOneAgreesOnNothing) {
  Script t(State::syn_sent, with_parameter<&TcpConfig::rexmit_drop_options>(true));
  for (const int seconds : {1, 2, 4}) {
    t.advance(Duration::seconds(seconds));
    t.expect("S  seq 0");
  }
  t.peer(std::string("S  seq 0 ") + kAllOptions);
  t.expect("S. seq 0 ack 1 mss 1460 no-wscale no-sack no-ts");
}

struct WithoutOptions : AnyNumbers {
  static Scene from_peer(bool passive) {
    Scene scene = plain();
    scene.passive = passive;
    scene.peer_syn = kAllOptions;
    scene.settings = {.no_options = true};
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, WithoutOptions, testing::ValuesIn(kStarts), name_of_start);

TEST_P(WithoutOptions, OurSynHasNoneAndTheSynAckGivesTheMssAlone) {
  Script t(State::established, from_peer(false));
  t.app_send(1500);
  t.expect(".  1:1001(1000) no-ts");  // RFC 9293 §3.7.1: the peer's MSS binds us all the same
  t.peer(".  seq 11 ack 1 len 10");   // a hole
  t.expect(".  ack 1 no-sack no-ts");
}

TEST_P(WithoutOptions, NorHasOurSynAck) {
  Scene scene = from_peer(true);
  Script t(State::syn_received, scene);
  t.advance(Duration::seconds(1));
  t.expect("S. seq 0 ack 1 no-mss no-wscale no-sack no-ts");
}

TEST_P(WithoutOptions, TheSettingCountsBeforeTheSynAndNotAfter) {
  Script t(State::syn_sent, plain());
  configure(t.tcb(), t.context(), {.no_options = true});
  t.advance(Duration::seconds(1));
  t.expect("S  seq 0 mss 1460 wscale 0 sackOK");
}

// --- Connecting ---

TEST_P(Dialect, ConnectingMayHaveALimit) {  // RFC 9293 §3.8.3
  Script t(State::syn_sent, with_settings({.keepinit = Duration::seconds(5)}));
  t.advance(Duration::seconds(1));
  t.expect("S  seq 0");
  t.advance(Duration::seconds(2));
  t.expect("S  seq 0");
  t.advance(Duration::seconds(2) - Duration::nanos(1));
  t.expect_state(State::syn_sent);
  t.advance(Duration::nanos(1));
  t.expect_closed(Errc::timed_out);
  t.expect_nothing();
}

TEST_P(Dialect, TheLimitOfConnectingIsTheStacksUnlessTheConnectionHasItsOwn) {
  const Scene scene = with_parameter<&TcpConfig::keepinit>(Duration::millis(700));
  Script t(State::syn_sent, scene);
  t.advance(Duration::millis(700));
  t.expect_closed(Errc::timed_out);
}

TEST_P(Dialect, OfTwoLimitsTheShorterCounts) {
  Script t(State::syn_sent,
           with_settings({.user_timeout = Duration::millis(300), .keepinit = Duration::seconds(5)}));
  t.advance(Duration::millis(300));
  t.expect_closed(Errc::timed_out);
}

TEST_P(Dialect, OnceConnectedTheLimitIsForgotten) {
  for (const State handshake : {State::syn_sent, State::syn_received}) {
    Script t(handshake, with_settings({.keepinit = Duration::millis(400)}));
    t.peer(handshake == State::syn_sent ? "S. seq 0 ack 1 mss 1460" : ".  ack 1");
    if (handshake == State::syn_sent) t.expect(".  ack 1");
    t.advance(Duration::millis(300));
    t.app_send(10);
    t.expect("P. 1:11(10)");
    t.advance(Duration::millis(150));
    t.expect_state(State::established);
  }
}

TEST_P(Dialect, TextOfASynThatCrossedOursWaitsForTheHandshake) {  // RFC 9293 §3.10.7.3, fourth check
  Scene scene = plain();
  scene.config.quick_acks = 0;
  Script t(State::syn_sent, scene);
  t.peer("S  seq 0 len 30 win 4000 mss 1460");
  t.expect("S. seq 0 ack 1");
  EXPECT_EQ(t.try_read(10).error(), Errc::would_block);
  t.peer(".  seq 31 ack 1");
  t.expect_state(State::established);
  t.app_read(30);
  t.expect_nothing();
  t.advance(Duration::millis(40));
  t.expect(".  seq 1 ack 31 cause ack_delayed_timer");
}

TEST_P(Dialect, AFinOnThatSynIsLeftToBeRepeated) {
  Script t(State::syn_sent, plain());
  t.peer("SF seq 0 len 30 win 4000 mss 1460");
  t.expect("S. seq 0 ack 1");
  t.peer(".  seq 31 ack 1");
  t.expect_state(State::established);
  t.app_read(30);
  t.expect(".  seq 1 ack 31");
  t.peer("F. seq 31 ack 1");
  t.expect_state(State::close_wait);
}

TEST_P(Dialect, AfterCloseThatTextIsLeftToBeRepeatedAndRefused) {  // RFC 1122 §4.2.2.13
  Script t(State::syn_sent, plain());
  t.peer("S  seq 0 len 30 win 4000 mss 1460");
  t.expect("S. seq 0 ack 1");
  t.app_close();
  t.peer(".  seq 31 ack 1");
  t.expect("F. seq 1 ack 1");
  t.peer("P. 1:31(30) ack 1");
  t.expect("R  seq 1 cause rst_data_after_close");
}

TEST_P(Dialect, NoMoreOfItIsKeptThanWasOffered) {
  Scene scene = plain();
  scene.config.receive_buffer = 20;
  Script t(State::syn_sent, scene);
  t.peer("S  seq 0 len 30 win 4000 mss 1460");
  t.expect("S. seq 0 ack 1 win 20");
  t.peer(".  seq 1 ack 1");
  t.app_read(20);
  EXPECT_EQ(t.try_read(10).error(), Errc::would_block);
}

// --- Closing ---

TEST_P(Dialect, AnAckMayRepeatTheFin) {
  const Scene scene = with_parameter<&TcpConfig::repeat_fin>(true);
  Script t(State::fin_wait_1, scene);
  t.peer("F. seq 1 ack 1");  // the FINs crossed
  t.expect("F. seq 1 ack 2 cause fin_arrived");
  t.expect_nothing();
  t.expect_state(State::closing);
  t.peer(".  seq 2 ack 2");
  t.expect_state(State::time_wait);
}

TEST_P(Dialect, OnceAcknowledgedTheFinIsNotRepeated) {
  Script t(State::fin_wait_2, with_parameter<&TcpConfig::repeat_fin>(true));
  t.peer("P. 1:11(10)");
  t.expect(".  seq 2 ack 11");
}

TEST_P(Dialect, AChallengeRepeatsNoFin) {  // RFC 5961 §3.2
  Script t(State::fin_wait_1, with_parameter<&TcpConfig::repeat_fin>(true));
  t.peer("R  seq 500");
  t.expect(".  seq 2 ack 1 cause ack_challenge");
}

}  // namespace
}  // namespace strata::tcp
