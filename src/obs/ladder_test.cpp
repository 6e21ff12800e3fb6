// Conversations, the states read from them, and the ladder drawn from both.
#include "obs/ladder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "obs/end_history.hpp"
#include "obs/scripted_capture.hpp"

namespace strata::obs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using enum TcpState;

constexpr std::uint16_t kFinAck = tcp_flag::kFin | tcp_flag::kAck;

Conversation only(const ScriptedCapture& capture) {
  const auto all = find_conversations(capture.frames());
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Conversation{} : all.front();
}

/// The client asks, the server answers and the client closes first.
ScriptedCapture a_visit() {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = true, .seq = 1, .ack = 1, .payload = "ask"});
  capture.add({.from_client = false, .seq = 1, .ack = 4, .payload = "answer"});
  capture.add({.from_client = true, .flags = kFinAck, .seq = 4, .ack = 7});
  capture.add({.from_client = false, .seq = 7, .ack = 5});
  capture.add({.from_client = false, .flags = kFinAck, .seq = 7, .ack = 5});
  capture.add({.from_client = true, .seq = 5, .ack = 8});
  return capture;
}

/// The server's own words about a_visit().
constexpr std::string_view kVisitTrace =
    "5.000000000 flow 1 is 10.77.0.2:80 to 10.77.0.1:40000\n"
    "5.000000000 flow 1 received S seq 1000 ack 0 len 0 win 65535\n"
    "5.000000000 flow 1 state CLOSED -> SYN-RECEIVED (syn_arrived)\n"
    "5.000000000 flow 1 sent S. seq 4294967294 ack 1001 len 0 win 65535 (syn_arrived)\n"
    "5.000000000 flow 1 received . seq 1001 ack 4294967295 len 0 win 65535\n"
    "5.000000000 flow 1 state SYN-RECEIVED -> ESTABLISHED (ack_of_syn)\n"
    "5.000000000 flow 1 received . seq 1001 ack 4294967295 len 3 win 65535\n"
    "5.000000000 flow 1 call length 3 (app_receive)\n"
    "5.000000000 flow 1 call length 6 (app_send)\n"
    "5.000000000 flow 1 sent . seq 4294967295 ack 1004 len 6 win 65535 (app_send)\n"
    "5.000000000 flow 1 received F. seq 1004 ack 5 len 0 win 65535\n"
    "5.000000000 flow 1 state ESTABLISHED -> CLOSE-WAIT (fin_arrived)\n"
    "5.000000000 flow 1 sent . seq 5 ack 1005 len 0 win 65535 (fin_arrived)\n"
    "5.000000000 flow 1 state CLOSE-WAIT -> LAST-ACK (app_close)\n"
    "5.000000000 flow 1 sent F. seq 5 ack 1005 len 0 win 65535 (app_close)\n"
    "5.000000000 flow 1 received . seq 1005 ack 6 len 0 win 65535\n"
    "5.000000000 flow 1 state LAST-ACK -> CLOSED (ack_of_fin)\n";

TEST(Conversation, CountsFromTheSynAndAcrossTheWrap) {
  const Conversation visit = only(a_visit());
  EXPECT_EQ(to_string(visit.client), "10.77.0.1:40000");
  EXPECT_EQ(to_string(visit.server), "10.77.0.2:80");
  EXPECT_EQ(visit.relative_seq(visit.segments[4]), 1U);
  EXPECT_EQ(visit.relative_ack(visit.segments[5]), 7U);
}

TEST(Conversation, StreamIsInOrderOnceWhateverTheCaptureSaw) {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = true, .seq = 5, .ack = 1, .payload = "order"});
  capture.add({.from_client = true, .seq = 1, .ack = 1, .payload = "in o"});
  capture.add({.from_client = true, .seq = 3, .ack = 1, .payload = " order!"});
  capture.add({.from_client = true, .seq = 20, .ack = 1, .payload = "beyond a hole"});
  EXPECT_EQ(stream_of(only(capture), capture.frames(), Side::client), "in order!");
}

TEST(Conversation, NewSynOnTheSamePortsBeginsAnotherOne) {
  ScriptedCapture capture = a_visit();
  capture.add({.from_client = true, .flags = tcp_flag::kSyn, .seq = 70000});
  EXPECT_EQ(find_conversations(capture.frames()).size(), 2U);
}

