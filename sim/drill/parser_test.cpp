#include "sim/drill/parser.hpp"

#include <gtest/gtest.h>

#include <string>

#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

Script parsed(std::string_view text, const Defines& defines = {}) {
  auto script = parse_script(text, defines);
  EXPECT_TRUE(script.has_value()) << place("script", script.error().at) << ": " << script.error().what;
  return script ? std::move(*script) : Script{};
}

/// `line:column: what` of a script that is no script.
std::string complaint(std::string_view text, const Defines& defines = {}) {
  const auto script = parse_script(text, defines);
  if (script) return "no complaint";
  return place("s", script.error().at).substr(2) + ": " + script.error().what;
}

const Call& call_of(const Script& script, std::size_t event = 0) {
  return std::get<Call>(script.events.at(event).what);
}
const PacketSpec& packet_of(const Script& script, std::size_t event = 0) {
  return std::get<PacketSpec>(script.events.at(event).what);
}
const TcpSpec& tcp_of(const Script& script, std::size_t event = 0) {
  return std::get<TcpSpec>(packet_of(script, event).what);
}

TEST(DrillParser, TimesAreAbsoluteRelativeRangesOrAnything) {
  const Script script = parsed(
      "0.5 close(3) = 0\n+.1 close(3) = 0\n+.1~+.25 > . 1:1(0) ack 1\n1~2 > . 1:1(0) ack 1\n"
      "* > . 1:1(0) ack 1\n+0...0.2 close(3) = 0\n+.002 ... 0.004 close(3) = 0\n");
  ASSERT_EQ(script.events.size(), 7U);
  EXPECT_EQ(script.events[0].when.kind, When::Kind::absolute);
  EXPECT_EQ(script.events[0].when.at, Duration::millis(500));
  EXPECT_EQ(script.events[1].when.kind, When::Kind::relative);
  EXPECT_EQ(script.events[2].when.latest, Duration::millis(250));
  EXPECT_EQ(script.events[3].when.latest, Duration::seconds(2));
  EXPECT_EQ(script.events[4].when.kind, When::Kind::any);
  EXPECT_EQ(script.events[5].when.returns, Duration::millis(200));
  EXPECT_EQ(script.events[6].when.at, Duration::millis(2));
}

TEST(DrillParser, PacketsHaveFlagsNumbersAndFields) {
  const Script script = parsed("+0 < [ect0] SEW. 5:9(4) ack 7 win 100 urg 3 <mss 1460,nop,wscale 8>\n");
  EXPECT_EQ(packet_of(script).direction, Direction::inbound);
  EXPECT_EQ(packet_of(script).ip.ecn, EcnMark::ect0);
  const TcpSpec& tcp = tcp_of(script);
  EXPECT_EQ(tcp.flags, tcp_flag::kSyn | tcp_flag::kEce | tcp_flag::kCwr | tcp_flag::kAck);
  EXPECT_EQ(tcp.sequence.begin, 5U);
  EXPECT_EQ(tcp.sequence.length, 4U);
  EXPECT_EQ(tcp.ack, 7U);
  EXPECT_EQ(tcp.window, 100);
  EXPECT_EQ(tcp.urgent, 3);
  ASSERT_EQ(tcp.options.size(), 3U);
  EXPECT_EQ(tcp.options[0].numbers.at(0), 1460U);
  EXPECT_EQ(tcp.options[2].kind, Option::Kind::window_scale);
}

TEST(DrillParser, TheSecondDialectHasItsFields) {
  const Script script = parsed(
      "+0.00 >[noecn] (hlim 4) (class 0x20)  R.    0:0(0)!      ack    2 win     0\n"
      "+0.00 > (tos 0x20, ttl 9) . ...(0) ack 1!\n+0 > P.5 1:2(1) ack 1\n+0 > - 1:1(0) <...>\n");
  EXPECT_EQ(packet_of(script).ip.ecn, EcnMark::not_ect);
  EXPECT_EQ(packet_of(script).ip.hop_limit, 4);
  EXPECT_EQ(packet_of(script).ip.traffic_class, 0x20);
  EXPECT_TRUE(tcp_of(script).sequence.absolute);
  EXPECT_EQ(packet_of(script, 1).ip.hop_limit, 9);
  EXPECT_TRUE(tcp_of(script, 1).sequence.any);
  EXPECT_TRUE(tcp_of(script, 1).ack_absolute);
  EXPECT_EQ(tcp_of(script, 2).ace, 5);
  EXPECT_EQ(tcp_of(script, 3).flags, 0);
  EXPECT_TRUE(tcp_of(script, 3).any_options);
}

