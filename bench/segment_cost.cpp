// How the cost of a segment grows with what a connection holds: with the window, with the holes in what
// arrived, and with the segments that the peer reported by SACK. One connection, its peer made by hand; CPU
// time of one core.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "bench/support/measure.hpp"
#include "transport/tcp/connection.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::bench {
namespace {

using namespace strata::tcp;

constexpr std::uint32_t kMss = 1460;
constexpr std::uint32_t kPeerIss = 1'000'000;

TcpConfig config_for(std::uint32_t window) {
  TcpConfig config;
  config.send_buffer = config.send_buffer_max = window;
  config.receive_buffer = config.receive_buffer_max = window;
  config.moderate_receive_buffer = false;
  config.timestamps = false;
  config.congestion_control = CongestionAlgorithm::fixed;
  config.initial_window_segments = window / kMss;
  config.memory = {.low = 1U << 24, .pressure = 1U << 24, .high = 1U << 24};
  return config;
}

/// An established connection with room for everything.
class Subject {
 public:
  explicit Subject(std::uint32_t window) : config_(config_for(window)) {
    open_active(connection_.tcb(), context(), SeqNum(0));
    transmit();
    Segment answer = from_peer();
    answer.flags = tcp_flag::kSyn | tcp_flag::kAck;
    answer.seq = SeqNum(kPeerIss);
    answer.ack = SeqNum(1);
    answer.options.mss = kMss;
    answer.options.wscale = 14;
    answer.options.sack_permitted = true;
    connection_.on_segment(answer, context());
    transmit();
    acknowledge(0);
  }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  ~Subject() {
    connection_.release(context());
    payload_.reset();
  }

  /// One full segment of the peer's, `offset` bytes from its first.
  void deliver(std::uint32_t offset) {
    Packet packet = pools_.packets.allocate();
    packet.raw()->append(payload_.share());
    Segment segment = from_peer();
    segment.seq = SeqNum(kPeerIss + 1 + offset);
    segment.packet = packet.raw();
    segment.payload_size = kMss;
    connection_.on_segment(segment, context());
  }
  /// The peer has the first `bytes`, and the block `sacked` beyond them.
  void acknowledge(std::uint32_t bytes, std::optional<SeqRange> sacked = std::nullopt) {
    acknowledged_ = bytes;
    Segment ack = from_peer();
    if (sacked) {
      ack.options.sack[0] = {.begin = sacked->begin + 1, .end = sacked->end + 1};
      ack.options.sack_count = 1;
    }
    connection_.on_segment(ack, context());
  }
  void send(std::size_t size) {
    while (size > 0) {
      const auto taken =
          tcp::send(connection_.tcb(), context(), Bytes(data_).first(std::min(size, data_.size())));
      require(taken.has_value(), "the send buffer is too small");
      size -= *taken;
    }
  }
  void read_all() {
    while (!connection_.tcb().receive_queue.empty()) {
      tcp::consume(connection_.tcb(), context(), connection_.tcb().receive_queue.front().size());
    }
  }
  std::uint32_t transmit() {
    std::uint32_t segments = 0;
    while (connection_.poll_transmit(context())) ++segments;
    return segments;
  }
  void pass(Duration time) { now_ = now_ + time; }
  const Tcb& tcb() const { return connection_.tcb(); }

 private:
  Context context() {
    return {.config = config_,
            .pools = pools_,
            .islands = islands_,
            .records = records_,
            .memory = memory_,
            .islands_max = 1U << 16,
            .counters = counters_,
            .challenge = challenge_,
            .trace = trace_,
            .now = now_};
  }
  Segment from_peer() {
    Segment segment;
    segment.seq = SeqNum(kPeerIss + 1);
    segment.ack = SeqNum(1 + acknowledged_);
    segment.flags = tcp_flag::kAck;
    segment.window = 0xffff;
    return segment;
  }

