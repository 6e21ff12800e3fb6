// The command itself: what it says when it is used wrongly or the machine fails, and its small verbs.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Tool : public Lab {
 protected:
  Tool() { write("www/index.html", "hello\n"); }
};

TEST_F(Tool, HasAVersionAndHelpWithExamples) {
  EXPECT_THAT(sh("strata --version").out, StartsWith("strata "));
  for (const char* verb : {"serve", "get", "ping", "dump", "demo"}) {
    const Outcome help = sh(std::string("strata ") + verb + " --help");
    EXPECT_TRUE(is_well(help));
    EXPECT_THAT(help.out, HasSubstr("Example")) << verb;
  }
}

TEST_F(Tool, RefusesWrongUsageWithStatusTwo) {
  for (const char* arguments :
       {"", "swim", "serve", "serve www", "serve www --tap t", "serve www --private --loss 200%",
        "serve www --private --delay 5", "serve www --private --tap t --address 10.0.0.1/24",
        "serve www --private --port 0", "get", "ping", "ping 10.77.0.1 --tap t --address 10.0.0.1/24 -- true",
        "serve www --private --rate fast"}) {
    const Outcome run = sh(std::string("strata ") + arguments);
    EXPECT_EQ(run.status, 2) << arguments << '\n' << run.err;
    EXPECT_NE(run.err, "") << arguments;
  }
}

TEST_F(Tool, SaysWhichDirectoryIsMissing) {
  const Outcome run = sh("strata serve nowhere --private -- true");
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.err, "strata serve: nowhere: no such directory\n");
}

TEST_F(Tool, FailsWhenThePeerFails) {
  const Outcome failed = sh("strata serve www --private -- sh -c 'exit 7'");
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("the peer \"sh\" exited with status 7"));
  const Outcome missing = sh("strata serve www --private -- no-such-program");
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("no-such-program"));
}

TEST_F(Tool, SaysThatTheDiskIsFull) {
  for (const char* flag : {"--pcap", "--trace-file"}) {
    const Outcome run =
        sh(std::string("strata serve www ") + flag + " /dev/full --private -- curl -sS http://10.77.0.2/");
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.err, HasSubstr("No space left on device")) << flag;
  }
}

TEST_F(Tool, SaysThatTheDeviceIsInUse) {
  const Outcome run = sh_with_tap(
      "strata serve www --tap tap0 --address 10.78.0.2/24 &\n"
      "until curl -sS -m 1 http://10.78.0.2/ 2>/dev/null; do sleep 0.05; done\n"
      "strata serve www --tap tap0 --address 10.78.0.3/24");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("tap0"));
}

TEST_F(Tool, SaysThatTheDeviceVanished) {
  const Outcome run = sh_with_tap(
      "strata serve www --tap tap0 --address 10.78.0.2/24 --pcap c.pcapng & pid=$!\n"
      "until curl -sS -m 1 http://10.78.0.2/ 2>/dev/null; do sleep 0.05; done\n"
      "ip link delete tap0; wait $pid");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("strata serve: "));
  EXPECT_THAT(run.err, HasSubstr("tap0"));
  expect_sound_capture("c.pcapng");
}

TEST_F(Tool, PingsTheKernel) {
  const Outcome run = sh("strata ping 10.77.0.1 -c 3 -i 50ms -s 1000 --private --pcap c.pcapng");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("1008 bytes from 10.77.0.1: icmp_seq=3 ttl=64 time="));
  EXPECT_THAT(run.out, HasSubstr("3 packets transmitted, 3 received, 0% packet loss"));
  expect_sound_capture("c.pcapng");
}

TEST_F(Tool, PingsInVain) {
  const Outcome run = sh("strata ping 10.77.0.9 -c 2 -i 50ms --private");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.out, HasSubstr("2 packets transmitted, 0 received, 100% packet loss"));
}

TEST_F(Tool, PrintsStatisticsAsJson) {
  const Outcome run =
      sh("strata ping 10.77.0.1 -c 2 -i 50ms --private --json | python3 -c 'import json; "
         "print(json.load(open(0))[\"received\"])'");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "2\n");
}

TEST_F(Tool, TracesWithCauses) {
  const Outcome run = sh("strata serve www --private --trace --trace-file t -- curl -sS http://10.77.0.2/");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.err, HasSubstr("state SYN-RECEIVED -> ESTABLISHED"));
  EXPECT_THAT(read("t"), HasSubstr("state SYN-RECEIVED -> ESTABLISHED"));
}

}  // namespace
}  // namespace strata::interop