TEST(DrillParser, OptionsKeepTheirOrder) {
  const Script script = parsed(
      "+0 > . 1:1(0) ack 1 <nop, nop, sack 1:2 5:9>\n+0 < S 0:0(0) win 9 <TS val 7 ecr "
      "0,sackOK,nop,nop,eol,eol>\n"
      "+0 > S 0:0(0) <FO a1B2,FOEXP>\n+0 > S 0:0(0) <md5 valid,nop>\n");
  EXPECT_EQ(tcp_of(script).options.at(2).numbers, (std::vector<std::uint32_t>{1, 2, 5, 9}));
  EXPECT_EQ(tcp_of(script, 1).options.at(0).numbers, (std::vector<std::uint32_t>{7, 0}));
  EXPECT_EQ(tcp_of(script, 2).options.at(0).bytes, (std::vector<std::uint8_t>{0xa1, 0xb2}));
  EXPECT_EQ(tcp_of(script, 2).options.at(1).kind, Option::Kind::fast_open_experimental);
  EXPECT_EQ(tcp_of(script, 3).options.at(0).kind, Option::Kind::other);
  EXPECT_EQ(tcp_of(script, 3).options.at(0).text, "md5");
}

TEST(DrillParser, IcmpQuotesASegment) {
  const Script script = parsed("+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]\n");
  const auto& icmp = std::get<IcmpSpec>(packet_of(script).what);
  EXPECT_EQ(icmp.type, "unreachable");
  EXPECT_EQ(icmp.code, "frag_needed");
  EXPECT_EQ(icmp.mtu, 1200U);
  EXPECT_EQ(icmp.quoted->length, 1000U);
}

TEST(DrillParser, CallsHaveValuesOfEveryForm) {
  const Script script = parsed(
      "+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 40}, {\"ab\", 2}],\n"
      "     msg_flags=0}, MSG_MORE|MSG_DONTWAIT) = 42\n"
      "+0 bind(3, {sa_family = AF_INET, sin_port = htons(8888), sin_addr = inet_addr(\"0.0.0.0\")}, ...) = "
      "?\n");
  const Call& call = call_of(script);
  ASSERT_EQ(call.arguments.size(), 3U);
  const Value& message = call.arguments[1];
  ASSERT_EQ(message.items.size(), 3U);
  EXPECT_EQ(message.items[1].label, "msg_iov");
  EXPECT_EQ(message.items[1].items.at(1).items.at(0).text, "ab");
  EXPECT_EQ(call.arguments[2].kind, Value::Kind::any_bits);
  EXPECT_EQ(call.result->number, 42);
  EXPECT_FALSE(call_of(script, 1).result.has_value());
}

TEST(DrillParser, ResultsNameAnErrorAndANote) {
  const Script script = parsed(
      "+0 read(3, ..., 10) = -1 EAGAIN (Resource temporarily unavailable) // no data\n"
      "+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)\n");
  EXPECT_EQ(call_of(script).result->number, -1);
  EXPECT_EQ(call_of(script).error, "EAGAIN");
  EXPECT_EQ(call_of(script, 1).result->number, 2);
  EXPECT_EQ(call_of(script, 1).error, "");
}

TEST(DrillParser, OptionLinesComeFirst) {
  const Script script = parsed("--tolerance_usecs=1000 // why\n--strict_segments\n// then\n0 close(3) = 0\n");
  ASSERT_EQ(script.options.size(), 2U);
  EXPECT_EQ(script.options[0].name, "tolerance_usecs");
  EXPECT_EQ(script.options[0].value, "1000");
  EXPECT_EQ(script.options[1].value, "");
  EXPECT_EQ(script.events.size(), 1U);
}

TEST(DrillParser, CommandsAndCodeAreTakenWhole) {
  const Script script = parsed("`a\n b`\n+1 `c`\n+0 %{ assert tcpi_state == 1, 'state=%d' % tcpi_state }%\n");
  EXPECT_EQ(std::get<ShellLine>(script.events.at(0).what).text, "a\n b");
  EXPECT_EQ(script.events.at(1).when.at, Duration::seconds(1));
  EXPECT_EQ(std::get<CodeBlock>(script.events.at(2).what).at.line, 4U);
}