  TcpConfig config_;
  buf::Pools pools_{
      {.block_size = 2048, .blocks_max = 1U << 17, .packets_max = 1U << 17, .queue_nodes_max = 1U << 18}};
  buf::Slice payload_ = buf::Slice::adopt(pools_.blocks.allocate(), 0, kMss);
  IslandSlab islands_{1U << 17};
  RecordPool records_{1U << 22};
  Counters counters_;
  MemoryBudget memory_{pools_.blocks, config_.memory, counters_};
  ChallengeLimiter challenge_{1000, 1};
  TraceSink trace_;
  Instant now_ = Instant::from_nanos(1'000'000'000);
  Connection connection_{{.local = {.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 80},
                          .remote = {.address = IpAddress::v4(10, 0, 0, 2), .zone = 0, .port = 40'000}},
                         {.mss = kMss, .gso_max = 0},
                         config_};
  std::vector<std::uint8_t> data_ = std::vector<std::uint8_t>(16 * 1024, 7);
  std::uint32_t acknowledged_ = 0;
};

/// A window of `segments` stays full: each ACK of two lets two leave.
Sample send_with_window(std::uint32_t segments, std::uint32_t count) {
  Subject subject((segments + 4) * kMss);
  subject.send(segments * std::size_t{kMss});
  subject.transmit();
  std::uint32_t acknowledged = 0;
  const Stopwatch watch;
  for (std::uint32_t done = 0; done < count; done += 2) {
    subject.pass(Duration::micros(20));
    acknowledged += 2 * kMss;
    subject.acknowledge(acknowledged);
    subject.send(2 * std::size_t{kMss});
    subject.transmit();
  }
  return watch.stop(count);
}

/// In order; the application reads whenever half of the window is full.
Sample receive_with_window(std::uint32_t segments, std::uint32_t count) {
  Subject subject(segments * kMss);
  const Stopwatch watch;
  for (std::uint32_t done = 0; done < count; ++done) {
    subject.deliver(done * kMss);
    if (done % (segments / 2) == 0) subject.read_all();
    subject.transmit();
  }
  return watch.stop(count);
}

/// Every other segment is missing. What arrives then repeats one that is there, anywhere; each is answered
/// with SACK blocks.
Sample receive_with_holes(std::uint32_t holes, std::uint32_t count) {
  Subject subject(2 * (holes + 2) * kMss);
  for (std::uint32_t i = 0; i < holes; ++i) {
    subject.deliver((2 * i + 1) * kMss);
    subject.transmit();
  }
  require(subject.tcb().reassembly.island_count() == holes, "an island was refused");
  Xoshiro random(1);
  const Stopwatch watch;
  for (std::uint32_t done = 0; done < count; ++done) {
    const auto which = static_cast<std::uint32_t>(random.next_u64() % holes);
    subject.deliver((2 * which + 1) * kMss);
    subject.transmit();
  }
  return watch.stop(count);
}

/// The same, but holes are closed and opened: two islands become one, and one more begins behind all.
Sample close_and_open_holes(std::uint32_t holes, std::uint32_t count) {
  Subject subject(2 * (holes + count + 2) * kMss);
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < holes; ++i) {
    subject.deliver((2 * i + 1) * kMss);
    subject.transmit();
    open.push_back(i + 1);
  }
  std::uint32_t end = holes;
  Xoshiro random(1);
  const Stopwatch watch;
  for (std::uint32_t done = 0; done < count; done += 2) {
    std::uint32_t& hole = open[random.next_u64() % open.size()];
    if (hole < end) subject.deliver(2 * hole * kMss);
    subject.transmit();
    subject.deliver((2 * end + 1) * kMss);
    subject.transmit();
    hole = ++end;
  }
  return watch.stop(count);
}

/// `sacked` segments lie reported beyond a hole each, and all holes are repaired as they are found. Each ACK
/// reports one more.
Sample send_with_sacks(std::uint32_t sacked, std::uint32_t count) {
  const std::uint32_t segments = 2 * (sacked + count) + 4;
  Subject subject((segments + 4) * kMss);
  subject.send(segments * std::size_t{kMss});
  subject.transmit();
  subject.pass(Duration::millis(10));
  const auto report = [&](std::uint32_t i) {
    const std::uint32_t begin = (2 * i + 1) * kMss;
    subject.acknowledge(0, SeqRange{.begin = SeqNum(begin), .end = SeqNum(begin + kMss)});
    subject.pass(Duration::micros(5));
    subject.transmit();
  };
  for (std::uint32_t i = 0; i < sacked; ++i) report(i);
  require(subject.tcb().loss.board.sacked_count() == sacked, "a report was not taken");
  const Stopwatch watch;
  for (std::uint32_t i = 0; i < count; ++i) report(sacked + i);
  return watch.stop(count);
}

double nanos_each(const Sample& sample) { return sample.cpu_seconds * 1e9 / sample.amount; }

struct Row {
  const char* what;
  const char* small_name;
  const char* large_name;
  std::function<Sample()> small;
  std::function<Sample()> large;
  const char* bar;
};

}  // namespace
}  // namespace strata::bench

int main(int argc, char** argv) {
  using namespace strata::bench;
  take_no_arguments(argc, argv, "what a segment costs, against what its connection holds");
  const Row rows[] = {
      {"sent, window full", "64 KiB", "64 MiB", [] { return send_with_window(45, 200'000); },
       [] { return send_with_window(45'960, 200'000); }, "1.2"},
      {"received in order", "64 KiB", "64 MiB", [] { return receive_with_window(45, 200'000); },
       [] { return receive_with_window(45'960, 200'000); }, "1.2"},
      {"received again, out of order", "10 holes", "32,768 holes",
       [] { return receive_with_holes(10, 20'000); }, [] { return receive_with_holes(32'768, 20'000); }, "3"},
      {"closes or opens a hole", "10 holes", "32,768 holes", [] { return close_and_open_holes(10, 8'000); },
       [] { return close_and_open_holes(32'768, 8'000); }, "3"},
      {"reported by SACK, one lost for each", "10 reported", "30,000 reported",
       [] { return send_with_sacks(10, 2'000); }, [] { return send_with_sacks(30'000, 2'000); }, "3"},
  };
  std::vector<Contender> contenders;
  for (const Row& row : rows) {
    contenders.push_back({row.small_name, row.small});
    contenders.push_back({row.large_name, row.large});
  }
  const auto results = interleave(contenders, rounds_or(5));
  Table table({"CPU ns per segment", "holding", "ns", "holding", "ns", "ratio", "at most"});
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const double small = results[2 * i].median(nanos_each);
    const double large = results[2 * i + 1].median(nanos_each);
    table.add({rows[i].what, rows[i].small_name, number(small), rows[i].large_name, number(large),
               ratio(large, small), rows[i].bar});
  }
  table.print();
}
