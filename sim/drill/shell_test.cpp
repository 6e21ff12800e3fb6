#include "sim/drill/shell.hpp"

#include <gtest/gtest.h>

#include "sim/drill/settings.hpp"

namespace strata::drill {
namespace {

/// `name=value` of all parameters, separated by blanks; or what is not understood.
std::string parameters(std::string_view text) {
  const auto actions = interpret_shell(text);
  if (!actions) return "not understood: " + actions.error();
  std::string all;
  for (const ShellAction& action : *actions) {
    if (const auto* set = std::get_if<SetParameter>(&action)) all += set->name + "=" + set->value + " ";
    if (std::holds_alternative<SetLinuxDefaults>(action)) all += "defaults ";
    if (const auto* count = std::get_if<CountSockets>(&action)) {
      all += count->state + "*" + std::to_string(count->count) + " ";
    }
  }
  return all;
}

TEST(DrillShell, SysctlSetsParameters) {
  EXPECT_EQ(parameters("sysctl -w net.inet.tcp.sack.enable=1"), "net.inet.tcp.sack.enable=1 ");
  EXPECT_EQ(parameters("sysctl -q net.ipv4.a=1 net/ipv4/b=2; sysctl -e -q c='1 2'"),
            "net.ipv4.a=1 net.ipv4.b=2 c=1 2 ");
  EXPECT_EQ(
      parameters("../common/set_sysctls.py /proc/sys/net/ipv4/a=\"1 2 3\" \\\n   /proc/sys/net/ipv4/b=2"),
      "net.ipv4.a=1 2 3 net.ipv4.b=2 ");
}

TEST(DrillShell, ListsOfCommandsAreTakenApart) {
  EXPECT_EQ(parameters("../common/defaults.sh\nsysctl -q a=1 # fully\nethtool -K tun0 tso off gso off"),
            "defaults a=1 ");
  EXPECT_EQ(parameters("ip tcp_metrics flush all > /dev/null 2>&1 && /tmp/sysctl_restore_${PPID}.sh"), "");
  EXPECT_EQ(parameters("sockstat -4 -P tcp -s | grep packetdril | grep -c TIME_WAIT | grep 1"),
            "TIME_WAIT*1 ");
}

TEST(DrillShell, OtherCommandsAreNamed) {
  EXPECT_EQ(parameters("tc qdisc replace dev tun0 root fq"),
            "not understood: tc qdisc replace dev tun0 root fq");
  EXPECT_EQ(parameters("sysctl net.ipv4.tcp_sack"), "not understood: sysctl net.ipv4.tcp_sack");
  EXPECT_EQ(parameters("cat x | grep y"), "not understood: cat x");
}

TEST(DrillSysctl, NamesOfBothSystemsReachTheConfiguration) {
  Settings settings = settings_of(Profile::linux, false);
  EXPECT_EQ(apply_sysctl("net.ipv4.tcp_timestamps", "0", settings), SysctlOutcome::applied);
  EXPECT_FALSE(settings.stack.tcp.timestamps);
  EXPECT_EQ(apply_sysctl("net.ipv4.tcp_rmem", "4096 540000 15728640", settings), SysctlOutcome::applied);
  EXPECT_EQ(settings.stack.tcp.receive_buffer, 15728640U);
  EXPECT_EQ(apply_sysctl("net.inet.tcp.delacktime", "40", settings), SysctlOutcome::applied);
  EXPECT_EQ(settings.stack.tcp.delayed_ack, Duration::millis(40));
  EXPECT_EQ(apply_sysctl("net.inet.tcp.keepinit", "75000", settings), SysctlOutcome::applied);
  EXPECT_EQ(settings.stack.tcp.keepinit, Duration::seconds(75));
  EXPECT_EQ(apply_sysctl("net.inet.tcp.insecure_rst", "1", settings), SysctlOutcome::applied);
  EXPECT_TRUE(settings.stack.tcp.insecure_rst);
}

TEST(DrillSysctl, DropSynfinMeansAllOrNobody) {
  Settings settings = settings_of(Profile::linux, false);
  EXPECT_EQ(apply_sysctl("net.inet.tcp.drop_synfin", "1", settings), SysctlOutcome::applied);
  EXPECT_EQ(settings.stack.tcp.syn_fin, TcpSynFin::dropped);
  EXPECT_EQ(apply_sysctl("net.inet.tcp.drop_synfin", "0", settings), SysctlOutcome::applied);
  EXPECT_EQ(settings.stack.tcp.syn_fin, TcpSynFin::taken);
}

TEST(DrillSysctl, WhatIsNotThereIsUnsupported) {
  Settings settings = settings_of(Profile::linux, false);
  EXPECT_EQ(apply_sysctl("net.ipv4.tcp_moon", "1", settings), SysctlOutcome::unsupported);
  EXPECT_EQ(apply_sysctl("net.ipv4.tcp_syn_retries", "256", settings), SysctlOutcome::unsupported);
  EXPECT_EQ(apply_sysctl("net.ipv4.tcp_syn_retries", "many", settings), SysctlOutcome::unsupported);
  EXPECT_EQ(apply_sysctl("net.ipv4.tcp_rmem", "1", settings), SysctlOutcome::unsupported);
  EXPECT_EQ(apply_sysctl("net.inet.tcp.moon", "1", settings), SysctlOutcome::unsupported);
  EXPECT_EQ(apply_sysctl("net.inet.tcp.hostcache.purgenow", "1", settings), SysctlOutcome::irrelevant);
}

}  // namespace
}  // namespace strata::drill
