// For tests: plays scripts against one connection.
#include "transport/tcp/test_script.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

constexpr FlowKey kFlow{.local = {.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 80},
                        .remote = {.address = IpAddress::v4(10, 0, 0, 2), .zone = 0, .port = 40'000}};

/// The byte of a stream with the relative number `at`: no two places of a window look alike for long.
std::uint8_t byte_at(std::uint32_t at) {
  return static_cast<std::uint8_t>(at * 7 + (at >> 8) * 13 + (at >> 16));
}

std::vector<std::uint8_t> stream_bytes(std::uint32_t from, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(from + static_cast<std::uint32_t>(i));
  return bytes;
}

std::vector<std::uint8_t> payload_of(const TxSegment& segment) {
  std::vector<std::uint8_t> bytes(segment.packet ? segment.packet.size() : 0);
  if (segment.packet) segment.packet.copy_to(bytes);
  return bytes;
}

}  // namespace

TcpConfig plain_config() {
  TcpConfig config;
  config.receive_buffer = 65'535;
  config.moderate_receive_buffer = false;
  config.send_buffer = 1U << 20;
  config.congestion_control = CongestionAlgorithm::new_reno;  // whose numbers can be said in advance
  return config;
}

Script::Script(State state, const Scene& scene)
    : scene_(scene),
      pools_(scene.buffers),
      peer_pools_({.block_size = 2048, .blocks_max = 4096, .packets_max = 64, .queue_nodes_max = 64}),
      islands_(scene.islands_max),
      controllers_(scene.controllers_max),
      memory_(pools_.blocks, scene.config.memory, counters_),
      challenge_(scene.config.challenge_acks_per_second, 1),
      connection_(kFlow, scene.path, scene_.config) {
  go_to(state);
  if (!failed_) transcript_.clear();
  note("begins in " + std::string(name(connection_.state())));
}

Script::~Script() {
  connection_.release(context());
  EXPECT_EQ(pools_.blocks.in_use(), 0U);
  EXPECT_EQ(pools_.nodes.in_use(), 0U);
  EXPECT_EQ(peer_pools_.blocks.in_use(), 0U);
  EXPECT_EQ(islands_.size(), 0U);
  EXPECT_EQ(records_.used(), 0U);
}

Context Script::context() {
  return {.config = scene_.config,
          .pools = pools_,
          .islands = islands_,
          .records = records_,
          .memory = memory_,
          .controllers = controllers_,
          .islands_max = scene_.islands_max,
          .counters = counters_,
          .challenge = challenge_,
          .trace = trace_,
          .now = now_};
}

void Script::handshake() {
  if (scene_.passive) {
    peer(scene_.peer_ack_flags + "  ack 1");
  } else {
    peer(scene_.peer_flags + ". seq 0 ack 1 " + scene_.peer_syn);
    expect(scene_.our_ack_flags + "  seq 1 ack 1");
  }
}

void Script::go_to(State state) {
  tcb().settings.set(scene_.settings);
  if (state == State::closed) return;
  if (scene_.passive) {
    const auto line = parse_line(scene_.peer_flags + "  seq 0 " + scene_.peer_syn);
    Packet packet;
    const Segment syn = segment_of(*line, packet);
    open_passive(tcb(), context(), syn, SeqNum(scene_.iss));
    expect(scene_.our_flags + ". seq 0 ack 1");
  } else {
    open_active(tcb(), context(), SeqNum(scene_.iss));
    expect(scene_.our_flags + "  seq 0");
    if (state == State::syn_received) {  // the SYNs crossed
      peer("S  seq 0 " + scene_.peer_syn);
      expect(scene_.our_flags + ". seq 0 ack 1");
    }
  }
  if (is_in(state, State::syn_sent, State::syn_received)) return;
  advance(scene_.rtt);
  handshake();
  if (state == State::established) return;
  if (is_in(state, State::close_wait, State::last_ack)) {
    peer("F. seq 1 ack 1");
    expect(".  ack 2");
  }
  if (state == State::close_wait) return;
  app_shutdown();
  expect("F. seq 1 len 0");
  if (is_in(state, State::fin_wait_2, State::time_wait)) peer(".  ack 2");
  if (is_in(state, State::closing, State::time_wait)) {
    peer("F. seq 1");
    expect(".  ack 2");
  }
}

// --- The transcript ---

void Script::note(std::string text) {
  char stamp[32];
  std::snprintf(stamp, sizeof stamp, "%9.3f ", static_cast<double>(now_.count_nanos()) / 1e9);
  transcript_.push_back(stamp + std::move(text));
}

void Script::fail(const std::string& why, const Place& place) {
  failed_ = true;
  std::string text;
  for (const std::string& line : transcript_) text += line + "\n";
  ADD_FAILURE_AT(place.file_name(), static_cast<int>(place.line()))
      << text << "          ^ " << why << "; state " << name(connection_.state());
}

// --- What happens ---

Segment Script::segment_of(const SegmentLine& line, Packet& packet) {
  Segment segment;
  const std::uint32_t seq = line.seq.value_or(peer_seq_);
  const std::uint32_t size = line.length.value_or(0);
  peer_ack_ = line.ack.value_or(peer_ack_);
  peer_window_ = line.window.value_or(peer_window_);
  segment.seq = SeqNum(seq + scene_.irs);
  segment.flags = line.flags;
  if (segment.has(tcp_flag::kAck)) segment.ack = SeqNum(peer_ack_ + scene_.iss);
  segment.window = peer_window_;
  segment.urgent = line.urgent.value_or(0);
  segment.options = options_of(line, theirs());
  if (tcb().timestamps_on && !line.timestamps && !line.no_timestamps) {
    segment.options.timestamps = {.value = static_cast<std::uint32_t>(now_.count_nanos() / 1'000'000),
                                  .echo = last_stamp_};
  }
  const std::uint32_t text_begin = seq + (segment.has(tcp_flag::kSyn) ? 1U : 0U);
  packet = buf::copy_in(peer_pools_, stream_bytes(text_begin, size));
  segment.packet = packet.raw();
  segment.payload_size = size;
  segment.meta.ecn = line.ecn.value_or(0);
  segment.meta.gso_size = line.gso_size.value_or(0);
  const std::uint32_t end = seq + segment.length();
  if (!segment.has(tcp_flag::kRst) && static_cast<std::int32_t>(end - peer_seq_) > 0) peer_seq_ = end;
  return segment;
}

void Script::peer(std::string_view text, Place place) {
  if (failed_) return;
  note("< " + std::string(text));
  const auto line = parse_line(text);
  if (!line) return fail("this is not in the notation", place);
  Packet packet;
  const Segment segment = segment_of(*line, packet);
  connection_.on_segment(segment, context());
}

bool Script::is_silent() {
  const auto segment = connection_.poll_transmit(context());
  if (segment) note("> " + to_line(*segment, ours()));
  return !segment;
}

void Script::advance(Duration by, Place place) {
  const Instant end = now_ + by;
  while (!failed_) {
    if (!is_silent()) return fail("nobody expected this", place);
    const Instant next = connection_.next_deadline();
    if (next >= end) break;
    now_ = std::max(now_, next);
    connection_.on_timers(context());
  }
  now_ = end;
  connection_.on_timers(context());
}

Result<std::size_t> Script::try_send(std::size_t size, SendOptions options) {
  note("app sends " + std::to_string(size) + (options.urgent ? " urgent" : ""));
  const auto taken = send(tcb(), context(), stream_bytes(app_sent_, size), options);
  if (taken) app_sent_ += static_cast<std::uint32_t>(*taken);
  return taken;
}

void Script::app_send(std::size_t size, Place place) {
  if (failed_) return;
  const auto taken = try_send(size);
  if (!taken) return fail("refused: " + std::string(name(taken.error())), place);
  if (*taken != size) fail("took only " + std::to_string(*taken), place);
}

Result<std::size_t> Script::try_read(std::size_t size) {
  note("app reads " + std::to_string(size));
  std::vector<std::uint8_t> bytes(size);
  const auto taken = receive(tcb(), context(), bytes);
  if (!taken) return taken;
  bytes.resize(*taken);
  EXPECT_EQ(bytes, stream_bytes(app_read_, *taken)) << "bytes of the stream changed";
  app_read_ += static_cast<std::uint32_t>(*taken);
  return taken;
}

void Script::app_read(std::size_t size, Place place) {
  if (failed_) return;
  const auto taken = try_read(size);
  if (!taken) return fail("refused: " + std::string(name(taken.error())), place);
  if (*taken != size) fail("got only " + std::to_string(*taken), place);
}

void Script::app_shutdown() {
  note("app shuts down sending");
  (void)shutdown_send(tcb(), context());
}

void Script::app_close() {
  note("app closes");
  tcp::close(tcb(), context());
}

void Script::app_abort() {
  note("app aborts");
  tcp::abort(tcb(), context());
}

void Script::icmp(Errc error, std::uint32_t seq) {
  note("ICMP " + std::string(name(error)));
  on_icmp_error(tcb(), context(), SeqNum(seq + scene_.iss), error);
}

void Script::use_up_quick_acks(Place place) {
  for (int i = 0; i < 8; ++i) {
    peer("P. len 1", place);
    expect(".", place);
    app_read(1, place);
  }
}

// --- What is expected ---

/// Headers as spelled, and the payload that belongs there.
std::string Script::check(const std::optional<SegmentLine>& line, const TxSegment& segment) const {
  if (!line) return "this is not in the notation";
  if (std::string found = difference(*line, segment, ours()); !found.empty()) return found;
  const std::uint32_t text_begin =
      segment.seq.raw() - scene_.iss + ((segment.flags & tcp_flag::kSyn) != 0 ? 1U : 0U);
  if (payload_of(segment) != stream_bytes(text_begin, segment.payload_size)) return "wrong bytes";
  return {};
}

void Script::expect(std::string_view text, Place place) {
  if (failed_) return;
  const auto segment = connection_.poll_transmit(context());
  if (!segment) {
    note("expected: " + std::string(text));
    return fail("nothing was sent", place);
  }
  note("> " + to_line(*segment, ours()));
  if (segment->options.timestamps) last_stamp_ = segment->options.timestamps->value;
  const std::string found = check(parse_line(text), *segment);
  if (found.empty()) return;
  note("expected: " + std::string(text));
  fail(found, place);
}

void Script::expect_nothing(Place place) {
  if (!failed_ && !is_silent()) fail("nobody expected this", place);
}

void Script::expect_data(std::uint32_t seq, std::uint32_t size, int count, Place place) {
  for (int i = 0; i < count && !failed_; ++i, seq += size) {
    const auto segment = connection_.poll_transmit(context());
    if (!segment) return fail("only " + std::to_string(i) + " segments were sent", place);
    note("> " + to_line(*segment, ours()));
    const auto flags = static_cast<std::uint16_t>(tcp_flag::kAck | (segment->flags & tcp_flag::kPsh));
    const SegmentLine line{.flags = flags, .seq = seq, .length = size};
    if (const std::string found = check(line, *segment); !found.empty()) return fail(found, place);
  }
}

void Script::expect_state(State state, Place place) {
  if (!failed_ && connection_.state() != state) fail("the state is not " + std::string(name(state)), place);
}

void Script::expect_closed(std::optional<Errc> error, Place place) {
  expect_state(State::closed, place);
  const std::optional<Errc>& found = tcb().error;
  if (failed_ || found == error) return;
  fail("ended with " + std::string(found ? name(*found) : "no error"), place);
}

void Script::expect_end_of_stream(Place place) {
  if (failed_) return;
  const auto taken = try_read(1);
  if (!taken || *taken != 0) fail("the stream has not ended", place);
}

void Script::expect_cwnd(std::uint32_t cwnd, Place place) {
  const std::uint32_t found = tcb().cc.cwnd();
  if (!failed_ && found != cwnd)
    fail("cwnd is " + std::to_string(found) + ", not " + std::to_string(cwnd), place);
}

}  // namespace strata::tcp