TEST(DrillParser, DirectivesChooseLinesAndKeepPlaces) {
  constexpr std::string_view kText =
      "#ifdef A\n0 close(1) = 0\n#else\n0 close(2) = 0\n#ifndef B\n0 close(3) = 0\n#endif\n#endif\n0 close( "
      "= 0\n";
  EXPECT_EQ(complaint(kText, {{"A", ""}}), "9:10: expected a value, not `=`");
  const std::string_view good = kText.substr(0, kText.rfind("0 close("));
  EXPECT_EQ(parsed(good, {{"A", ""}}).events.size(), 1U);
  EXPECT_EQ(parsed(good).events.size(), 2U);
  EXPECT_EQ(parsed(good, {{"B", ""}}).events.size(), 1U);
}

TEST(DrillParser, DefinedWordsReadAsTheirValues) {
  const Defines defines{{"COOKIE", "abcd"}, {"N", "7"}, {"LEVEL", "SOL_IP"}};
  const Script script =
      parsed("+0 > S 0:0(0) <FO COOKIE>\n+0 setsockopt(N, LEVEL, 1, [N], 4) = 0\n", defines);
  EXPECT_EQ(tcp_of(script).options.at(0).bytes, (std::vector<std::uint8_t>{0xab, 0xcd}));
  EXPECT_EQ(call_of(script, 1).arguments.at(0).number, 7);
  EXPECT_EQ(call_of(script, 1).arguments.at(1).text, "SOL_IP");
}

TEST(DrillParser, ComplaintsNameTheColumn) {
  EXPECT_EQ(complaint("0 < P. 1:1001(999) ack 1 win 9\n"), "1:14: 1:1001 are 1000 bytes, not 999");
  EXPECT_EQ(complaint("\n\n  +0 socket(..., 1\n"), "4:1: expected `)`, not the end of the script");
  EXPECT_EQ(complaint("0 < X 1:1(0) win 9"),
            "1:5: expected flags (S F R P . U E W A, or - for none), not `X`");
  EXPECT_EQ(complaint("0 < S. 1:1(0) ack 99999999999 win 9"),
            "1:19: an acknowledgment number must be within 0 and 4294967295");
  EXPECT_EQ(complaint("0 < S 1:1(0) win 9 <mss>"), "1:24: expected a segment size, not `>`");
  EXPECT_EQ(complaint("0 `sysctl"), "1:4: this command has no closing ```");
  EXPECT_EQ(complaint("/* never"), "1:1: this comment has no end");
  EXPECT_EQ(complaint("#ifdef\n"), "1:1: a name is missing behind the directive");
  EXPECT_EQ(complaint("#ifdef A\n"), "1:1: this branch has no #endif");
  EXPECT_EQ(complaint("0 %{ assert 1 + }%"), "1:17: expected a value, not the end of the script");
  EXPECT_EQ(complaint("1~0.5 > . 1:1(0) ack 1"), "1:7: this range ends before it begins");
  EXPECT_EQ(complaint("0 < S 1:1(0)"), "1:13: an injected segment says its window: win N");
  EXPECT_EQ(complaint("0 < S 1:1(0) win 9 <wscale 7>"),
            "1:21: the options take 3 bytes; add nop or eol up to a multiple of four");
}

TEST(DrillParser, WhatNobodyDoesIsUnsupported) {
  const auto script = parse_script("+0 < udp (1000)\n", {});
  ASSERT_FALSE(script.has_value());
  EXPECT_EQ(script.error().trouble, Trouble::unsupported);
  EXPECT_EQ(packet_of(parsed("+0 > R 1:1(0) win 0/udp(9811 > 1)\n")).unsupported, "TCP inside udp");
}

TEST(DrillParser, DepthIsBounded) {
  EXPECT_EQ(complaint("0 f(" + std::string(1000, '[')).substr(2), "22: values are nested too deeply");
  EXPECT_NE(complaint("0 %{ assert " + std::string(1000, '(') + " }%").find("nested too deeply"),
            std::string::npos);
}

}  // namespace
}  // namespace strata::drill
