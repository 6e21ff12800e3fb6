#include "sim/drill/flow.hpp"

#include <gtest/gtest.h>

#include "sim/drill/parser.hpp"
#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

constexpr Ends kEnds{.local = IpAddress::v4(192, 168, 0, 1), .remote = IpAddress::v4(192, 0, 2, 1)};
constexpr std::uint32_t kOurIss = 5'000'000;

/// The segment of a line such as `S. 7:7(0) ack 1 win 9`, on the wire of `flow`.
WireSegment injected(Flow& flow, std::string_view segment) {
  const auto script = parse_script("+0 < " + std::string(segment), {});
  const auto& packet = std::get<PacketSpec>(script->events.at(0).what);
  return flow.to_wire(std::get<TcpSpec>(packet.what), packet.ip);
}

WireSegment sent(const Flow& flow, std::uint16_t flags, std::uint32_t seq, std::uint32_t ack) {
  WireSegment segment;
  segment.from = flow.local();
  segment.to = flow.remote();
  segment.flags = flags;
  segment.seq = seq;
  segment.ack = ack;
  return segment;
}

constexpr std::uint16_t kSynAck = tcp_flag::kSyn | tcp_flag::kAck;

TEST(DrillFlow, APassiveConnectionCountsFromBothSyns) {
  Flows flows(kEnds);
  Flow& flow = flows.for_injected(true, true);
  EXPECT_EQ(injected(flow, "S 1000:1000(0) win 9").seq, 1000U);
  const WireSegment answer = sent(flow, kSynAck, kOurIss, 1001);
  flow.on_sent(answer);
  EXPECT_EQ(flow.to_script(answer).seq, 0U);
  EXPECT_EQ(flow.to_script(answer).ack, 1001U) << "what the SYN has on the wire";
  const WireSegment data = injected(flow, "P. 1:11(10) ack 1 win 9 <nop,nop,sack 5:6>");
  EXPECT_EQ(data.seq, 1001U);
  EXPECT_EQ(data.ack, kOurIss + 1);
  EXPECT_EQ(data.options[2].numbers[0], kOurIss + 5);
  EXPECT_EQ(flow.to_script(sent(flow, tcp_flag::kAck, kOurIss + 1, 1011)).ack, 11U);
}

TEST(DrillFlow, AnActiveConnectionCountsFromTheSynAck) {
  Flows flows(kEnds);
  const WireSegment syn{.from = {.address = kEnds.local, .port = 40'001},
                        .to = {.address = kEnds.remote, .port = 8080},
                        .seq = kOurIss,
                        .flags = tcp_flag::kSyn};
  Flow& flow = *flows.for_sent(syn);
  flow.on_sent(syn);
  EXPECT_EQ(&flows.for_injected(false, false), &flow);
  EXPECT_EQ(injected(flow, "S. 123:123(0) ack 1 win 9").seq, 123U);
  EXPECT_EQ(flow.to_script(sent(flow, tcp_flag::kAck, kOurIss + 1, 124)).ack, 1U);
  EXPECT_EQ(injected(flow, "S 50:50(0) win 9").seq, 50U)
      << "nothing but SYNs came: this may be the right one";
}

TEST(DrillFlow, WithoutAConnectionNumbersAreThoseOfTheWire) {
  Flows flows(kEnds);
  Flow& flow = flows.for_injected(true, false);
  EXPECT_EQ(injected(flow, "S 5:5(0) win 9").seq, 5U);
  EXPECT_EQ(flow.to_script(sent(flow, tcp_flag::kRst | tcp_flag::kAck, 0, 6)).ack, 6U);
}

TEST(DrillFlow, WhereSomebodyListensASynBeginsTheNextConnection) {
  Flows flows(kEnds);
  Flow& first = flows.for_injected(true, true);
  injected(first, "S 0:0(0) win 9");
  EXPECT_EQ(&flows.for_injected(true, true), &first) << "the same SYN again";
  injected(first, ". 1:1(0) ack 1 win 9");
  Flow& second = flows.for_injected(true, true);
  EXPECT_NE(&second, &first);
  EXPECT_NE(second.remote().port, first.remote().port);
  EXPECT_EQ(&flows.for_injected(true, false), &second) << "nobody listens";
}

TEST(DrillFlow, EchoedStampsBecomeOurs) {
  Flows flows(kEnds);
  Flow& flow = flows.for_injected(true, true);
  flow.learn_timestamp(100, 9'000'100);
  flow.learn_timestamp(250, 9'000'333);
  const auto echo = [&](std::string_view stamp) {
    return injected(flow, ". 1:1(0) ack 1 win 9 <nop,nop,TS val 7 ecr " + std::string(stamp) + ">")
        .options[2]
        .numbers[1];
  };
  EXPECT_EQ(echo("250"), 9'000'333U);
  EXPECT_EQ(echo("100"), 9'000'100U);
  EXPECT_EQ(echo("110"), 9'000'110U) << "never seen: as far from the first as the script says";
  EXPECT_EQ(echo("0"), 0U);
}

}  // namespace
}  // namespace strata::drill
