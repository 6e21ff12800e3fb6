#include "sim/scenario/read_scenario.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/run_scenario.hpp"
#include "sim/scenario/toml_table.hpp"

namespace strata::sim {
namespace {

constexpr std::string_view kTwoHosts = R"([host.a]
[host.b]
[[link]]
from = "a"
to = "b"
delay = "5ms"
)";

std::string mistake_in(std::string_view rest) {
  try {
    static_cast<void>(read_scenario(std::string(kTwoHosts) + std::string(rest), "test"));
  } catch (const ScenarioMistake& mistake) {
    return std::to_string(mistake.line) + ": " + mistake.what();
  }
  return "none";
}

TEST(ReadScenario, NamesTheLineAndWhatWasExpected) {
  EXPECT_EQ(mistake_in(""), "none");
  EXPECT_EQ(mistake_in("rate = \"fast\""), "7: rate: expected a rate such as \"10mbit\"");
  EXPECT_EQ(mistake_in("loss = 2"), "7: loss: expected a text in quotes");
  EXPECT_EQ(mistake_in("queue = \"10kB\""), "7: queue: a queue needs a rate, such as rate = \"10mbit\"");
  EXPECT_EQ(mistake_in("\n[[program]]\non = \"c\""), "9: on: there is no host \"c\"");
  EXPECT_EQ(mistake_in("[[program]]\non = \"a\"\nkind = \"fly\""),
            "9: kind: there is no \"fly\", expected one of connect, listen, flood, voice-udp-send, "
            "voice-udp-receive, "
            "voice-tcp-send, voice-tcp-receive");
  EXPECT_EQ(mistake_in("[[program]]\non = \"a\"\nkind = \"connect\"\nto = \"b\""),
            "10: to: expected a host and a port, such as \"server:80\"");
  EXPECT_EQ(mistake_in("[[expect]]\nhost = \"a\"\ncounter = \"tea\""),
            "9: counter: there is no counter \"tea\"");
  EXPECT_EQ(mistake_in("[[expect]]\nhost = \"a\"\nopen = []\nshut = 1").substr(0, 24),
            "10: unknown key \"shut\", ");
  EXPECT_EQ(mistake_in("[[fault]]\nkind = \"down\"\nlink = \"a-c\""), "9: link: there is no link \"a-c\"");
  EXPECT_EQ(mistake_in("[sysctl]\ntcp_sack = \"maybe\"").substr(0, 21), "8: tcp_sack: \"maybe\" ");
  EXPECT_EQ(mistake_in("no toml at all").substr(0, 2), "7:");
}

TEST(ReadScenario, GivesEachDirectionItsOwn) {
  const Scenario scenario = read_scenario(
      std::string(kTwoHosts) + "loss = \"1%\"\nback = { loss = \"2%\", delay = \"7ms\" }", "test");
  const LinkConfig& link = scenario.links.at(0).config;
  EXPECT_EQ(link.there.faults.loss_ppm, 10'000U);
  EXPECT_EQ(link.back.faults.loss_ppm, 20'000U);
  EXPECT_EQ(link.there.faults.delay, Duration::millis(5));
  EXPECT_EQ(link.back.faults.delay, Duration::millis(7));
}

TEST(RunScenario, WhatCannotSettleEndsInTimeAndSaysWhatIsOpen) {
  const Scenario scenario =
      read_scenario(std::string(kTwoHosts) +
                        "[[program]]\non = \"b\"\nkind = \"listen\"\nending = \"none\"\n"
                        "closes_at_end = false\n"
                        "[[program]]\nname = \"hangs\"\non = \"a\"\nkind = \"connect\"\nto = \"b:80\"\n",
                    "test");
  const RunReport report = run_scenario(scenario, 1);
  ASSERT_EQ(report.failures, std::vector<std::string>{"did not settle by 600.000 s"});
  ASSERT_EQ(report.still_open.size(), 4U);
  EXPECT_NE(report.still_open[0].find("a: 10.0.0.1:"), std::string::npos) << report.still_open[0];
  EXPECT_NE(report.still_open[1].find("CLOSE-WAIT"), std::string::npos) << report.still_open[1];
  EXPECT_NE(report.still_open[3].find("listen on b"), std::string::npos) << report.still_open[2];
  EXPECT_NE(report.still_open[2].find("program hangs on a"), std::string::npos) << report.still_open[2];
}

TEST(RunScenario, AnExpectationThatDoesNotHoldIsNamed) {
  const Scenario scenario =
      read_scenario(std::string(kTwoHosts) +
                        "[[program]]\non = \"b\"\nkind = \"listen\"\n"
                        "[[program]]\nname = \"sends\"\non = \"a\"\nkind = \"connect\"\nto = \"b:80\"\n"
                        "[[expect]]\nhost = \"a\"\nframes = \"syn\"\ncount = 2\n"
                        "[[expect]]\nprogram = \"sends\"\nreceived = 5\n"
                        "[[expect]]\nhost = \"b\"\ncounter = \"tcp_rto_fired\"\nleast = 1\n"
                        "[[expect]]\nhost = \"a\"\nstates = [\"LISTEN\"]\n",
                    "test");
  const RunReport report = run_scenario(scenario, 1);
  const std::vector<std::string> expected = {"line 15: a sent 1 frames of kind syn, expected 2",
                                             "line 19: sends read 0 bytes, expected 5",
                                             "line 22: b counted 0 tcp_rto_fired, expected at least 1",
                                             "line 26: a went through SYN-SENT, ESTABLISHED, FIN-WAIT-1, "
                                             "FIN-WAIT-2, TIME-WAIT, CLOSED, expected LISTEN"};
  EXPECT_EQ(report.failures, expected);
}

}  // namespace
}  // namespace strata::sim
