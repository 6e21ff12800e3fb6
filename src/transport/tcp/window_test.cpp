// RFC 9293 §3.8.6.2.2: the receiver's side of silly window avoidance, and the window updates that reading
// causes.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct ReceiveWindow : AnyNumbers {
  static Scene ten_thousand() {
    Scene scene = plain();
    scene.config.receive_buffer = 10'000;
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, ReceiveWindow, testing::ValuesIn(kStarts), name_of_start);

TEST_P(ReceiveWindow, ShrinksWithWhatWasNotRead) {
  Script t(State::established, ten_thousand());
  t.peer("P. len 4000");
  t.expect(".  ack 4001 win 6000");
  t.peer("P. len 6000");
  t.expect(".  ack 10001 win 0");
}

TEST_P(ReceiveWindow, OpensInStepsWorthASegment) {
  Script t(State::established, ten_thousand());
  t.peer("P. len 10000");
  t.expect(".  ack 10001 win 0");
  t.app_read(1459);
  t.expect_nothing();
  t.app_read(1);
  t.expect(".  ack 10001 win 1460 cause ack_window_update");
  t.app_read(1000);
  t.expect_nothing();
  t.app_read(8000 - 460);
  t.expect(".  ack 10001 win 10000 cause ack_window_update");
}

TEST_P(ReceiveWindow, MayFollowTheRoomOfWholeSegments) {
  Scene scene = plain();
  scene.config.receive_buffer = 9000;  // seven segments of 1460 are 10220
  scene.config.window_rule = TcpWindowRule::room;
  Script t(State::established, scene);
  t.peer("P. len 100");
  t.expect(".  ack 101 win 10120");
  t.app_read(50);
  t.peer("P. len 100");
  t.expect(".  ack 201 win 10070");
  t.peer("P. len 9000");
  t.expect(".  ack 9201 win 1070");  // less than a segment, and than a quarter: the edge stays
  t.app_read(100);
  t.peer("P. len 10");
  t.expect(".  ack 9211 win 1060");
}

TEST_P(ReceiveWindow, OfASmallBufferHalfIsAStep) {
  Scene scene = plain();
  scene.config.receive_buffer = 1000;
  Script t(State::established, scene);
  t.peer("P. len 1000");
  t.expect(".  win 0");
  t.app_read(499);
  t.expect_nothing();
  t.app_read(1);
  t.expect(".  ack 1001 win 500");
}

TEST_P(ReceiveWindow, NeverMovesLeft) {
  Script t(State::established, ten_thousand());
  t.peer("P. len 4000");
  t.expect(".  ack 4001 win 6000");
  t.app_read(1000);  // too little to tell of
  t.peer("P. len 1000");
  t.expect(".  ack 5001 win 5000");
  t.app_read(4000);
  t.peer("P. len 10");
  t.expect(".  ack 5011 win 9990");
}

/// RFC 9293 §3.10.7.4, first check: the window is what we told the peer, however large the buffer.
TEST_P(ReceiveWindow, EndsWhereTheFieldEnds) {
  Scene scene = plain();
  scene.config.receive_buffer = 1'000'000;
  Script t(State::established, scene);  // the peer's SYN has no window scale
  t.peer("P. seq 1 len 10");
  t.expect(".  ack 11 win 65535");
  t.peer("R  seq 65546");
  t.expect_nothing();
  t.peer("R  seq 65545");
  t.expect(".  ack 11");
}

TEST_P(ReceiveWindow, ByRoomItMayGoBeyondTheField) {
  Scene scene = plain();
  scene.config.receive_buffer = 65'700;  // 45 segments
  scene.config.window_rule = TcpWindowRule::room;
  Script t(State::established, scene);
  t.peer("P. seq 1 len 10");
  t.expect(".  ack 11 win 65535");
  t.peer("R  seq 65701");
  t.expect_nothing();
  t.peer("R  seq 65700");
  t.expect(".  ack 11 cause ack_challenge");
}

TEST_P(ReceiveWindow, IsToldOfWhenItDoubled) {
  Script t(State::established, ten_thousand());
  t.peer("P. len 6000");
  t.expect(".  ack 6001 win 4000");
  t.app_read(3999);
  t.expect_nothing();
  t.app_read(1);
  t.expect(".  ack 6001 win 8000 cause ack_window_update");
}

TEST_P(ReceiveWindow, DataOutOfOrderDoesNotCloseIt) {
  Script t(State::established, ten_thousand());
  t.peer(".  5001:6001(1000)");
  t.expect(".  ack 1 win 10000");
}

TEST_P(ReceiveWindow, AfterTheFinNobodyHearsOfIt) {
  Script t(State::established, ten_thousand());
  t.peer("FP. len 9999");
  t.expect(".  ack 10001");
  t.app_read(9999);
  t.expect_nothing();
}

}  // namespace
}  // namespace strata::tcp
