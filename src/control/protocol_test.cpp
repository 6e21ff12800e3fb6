// Requests and answers, without a socket.
#include "control/protocol.hpp"

#include <gmock/gmock.h>

#include "control/json.hpp"

namespace strata::control {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Protocol : testing::Test {
  std::string ask(std::string_view line) { return answer(stack, line); }

  Stack stack{Config{}, Entropy::from_seed(1)};
};

constexpr std::string_view kFinTimeout = R"("unit":"s","least":1,"most":86400,"rfc":"RFC 9293 §3.6"})";

TEST_F(Protocol, ReadsAParameter) {
  EXPECT_EQ(ask("sysctl\ttcp_fin_timeout"),
            R"({"result":[{"name":"tcp_fin_timeout","value":"60",)" + std::string(kFinTimeout) + "]}");
}

TEST_F(Protocol, ReadsAllWhenNoneIsNamed) {
  const std::string all = ask("sysctl");
  EXPECT_THAT(all, StartsWith(R"({"result":[{"name":"tcp_fin_timeout")"));
  EXPECT_THAT(all, HasSubstr(R"({"name":"ip_local_port_range","value":"32768 60999")"));
}

TEST_F(Protocol, SetsAParameterOfTheRunningStack) {
  EXPECT_EQ(ask("sysctl\tnet.ipv4.tcp_fin_timeout=7"),
            R"({"result":[{"name":"tcp_fin_timeout","value":"7",)" + std::string(kFinTimeout) + "]}");
  EXPECT_EQ(stack.tcp_config().fin_timeout, Duration::seconds(7));
}

TEST_F(Protocol, TakesValuesOfSeveralNumbers) {
  EXPECT_THAT(ask("sysctl\tip_local_port_range=5000 6000\ttcp_sack=0"), StartsWith(R"({"result":)"));
  EXPECT_EQ(stack.tcp_config().port_first, 5000);
  EXPECT_EQ(stack.tcp_config().port_last, 6000);
  EXPECT_FALSE(stack.tcp_config().sack);
}

TEST_F(Protocol, SaysWhichValuesThereAre) {
  EXPECT_EQ(
      ask("sysctl\ttcp_fin_timeout=0"),
      R"j({"error":"EINVAL","text":"tcp_fin_timeout cannot be \"0\": it is a number from 1 to 86400 (s)"})j");
  EXPECT_THAT(ask("sysctl\tip_local_port_range=9 8"),
              HasSubstr("2 numbers from 1 to 65535 (port), none smaller than the one before"));
}

TEST_F(Protocol, SaysWhichWordsThereAre) {
  EXPECT_THAT(ask("sysctl\ttcp_congestion_control"), HasSubstr(R"("words":"cubic reno dctcp fixed bbr")"));
  EXPECT_THAT(
      ask("sysctl\ttcp_congestion_control=vegas"),
      HasSubstr(R"(tcp_congestion_control cannot be \"vegas\": it is one of: cubic reno dctcp fixed bbr)"));
  EXPECT_THAT(ask("sysctl\ttcp_congestion_control=reno"), HasSubstr("reno"));
  EXPECT_EQ(stack.tcp_config().congestion_control, CongestionAlgorithm::new_reno);
}

TEST_F(Protocol, SetsNothingWhenAnythingIsWrong) {
  EXPECT_THAT(ask("sysctl\ttcp_fin_timeout=7\ttcp_sack=2"), StartsWith(R"({"error":"EINVAL")"));
  EXPECT_THAT(ask("sysctl\ttcp_fin_timeout=7\ttcp_no_such"), StartsWith(R"({"error":"ENOENT")"));
  EXPECT_EQ(stack.tcp_config().fin_timeout, Duration::seconds(60));
}

TEST_F(Protocol, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(ask("sysctl\ttcp_no_such"),
            R"j({"error":"ENOENT","text":"no such parameter: tcp_no_such (`strata sysctl` lists all)"})j");
  EXPECT_THAT(ask("reboot"), HasSubstr("no such request: reboot (there is sysctl)"));
  EXPECT_THAT(ask(""), HasSubstr("no such request:  (there is sysctl)"));
}

TEST_F(Protocol, RefusesWhatIsNoText) {
  EXPECT_THAT(ask("sysctl\t\xff"), HasSubstr("a line of ASCII"));
  EXPECT_THAT(ask(std::string_view("sysctl\0", 7)), HasSubstr("a line of ASCII"));
  EXPECT_THAT(ask("\t\t\t"), StartsWith(R"({"error":"ENOENT")"));
  EXPECT_THAT(ask("sysctl\t"), StartsWith(R"({"error":"ENOENT")"));
  EXPECT_THAT(ask("sysctl\t="), StartsWith(R"({"error":"ENOENT")"));
}

TEST(Json, EscapesWhatWouldEndAString) {
  EXPECT_EQ(JsonObject().add("a\"b", "\\\n").add("n", -5).text(), R"({"a\"b":"\\\u000a","n":-5})");
  EXPECT_EQ(JsonArray().add(JsonObject()).add(JsonObject()).text(), "[{},{}]");
  EXPECT_EQ(JsonArray().text(), "[]");
}

}  // namespace
}  // namespace strata::control