TEST(Conversation, DamagedFramesAreNoSegments) {
  std::vector<CapturedFrame> frames = a_visit().frames();
  for (CapturedFrame& frame : frames) frame.bytes.resize(40);
  EXPECT_TRUE(find_conversations(frames).empty());
}

TEST(InferredHistory, FollowsAnOrderlyClose) {
  const Conversation visit = only(a_visit());
  const EndHistory client = infer_history(visit, Side::client);
  const EndHistory server = infer_history(visit, Side::server);
  EXPECT_EQ(client.before, closed);
  EXPECT_THAT(client.after, ElementsAre(syn_sent, established, established, established, established,
                                        fin_wait_1, fin_wait_2, time_wait, time_wait));
  EXPECT_EQ(server.before, listen);
  EXPECT_THAT(server.after, ElementsAre(syn_received, syn_received, established, established, established,
                                        close_wait, close_wait, last_ack, closed));
}

TEST(InferredHistory, SimultaneousCloseGoesThroughClosing) {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = true, .flags = kFinAck, .seq = 1, .ack = 1});
  capture.add({.from_client = false, .flags = kFinAck, .seq = 1, .ack = 1});
  capture.add({.from_client = true, .seq = 2, .ack = 2});
  capture.add({.from_client = false, .seq = 2, .ack = 2});
  const Conversation both = only(capture);
  EXPECT_EQ(infer_history(both, Side::client).after[4], closing);
  EXPECT_EQ(infer_history(both, Side::server).after[3], established);
  EXPECT_EQ(infer_history(both, Side::server).after[4], closing);
  EXPECT_EQ(infer_history(both, Side::client).after[6], time_wait);
  EXPECT_EQ(infer_history(both, Side::server).after[6], time_wait);
}

TEST(InferredHistory, SimultaneousOpenGoesThroughSynReceived) {
  ScriptedCapture capture;
  capture.add({.from_client = true, .flags = tcp_flag::kSyn});
  capture.add({.from_client = false, .flags = tcp_flag::kSyn});
  capture.add({.from_client = true, .flags = tcp_flag::kSyn | tcp_flag::kAck, .ack = 1});
  capture.add({.from_client = false, .flags = tcp_flag::kSyn | tcp_flag::kAck, .ack = 1});
  const Conversation both = only(capture);
  EXPECT_EQ(infer_history(both, Side::client).after[1], syn_received);
  EXPECT_EQ(infer_history(both, Side::client).after[3], established);
}

TEST(InferredHistory, LostFinIsTakenWhenItIsAcknowledged) {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = true, .flags = kFinAck, .seq = 5, .ack = 1, .payload = "late"});
  capture.add({.from_client = true, .seq = 1, .ack = 1, .payload = "lost"});
  capture.add({.from_client = false, .seq = 1, .ack = 10});
  const EndHistory server = infer_history(only(capture), Side::server);
  EXPECT_EQ(server.after[3], established);
  EXPECT_EQ(server.after[5], close_wait);
}

TEST(InferredHistory, ResetEndsBoth) {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = false, .flags = tcp_flag::kRst, .seq = 1});
  EXPECT_EQ(infer_history(only(capture), Side::client).after[3], closed);
  EXPECT_EQ(infer_history(only(capture), Side::server).after[3], closed);
}

TEST(InferredHistory, RepeatedNumbersAreRetransmissions) {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = true, .seq = 1, .ack = 1, .payload = "again"});
  capture.add({.from_client = true, .seq = 1, .ack = 1, .payload = "again"});
  const EndHistory client = infer_history(only(capture), Side::client);
  EXPECT_EQ(client.remarks[3], "");
  EXPECT_EQ(client.remarks[4], "retransmission");
}

TEST(TracedHistory, TellsStatesAndCausesOfEveryRow) {
  const auto server = trace_history(only(a_visit()), Side::server, parse_trace(kVisitTrace));
  ASSERT_TRUE(server.has_value());
  EXPECT_TRUE(server->exact);
  EXPECT_EQ(server->before, listen);
  EXPECT_THAT(server->after, ElementsAre(syn_received, syn_received, established, established, established,
                                         close_wait, close_wait, last_ack, closed));
  EXPECT_EQ(server->causes[4], Cause::app_send);
  EXPECT_EQ(server->causes[7], Cause::app_close);
}

