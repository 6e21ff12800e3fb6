// Short scripts, and how they end: what the player and the call table do beyond what tests/scripts shows.
#include "sim/drill/player.hpp"

#include <gtest/gtest.h>

#include <string>

#include "sim/drill/parser.hpp"

namespace strata::drill {
namespace {

constexpr std::string_view kAccepted =
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+.1 < S 0:0(0) win 65535 <mss 1000>\n"
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
    "+.1 < . 1:1(0) ack 1 win 65535\n"
    "+0 accept(3, ..., ...) = 4\n";

Outcome played(const std::string& text, const PlayOptions& options = {.exact = true}) {
  const auto script = parse_script(text, {});
  EXPECT_TRUE(script.has_value()) << place("script", script.error().at) << ": " << script.error().what;
  return script ? play(*script, options) : Outcome{};
}

/// "passed", or what is wrong.
std::string ending(const std::string& text, const PlayOptions& options = {.exact = true}) {
  const Outcome outcome = played(text, options);
  if (outcome.verdict == Verdict::unsupported) return "unsupported: " + outcome.what;
  return outcome.verdict == Verdict::passed ? "passed" : outcome.what;
}

std::string accepted(std::string_view more) { return std::string(kAccepted) + std::string(more); }

TEST(DrillPlayer, ABufferThatLeadsNowhereIsABadAddress) {
  EXPECT_EQ(
      ending(accepted("+0 write(4, NULL, 10) = -1 EFAULT (Bad address)\n"
                      "+0 write(4, NULL, 0) = 0\n"
                      "+0 < P. 1:11(10) ack 1 win 65535\n"
                      "+0 read(4, NULL, 10) = -1 EFAULT (Bad address)\n"
                      "+0 sendmsg(4, {msg_iov(2)=[{..., 1}, {NULL, 1}]}, 0) = -1 EFAULT (Bad address)\n")),
      "passed");
}

TEST(DrillPlayer, NamesOfBothEndsAreCompared) {
  EXPECT_EQ(ending(accepted("+0 getsockname(4, {sa_family=AF_INET, sin_port=htons(8080), "
                            "sin_addr=inet_addr(\"192.168.0.1\")}, ...) = 0\n"
                            "+0 getpeername(4, ..., ...) = 0\n")),
            "passed");
  EXPECT_EQ(
      ending(accepted("+0 getpeername(4, {sin_port=htons(1), sin_addr=inet_addr(\"192.0.2.1\")}, ...) = 0\n"))
          .substr(0, 26),
      "the address is 192.0.2.1:4");
}

TEST(DrillPlayer, CallsOfTheScriptHaveDescriptorsOfTheirOwn) {
  EXPECT_EQ(ending("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 7\n+0 close(7) = 0\n"
                   "+0 close(7) = -1 EBADF (Bad file descriptor)\n"),
            "passed");
}

TEST(DrillPlayer, ACallThatWaitsGoesOnWhenItMay) {
  EXPECT_EQ(ending(accepted("+.1...0.4 read(4, ..., 100) = 10\n"
                            "+.3 < P. 1:11(10) ack 1 win 65535\n"
                            "+0~+.5 > . 1:1(0) ack 11\n")),
            "passed");
}

TEST(DrillPlayer, WhatIsNotFatalIsLetPass) {
  const std::string wrong =
      accepted("+0 read(4, ..., 1) = 5\n+0 write(4, ..., 1) = 1\n+0 > P. 1:2(1) ack 9\n");
  EXPECT_EQ(ending("--non_fatal=packet,syscall\n" + wrong), "passed");
  EXPECT_NE(ending("--non_fatal=packet\n" + wrong), "passed");
}

TEST(DrillPlayer, ParametersMayChangeWhileAScriptRuns) {
  EXPECT_EQ(ending(accepted("+0 `sysctl -q net.ipv4.tcp_sack=0`\n"
                            "+.1 < S 0:0(0) win 65535 <mss 1000,nop,nop,sackOK>\n"
                            "+0 > S. 0:0(0) ack 1 <mss 1460>\n")),
            "passed");
}

TEST(DrillPlayer, WhatIsNotThereIsUnsupported) {
  EXPECT_EQ(ending("0 `rm -rf /`\n"), "unsupported: the command rm -rf /");
  EXPECT_EQ(ending("0 splice(3, 4) = 0\n"), "unsupported: the call splice()");
  EXPECT_EQ(ending("--ip_version=ipv5\n0 close(3) = 0\n"), "unsupported: the option --ip_version=ipv5");
  EXPECT_EQ(ending(accepted("+0 setsockopt(4, SOL_TCP, TCP_MOON, [1], 4) = 0\n")),
            "unsupported: the symbol TCP_MOON");
  EXPECT_EQ(ending(accepted("+0 > . 1:1(0) ack 1 <md5 valid>\n")), "unsupported: the TCP option md5");
}

TEST(DrillPlayer, ToleranceGrowsWithTheGapUnlessTimesAreExact) {
  const std::string late =
      accepted("+0 write(4, ..., 10) = 10\n+0 > P. 1:11(10) ack 1\n+.29 > P. 1:11(10) ack 1\n");
  EXPECT_EQ(ending(late, {.exact = false}), "passed") << "300 ms are within 12.5 % of 290";
  EXPECT_NE(ending(late, {.exact = true}), "passed");
  EXPECT_EQ(ending("--tolerance_usecs=10000\n" + late, {.exact = true}), "passed");
}

}  // namespace
}  // namespace strata::drill
