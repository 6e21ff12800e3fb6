// A running process asked and told from outside: `strata sysctl --pid`.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Control : public Lab {
 protected:
  Control() { write("www/index.html", "hello\n"); }

  /// A script beside a `strata serve` that runs; $pid is its process. The process is ended by Ctrl-C
  /// afterwards.
  Outcome beside_a_server(const std::string& script) {
    return sh_with_tap(
        "export XDG_RUNTIME_DIR=$PWD\n"
        "strata serve www --tap tap0 --address 10.78.0.2/24 & pid=$!\n"
        "until curl -sS -m 1 http://10.78.0.2/ >/dev/null 2>&1; do sleep 0.05; done\n" +
        script + "\nkill -INT $pid; wait $pid; ls strata | wc -l");
  }
};

TEST_F(Control, AParameterOfARunningServerIsSetAndSeen) {
  const Outcome run = beside_a_server(
      "strata sysctl --pid $pid net.ipv4.tcp_fin_timeout=7 | tail -n 1\n"
      "strata sysctl --pid $pid | grep ^tcp_fin_timeout\n"
      "strata sysctl --pid $pid tcp_fin_timeout --json | python3 -c 'import json; "
      "print(json.load(open(0))[0][\"parameters\"][0][\"value\"])'\n"
      "curl -sS http://10.78.0.2/");
  EXPECT_TRUE(is_well(run));
  const std::string row = "tcp_fin_timeout        7                         s                1-86400";
  EXPECT_THAT(run.out, StartsWith(row));
  EXPECT_THAT(run.out, HasSubstr("§3.6\n" + row));
  EXPECT_THAT(run.out, EndsWith("\n7\nhello\n0\n")) << "nothing is left in the runtime directory";
}

TEST_F(Control, AWrongValueIsRefusedAndChangesNothing) {
  const Outcome run = beside_a_server(
      "strata sysctl --pid $pid tcp_sack=0 tcp_fin_timeout=never || echo status $?\n"
      "strata sysctl --pid $pid tcp_no_such || echo status $?\n"
      "strata sysctl --pid $pid --stack 2 || echo status $?\n"
      "strata sysctl --pid $pid tcp_sack | tail -n 1");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, StartsWith("status 2\nstatus 2\nstatus 1\ntcp_sack               1 ")) << run.err;
  EXPECT_THAT(run.err,
              HasSubstr("tcp_fin_timeout cannot be \"never\": it is a number from 1 to 86400 (s)\n"));
  EXPECT_THAT(run.err, HasSubstr("no such parameter: tcp_no_such"));
  EXPECT_THAT(run.err, HasSubstr("has no stack 2\n"));
}

TEST_F(Control, GarbageOnTheSocketDoesNotDisturbTheService) {
  const Outcome run = beside_a_server(
      "socket=$(echo strata/*.sock)\n"
      "for i in 1 2 3; do head -c 100000 /dev/urandom | ncat -U $socket >/dev/null 2>&1 || true; done\n"
      "for i in $(seq 20); do sleep 100 | ncat -U $socket & done\n"
      "strata sysctl --pid $pid tcp_sack | tail -n 1\n"
      "curl -sS http://10.78.0.2/");
  EXPECT_THAT(run.out, HasSubstr("tcp_sack               1 "));
  EXPECT_THAT(run.out, HasSubstr("\nhello\n0\n"));
}

TEST_F(Control, TheSocketOfAKilledServerIsRemovedByTheNext) {
  const Outcome run = beside_a_server(
      "ls strata | wc -l\n"
      "kill -9 $pid; wait $pid || true\n"
      "strata sysctl --pid $pid 2>&1 || echo status $?\n"
      "strata serve www --tap tap0 --address 10.78.0.2/24 & pid=$!\n"
      "until curl -sS -m 1 http://10.78.0.2/ >/dev/null 2>&1; do sleep 0.05; done\n"
      "ls strata | wc -l");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("strata sysctl: there is no process "));
  EXPECT_THAT(run.out, EndsWith("status 1\n1\n0\n"));
}

TEST_F(Control, SaysWhyAProcessCannotBeAsked) {
  const Outcome none = sh("XDG_RUNTIME_DIR=$PWD strata sysctl --pid $$");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("has no stack that can be asked: no control socket of it in "));
  for (const char* arguments : {"--pid 0", "--pid x", "--stack 1", "tcp_sack=0", "--pid 1 --profile linux"}) {
    const Outcome run = sh(std::string("strata sysctl ") + arguments);
    EXPECT_EQ(run.status, 2) << arguments << '\n' << run.err;
  }
}

}  // namespace
}  // namespace strata::interop