TEST(TracedHistory, KnowsOnlyItsOwnEnd) {
  EXPECT_FALSE(trace_history(only(a_visit()), Side::client, parse_trace(kVisitTrace)));
  EXPECT_FALSE(trace_history(only(a_visit()), Side::server, Trace{}));
}

TEST(TracedHistory, TimeoutsAreInterludes) {
  const std::string trace =
      std::string(kVisitTrace) + "65.000000000 flow 1 state TIME-WAIT -> CLOSED (timeout_time_wait)\n";
  const auto server = trace_history(only(a_visit()), Side::server, parse_trace(trace));
  ASSERT_TRUE(server.has_value());
  ASSERT_EQ(server->interludes.size(), 1U);
  EXPECT_EQ(server->interludes[0].after_row, 8U);
  EXPECT_EQ(server->interludes[0].cause, Cause::timeout_time_wait);
}

TEST(TracedHistory, PiecesOfSuperSegmentBelongToIt) {
  ScriptedCapture capture;
  capture.handshake();
  capture.add({.from_client = false, .seq = 1, .ack = 1, .payload = "first"});
  capture.add({.from_client = false, .flags = kFinAck, .seq = 6, .ack = 1, .payload = "second"});
  const auto server = trace_history(
      only(capture), Side::server,
      parse_trace("1.000000000 flow 7 is 10.77.0.2:80 to 10.77.0.1:40000\n"
                  "1.000000000 flow 7 state ESTABLISHED -> FIN-WAIT-1 (app_close)\n"
                  "1.000000000 flow 7 sent F. seq 4294967295 ack 1001 len 11 win 9 gso 5 (app_send)\n"));
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(server->causes[4], Cause::app_send);
  EXPECT_EQ(server->after[3], established);
  EXPECT_EQ(server->after[4], fin_wait_1);
}

TEST(Ladder, ShowsFlagsNumbersStatesAndCauses) {
  const std::string ladder = render_ladder(only(a_visit()), parse_trace(kVisitTrace), false);
  EXPECT_THAT(ladder, HasSubstr("~SYN-SENT ├─ S   seq 0 win 65535"));
  EXPECT_THAT(ladder, HasSubstr("│◀─ S.  seq 0 ack 1"));
  EXPECT_THAT(ladder, HasSubstr("seq 4294967294 ack 1001  SYN arrived"));
  EXPECT_THAT(ladder, HasSubstr("seq 1:4 ack 1 win 65535 len 3"));
  EXPECT_THAT(ladder, HasSubstr("~FIN-WAIT-2 │◀─ ."));
  EXPECT_THAT(ladder, HasSubstr("┤ LAST-ACK\n"));
  EXPECT_THAT(ladder, HasSubstr("application closes"));
  EXPECT_THAT(ladder, HasSubstr("~ inferred"));
  EXPECT_THAT(ladder, Not(HasSubstr("\x1b")));
}

TEST(Ladder, ColoursAreForTerminals) {
  EXPECT_THAT(render_ladder(only(a_visit()), Trace{}, true), HasSubstr("\x1b[1mS  \x1b[0m"));
}

/// Columns of the widest line, of ASCII and box drawing.
std::size_t columns(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto width = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    widest = std::max(widest, static_cast<std::size_t>(width));
  }
  return widest;
}

TEST(Ladder, FoldsPlainData) {
  ScriptedCapture capture;
  capture.handshake();
  for (std::uint32_t i = 0; i < 40; ++i) {
    capture.add({.from_client = false, .seq = 1 + i * 10, .ack = 1, .payload = "0123456789"});
  }
  capture.add({.from_client = false, .flags = kFinAck, .seq = 401, .ack = 1});
  const std::string ladder = render_ladder(only(capture), Trace{}, false);
  EXPECT_THAT(ladder, HasSubstr("... 39 segments, 390 bytes ..."));
  EXPECT_THAT(ladder, HasSubstr("F.  seq 401"));
  EXPECT_LE(columns(ladder), 100U);
}

TEST(Ladder, LongRemarksStayWithinHundredColumns) {
  const std::string trace =
      std::string(kVisitTrace) + "5.000000000 flow 1 dropped tcp_connection_table_full\n";
  const std::string ladder = render_ladder(only(a_visit()), parse_trace(trace), false);
  EXPECT_THAT(ladder, HasSubstr("dropped: tcp_"));
  EXPECT_LE(columns(ladder), 100U);
}

}  // namespace
}  // namespace strata::obs
