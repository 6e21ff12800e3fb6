#include "link/impairment.hpp"

#include <gtest/gtest.h>

#include "link/test_frames.hpp"
#include "wire/ethernet.hpp"
#include "wire/ip_ecn.hpp"
#include "wire/ipv4.hpp"

namespace strata {
namespace {

using test::flat;
using test::make_segment;
using test::parse_frame;

struct Arrival {
  Instant at;
  std::vector<std::uint8_t> bytes;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

Instant at_micros(std::int64_t n) { return Instant() + Duration::micros(n); }

/// Sends `count` small segments, one every 10 microseconds, and waits for all of them.
std::vector<Arrival> run(const ImpairmentConfig& config, std::uint64_t seed, int count,
                         Counters* counters = nullptr) {
  buf::Pools pools(test::small_pools());
  Impairment wire(config, seed);
  std::vector<Arrival> arrivals;
  const auto drain = [&](Instant until) {
    while (wire.next_deadline() <= until && !wire.next_deadline().is_never()) {
      const Instant at = wire.next_deadline();
      arrivals.push_back({at, flat(wire.pop(at))});
    }
  };
  for (int i = 0; i < count; ++i) {
    drain(at_micros(10 * i));
    wire.push(make_segment(pools, {.payload = 100, .seq = static_cast<std::uint32_t>(i)}), at_micros(10 * i));
  }
  drain(at_micros(1'000'000'000));
  if (counters != nullptr) *counters = wire.counters();
  return arrivals;
}

std::uint32_t seq_of(const Arrival& arrival) { return parse_frame(arrival.bytes)->seq; }

TEST(Impairment, WithoutFaultsFramesArriveInOrderAfterTheDelay) {
  const auto arrivals = run({.delay = Duration::millis(3)}, 1, 100);
  ASSERT_EQ(arrivals.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(seq_of(arrivals[i]), i);
    EXPECT_EQ(arrivals[i].at, at_micros(3000 + 10 * i));
    EXPECT_TRUE(parse_frame(arrivals[i].bytes)->tcp_checksum_good);
  }
}

TEST(Impairment, TheSameSeedGivesTheSameArrivals) {
  const ImpairmentConfig config{.delay = Duration::millis(1),
                                .jitter = Duration::micros(50),
                                .loss_ppm = 50'000,
                                .burst = {.enter_ppm = 10'000},
                                .duplicate_ppm = 50'000,
                                .reorder_ppm = 50'000,
                                .corrupt_ppm = 50'000};
  EXPECT_EQ(run(config, 7, 500), run(config, 7, 500));
  EXPECT_NE(run(config, 7, 500), run(config, 8, 500));
}

TEST(Impairment, LosesAboutAsManyFramesAsAsked) {
  Counters counters;
  const auto arrivals = run({.loss_ppm = 100'000}, 3, 20'000, &counters);
  EXPECT_EQ(arrivals.size() + counters[Counter::link_lost], 20'000U);
  EXPECT_NEAR(static_cast<double>(counters[Counter::link_lost]), 2000, 150);
}

TEST(Impairment, LosesInBurstsWhenAsked) {
  Counters counters;
  const auto arrivals = run({.burst = {.enter_ppm = 10'000, .leave_ppm = 250'000}}, 3, 20'000, &counters);
  // The bad state lasts four frames on average, so losses come in runs.
  std::size_t gaps = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i)
    gaps += seq_of(arrivals[i]) != seq_of(arrivals[i - 1]) + 1;
  const auto lost = static_cast<double>(counters[Counter::link_lost]);
  EXPECT_NEAR(lost / 20'000, 0.01 / 0.26, 0.01);
  EXPECT_NEAR(lost / static_cast<double>(gaps), 4, 0.7);
}

TEST(Impairment, DuplicatesArriveBesideTheirOriginals) {
  Counters counters;
  const auto arrivals = run({.duplicate_ppm = 100'000}, 4, 5'000, &counters);
  EXPECT_NEAR(static_cast<double>(counters[Counter::link_duplicated]), 500, 80);
  EXPECT_EQ(arrivals.size(), 5'000 + counters[Counter::link_duplicated]);
  std::size_t pairs = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) pairs += arrivals[i] == arrivals[i - 1];
  EXPECT_EQ(pairs, counters[Counter::link_duplicated]);
}

TEST(Impairment, ReorderedFramesComeLater) {
  Counters counters;
  const auto arrivals =
      run({.reorder_ppm = 50'000, .reorder_delay = Duration::micros(200)}, 5, 5'000, &counters);
  EXPECT_EQ(arrivals.size(), 5'000U);
  EXPECT_NEAR(static_cast<double>(counters[Counter::link_reordered]), 250, 60);
  std::size_t descents = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) descents += seq_of(arrivals[i]) < seq_of(arrivals[i - 1]);
  EXPECT_GT(descents, counters[Counter::link_reordered] / 2);
  EXPECT_LE(descents, counters[Counter::link_reordered]);
}

TEST(Impairment, CorruptionChangesOneBitOfTheIpPacket) {
  const auto good = run({}, 6, 2'000);
  Counters counters;
  const auto bad = run({.corrupt_ppm = 200'000}, 6, 2'000, &counters);
  ASSERT_EQ(good.size(), bad.size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    int bits = 0;
    for (std::size_t k = 0; k < good[i].bytes.size(); ++k) {
      const int difference = std::popcount(static_cast<unsigned>(good[i].bytes[k] ^ bad[i].bytes[k]));
      EXPECT_TRUE(k >= 14 || difference == 0);
      bits += difference;
    }
    EXPECT_LE(bits, 1);
    changed += bits == 1;
  }
  EXPECT_EQ(changed, counters[Counter::link_corrupted]);
  EXPECT_NEAR(static_cast<double>(changed), 400, 80);
}

TEST(Impairment, SparesFramesWithoutIp) {
  buf::Pools pools(test::small_pools());
  Impairment wire({.corrupt_ppm = 1'000'000}, 1);
  std::vector<std::uint8_t> arp = test::pattern(60);
  arp[12] = 0x08;
  arp[13] = 0x06;
  wire.push(buf::copy_in(pools, arp), Instant());
  EXPECT_EQ(flat(wire.pop(Instant())), arp);
}

TEST(Impairment, TheRateSpacesFramesAndTheQueueDropsItsTail) {
  buf::Pools pools(test::small_pools());
  Impairment wire({.rate_bits_per_second = 8'000'000, .queue_bytes_max = 3'000},
                  1);  // one byte per microsecond
  for (int i = 0; i < 10; ++i)
    wire.push(make_segment(pools, {.payload = 934}), Instant());  // 1000 bytes a frame
  EXPECT_EQ(wire.counters()[Counter::link_queue_full], 6U);
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(wire.next_deadline(), at_micros(1000 * i));
    EXPECT_FALSE(wire.pop(at_micros(1000 * i - 1)));
    EXPECT_TRUE(wire.pop(at_micros(1000 * i)));
  }
  EXPECT_TRUE(wire.next_deadline().is_never());
}

TEST(Impairment, HoldsNoMoreFramesThanItsBound) {
  buf::Pools pools(test::small_pools());
  Impairment wire({.frames_max = 5, .delay = Duration::seconds(1)}, 1);
  for (int i = 0; i < 8; ++i) wire.push(make_segment(pools, {.payload = 10}), Instant());
  EXPECT_EQ(wire.size(), 5U);
  EXPECT_EQ(wire.counters()[Counter::link_queue_full], 3U);
}

TEST(Impairment, CutsSuperSegmentsSoThatFramesAreLostOneByOne) {
  buf::Pools pools(test::small_pools());
  Impairment wire({.loss_ppm = 500'000}, 2);
  wire.push(make_segment(pools, {.payload = 60'000, .gso_size = 1000}), Instant());
  std::size_t arrived = 0;
  while (const Packet frame = wire.pop(Instant())) {
    ++arrived;
    const auto parsed = parse_frame(flat(frame));
    EXPECT_TRUE(parsed && parsed->tcp_checksum_good && parsed->payload.size() == 1000);
  }
  EXPECT_EQ(arrived + wire.counters()[Counter::link_lost], 60U);
  EXPECT_NEAR(static_cast<double>(arrived), 30, 15);
}

struct Marked {
  std::uint64_t marked = 0;
  std::uint64_t lost = 0;
  std::size_t arrived = 0;
  std::size_t with_mark = 0;
};

/// `count` segments of senders that say `ecn` on a wire that marks.
Marked run_marked(const ImpairmentConfig& config, std::uint8_t ecn, int count) {
  buf::Pools pools(test::small_pools());
  Impairment wire(config, 5);
  Marked result;
  for (int i = 0; i < count; ++i) wire.push(make_segment(pools, {.payload = 1000, .ecn = ecn}), Instant());
  while (!wire.next_deadline().is_never()) {
    const auto bytes = flat(wire.pop(wire.next_deadline()));
    const auto ip = Ipv4View::parse(Bytes(bytes).subspan(EthernetView::kSize));
    EXPECT_TRUE(ip.has_value());  // its checksum is right
    EXPECT_TRUE(parse_frame(bytes)->tcp_checksum_good);
    result.with_mark += ip && ip->ecn() == ip_ecn::kCe ? 1U : 0U;
    ++result.arrived;
  }
  result.marked = wire.counters()[Counter::link_marked];
  result.lost = wire.counters()[Counter::link_lost];
  return result;
}

TEST(Impairment, MarksInsteadOfLosingWhereTheSenderUnderstandsMarks) {  // RFC 3168 §5
  for (const std::uint8_t ecn : {ip_ecn::kEct0, ip_ecn::kEct1}) {
    const Marked result = run_marked({.mark = {.ppm = 200'000}}, ecn, 2000);
    EXPECT_EQ(result.arrived, 2000U);
    EXPECT_EQ(result.with_mark, result.marked);
    EXPECT_NEAR(static_cast<double>(result.marked), 400, 60);
  }
  const Marked deaf = run_marked({.mark = {.ppm = 200'000}}, ip_ecn::kNotEct, 2000);
  EXPECT_EQ(deaf.with_mark, 0U);
  EXPECT_EQ(deaf.arrived + deaf.lost, 2000U);
  EXPECT_NEAR(static_cast<double>(deaf.lost), 400, 60);
}

TEST(Impairment, MarksWhatFindsALongQueue) {  // RFC 8257 §3.1
  const ImpairmentConfig slow{.rate_bits_per_second = 8'000'000, .mark = {.queue_bytes_min = 10'000}};
  const Marked result = run_marked(slow, ip_ecn::kEct0, 20);
  EXPECT_EQ(result.arrived, 20U);
  EXPECT_EQ(result.marked, 10U);  // a frame has a little more than 1000 bytes: the first ten find less
  EXPECT_EQ(result.with_mark, 10U);
}

}  // namespace
}  // namespace strata
