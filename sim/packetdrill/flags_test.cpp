#include "sim/packetdrill/flags.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace strata::packetdrill {
namespace {

TEST(PluginFlags, NothingMeansLinux) {
  const auto flags = parse_flags("");
  ASSERT_TRUE(flags.has_value());
  EXPECT_EQ(flags->settings.stack.tcp.option_order, TcpOptionOrder::linux_like);
  EXPECT_FALSE(flags->trace);
}

TEST(PluginFlags, AProfileComesBeforeAllParameters) {
  const auto flags = parse_flags("tcp_fin_timeout=5,net.inet.tcp.msl=100,mtu=1200,trace,profile=freebsd");
  ASSERT_TRUE(flags.has_value()) << flags.error();
  EXPECT_EQ(flags->settings.stack.tcp.option_order, TcpOptionOrder::freebsd_like);
  EXPECT_EQ(flags->settings.stack.tcp.fin_timeout, Duration::seconds(5));
  EXPECT_EQ(flags->settings.stack.tcp.time_wait, Duration::millis(200));
  EXPECT_EQ(flags->settings.link.mtu, 1200U);
  EXPECT_TRUE(flags->trace);
}

TEST(PluginFlags, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(parse_flags("profile=plan9").error(), "profile=plan9: there are linux and freebsd");
  EXPECT_EQ(parse_flags("tcp_fin_timeout=soon").error(),
            "no parameter tcp_fin_timeout, or not with the value 'soon' (`strata sysctl` lists parameters "
            "and their "
            "ranges)");
  EXPECT_EQ(parse_flags("script=/no/such.pkt").error(), "/no/such.pkt: cannot be read");
}

class ScriptFlags : public testing::Test {
 protected:
  ~ScriptFlags() override { std::filesystem::remove(path_); }

  std::expected<Flags, std::string> flags_of(std::string_view script) {
    std::ofstream(path_) << script;
    return parse_flags("script=" + path_);
  }
  std::string path_ = testing::TempDir() + "strata_plugin_flags_" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + ".pkt";
};

TEST_F(ScriptFlags, TheTopOfAScriptCounts) {
  const auto flags = flags_of(
      "--local_ip=10.1.2.3\n--mtu=900\n`sysctl -w net.ipv4.tcp_sack=0`\n0 socket(..., SOCK_STREAM, "
      "IPPROTO_TCP) = 3\n");
  ASSERT_TRUE(flags.has_value()) << flags.error();
  EXPECT_EQ(flags->settings.ends.local, IpAddress::v4(10, 1, 2, 3));
  EXPECT_EQ(flags->settings.link.mtu, 900U);
  EXPECT_FALSE(flags->settings.stack.tcp.sack);
}

TEST_F(ScriptFlags, AChangeWhileTheScriptRunsIsUnsupported) {
  const auto flags = flags_of(
      "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+1 `sysctl -w net.ipv4.tcp_sack=0`\n+0 close(3) = 0\n");
  ASSERT_FALSE(flags.has_value());
  EXPECT_TRUE(flags.error().ends_with(":2:1: unsupported: a parameter that changes while the script runs"))
      << flags.error();
}

TEST_F(ScriptFlags, AChangeAfterTheLastEventDoesNotMatter) {
  const auto flags =
      flags_of("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n`sysctl -w net.ipv4.tcp_sack=0`\n");
  ASSERT_TRUE(flags.has_value()) << flags.error();
  EXPECT_TRUE(flags->settings.stack.tcp.sack);
}

}  // namespace
}  // namespace strata::packetdrill
