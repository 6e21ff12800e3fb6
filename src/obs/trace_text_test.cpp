// Every kind of event survives the way into a line and back.
#include "obs/trace_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/tcp.hpp"

namespace strata::obs {
namespace {

TraceEvent event_of(TraceKind kind, Cause cause = Cause::none) {
  TraceEvent event;
  event.at = Instant::from_nanos(1'234'567);
  event.flow = 1;
  event.kind = kind;
  event.cause = cause;
  return event;
}

std::string line_of(const TraceEvent& event, std::string_view host = {}) {
  std::string line;
  append_trace_line(line, event, host);
  EXPECT_TRUE(line.ends_with('\n'));
  line.pop_back();
  return line;
}

TraceRecord record_of(const std::string& line) {
  const auto record = parse_trace_line(line);
  EXPECT_TRUE(record.has_value()) << line;
  return record.value_or(TraceRecord{});
}

/// The event after a round trip; its line must come out the same, too.
TraceEvent round_trip(const TraceEvent& event) {
  const std::string line = line_of(event);
  const TraceEvent back = record_of(line).event;
  EXPECT_EQ(line_of(back), line);
  EXPECT_EQ(back.at, event.at) << line;
  EXPECT_EQ(back.flow, event.flow) << line;
  EXPECT_EQ(back.kind, event.kind) << line;
  EXPECT_EQ(back.cause, event.cause) << line;
  return back;
}

TEST(TraceText, SegmentReadsLikeTcpdump) {
  TraceEvent event = event_of(TraceKind::segment_sent, Cause::syn_arrived);
  event.segment = {.seq = 4'000'000'000U, .ack = 7, .length = 0, .wnd = 65535, .flags = 0x12, .gso_size = 0};
  EXPECT_EQ(line_of(event), "0.001234567 flow 1 sent S. seq 4000000000 ack 7 len 0 win 65535 (syn_arrived)");
}

TEST(TraceText, SegmentsSurvive) {
  for (const TraceKind kind : {TraceKind::segment_sent, TraceKind::segment_received}) {
    for (std::uint16_t flags = 0; flags < 512; ++flags) {
      TraceEvent event = event_of(kind, Cause::app_send);
      event.segment = {
          .seq = 1, .ack = 2, .length = 64000, .wnd = 1U << 30, .flags = flags, .gso_size = 1460};
      const TraceSegment back = round_trip(event).segment;
      EXPECT_EQ(back.seq, 1U);
      EXPECT_EQ(back.ack, 2U);
      EXPECT_EQ(back.length, 64000U);
      EXPECT_EQ(back.wnd, 1U << 30);
      EXPECT_EQ(back.flags, flags);
      EXPECT_EQ(back.gso_size, 1460);
    }
  }
}

TEST(TraceText, EveryDropReasonSurvives) {
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    TraceEvent event = event_of(TraceKind::segment_dropped);
    event.drop = {static_cast<Counter>(i)};
    EXPECT_EQ(round_trip(event).drop.counter, event.drop.counter);
  }
}

TEST(TraceText, EveryStateSurvives) {
  for (std::uint8_t state = 0; state <= static_cast<std::uint8_t>(TcpState::time_wait); ++state) {
    TraceEvent event = event_of(TraceKind::state_changed, Cause::ack_of_syn);
    event.state = {static_cast<TcpState>(state), TcpState::established};
    const TraceState back = round_trip(event).state;
    EXPECT_EQ(back.old_state, event.state.old_state);
    EXPECT_EQ(back.new_state, TcpState::established);
  }
}

TEST(TraceText, StateReadsLikeTheRfc) {
  TraceEvent event = event_of(TraceKind::state_changed, Cause::ack_of_syn);
  event.state = {TcpState::syn_received, TcpState::established};
  EXPECT_EQ(line_of(event), "0.001234567 flow 1 state SYN-RECEIVED -> ESTABLISHED (ack_of_syn)");
}

TEST(TraceText, EveryTimerSurvives) {
  for (std::uint8_t timer = 0; timer < static_cast<std::uint8_t>(TcpTimer::count_); ++timer) {
    TraceEvent armed = event_of(TraceKind::timer_armed);
    armed.timer = {static_cast<TcpTimer>(timer), 3'000'000'001};
    EXPECT_EQ(round_trip(armed).timer.timer, armed.timer.timer);
    EXPECT_EQ(round_trip(armed).timer.deadline_nanos, 3'000'000'001);
    armed.timer.deadline_nanos = Instant::never().count_nanos();
    EXPECT_EQ(round_trip(armed).timer.deadline_nanos, Instant::never().count_nanos());

    TraceEvent fired = event_of(TraceKind::timer_fired);
    fired.timer = {static_cast<TcpTimer>(timer), 0};
    EXPECT_EQ(round_trip(fired).timer.timer, fired.timer.timer);
  }
}

TEST(TraceText, WindowsAndTimesSurvive) {
  TraceEvent window = event_of(TraceKind::cwnd_changed, Cause::slow_start);
  window.cwnd = {.cwnd = 14600, .ssthresh = 0xffff'ffff, .in_flight = 2920};
  EXPECT_EQ(round_trip(window).cwnd.cwnd, 14600U);
  EXPECT_EQ(round_trip(window).cwnd.ssthresh, 0xffff'ffffU);
  EXPECT_EQ(round_trip(window).cwnd.in_flight, 2920U);

  TraceEvent rtt = event_of(TraceKind::rtt_sampled);
  rtt.rtt = {.rtt_us = 80, .srtt_us = 90, .rto_us = 200'000};
  EXPECT_EQ(round_trip(rtt).rtt.rtt_us, 80U);
  EXPECT_EQ(round_trip(rtt).rtt.srtt_us, 90U);
  EXPECT_EQ(round_trip(rtt).rtt.rto_us, 200'000U);
}

TEST(TraceText, GrownBuffersSurvive) {
  TraceEvent grown = event_of(TraceKind::buffer_grew, Cause::app_receive);
  grown.buffer = {.bytes = 262'144, .per_round = 58'400};
  EXPECT_EQ(round_trip(grown).buffer.bytes, 262'144U);
  EXPECT_EQ(round_trip(grown).buffer.per_round, 58'400U);
}

TEST(TraceText, EveryCauseSurvives) {
  for (std::uint8_t cause = 0; cause <= static_cast<std::uint8_t>(Cause::idle_restart); ++cause) {
    TraceEvent event = event_of(TraceKind::app_call, static_cast<Cause>(cause));
    event.call = {.length = 78};
    EXPECT_EQ(round_trip(event).call.length, 78U);
  }
}

TEST(TraceText, FlowsOfBothFamiliesSurvive) {
  for (const char* address : {"10.77.0.2", "2001:db8::1"}) {
    TraceEvent event = event_of(TraceKind::established_flow);
    event.endpoints = {*parse_address(address), *parse_address(address), 80, 43210};
    const TraceFlow back = round_trip(event).endpoints;
    EXPECT_EQ(back.local, event.endpoints.local);
    EXPECT_EQ(back.remote, event.endpoints.remote);
    EXPECT_EQ(back.local_port, 80);
    EXPECT_EQ(back.remote_port, 43210);
  }
}

TEST(TraceText, HostNameStandsBeforeTheFlow) {
  TraceEvent event = event_of(TraceKind::app_call, Cause::app_close);
  event.call = {.length = 0};
  const std::string line = line_of(event, "server");
  EXPECT_EQ(line, "0.001234567 server flow 1 call length 0 (app_close)");
  EXPECT_EQ(record_of(line).host, "server");
}

TEST(TraceText, RefusesWhatItDoesNotWrite) {
  for (const char* line : {
           "",
           "1.5 flow 1 call length 3",
           "0.000000001 flow x call length 3",
           "0.000000001 flow 1 call length 3 (no_such_cause)",
           "0.000000001 flow 1 call length 3 (app_close) more",
           "0.000000001 flow 1 sent SX seq 1 ack 2 len 3 win 4",
           "0.000000001 flow 1 sent S seq 1 ack 2 len 3",
           "0.000000001 flow 1 state CLOSED -> OPEN",
           "0.000000001 flow 1 dropped nothing",
           "0.000000001 flow 1 is 10.77.0.2 to 10.77.0.1:1",
           "99999999999999999999.000000000 flow 1 call length 3",
       }) {
    EXPECT_FALSE(parse_trace_line(line)) << line;
  }
}

TEST(TraceText, TraceKeepsNotesAndCountsBadLines) {
  const std::string text =
      note_line("way", "a: b") + "0.000000001 flow 1 call length 3 (app_send)\n\nnonsense\n";
  const Trace trace = parse_trace(text);
  EXPECT_EQ(trace.note("way"), "a: b");
  EXPECT_EQ(trace.note("browser"), "");
  EXPECT_EQ(trace.records.size(), 1U);
  EXPECT_EQ(trace.bad_lines, 1U);
}

}  // namespace
}  // namespace strata::obs
