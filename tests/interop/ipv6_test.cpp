// The tools and the kernel over IPv6, both ways; Wireshark and tcpdump read what was said.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Ipv6 : Lab {
  Ipv6() { write("www/index.html", "<h1>hello</h1>\n"); }
};

TEST_F(Ipv6, GivesCurlAPageOverEitherFamily) {
  const Outcome run =
      sh("strata serve www --private --pcap c.pcapng -- bash -c '"
         "curl -gsS http://[fd77::2]/; curl -sS http://10.77.0.2/'");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "<h1>hello</h1>\n<h1>hello</h1>\n");
  EXPECT_THAT(run.err, HasSubstr("http://10.77.0.2/ and http://[fd77::2]/"));
  expect_sound_capture("c.pcapng");
  EXPECT_THAT(sh("strata dump c.pcapng").out, HasSubstr("IP6 fd77::2.80 > fd77::1."));
}

TEST_F(Ipv6, ServesMuchInSuperSegmentsAndInFrames) {
  write_bulk("www/bulk", 16 << 20);
  for (const char* offload : {"", "--no-offload"}) {
    const Outcome run = sh(std::string("strata serve www --private --pcap c.pcapng ") + offload +
                           " -- curl -gsS http://[fd77::2]/bulk -o got");
    EXPECT_TRUE(is_well(run));
    EXPECT_TRUE(is_well(sh("cmp got www/bulk")));
    expect_sound_capture("c.pcapng");
  }
}

TEST_F(Ipv6, SurvivesABadCable) {
  write_bulk("www/bulk", 1 << 20);
  const Outcome run =
      sh("strata serve www --private --loss 1% --reorder 1% --duplicate 1% --delay 2ms "
         "-- curl -gsS http://[fd77::2]/bulk -o got");
  EXPECT_TRUE(is_well(run));
  EXPECT_TRUE(is_well(sh("cmp got www/bulk")));
}

TEST_F(Ipv6, FetchesFromTheKernel) {
  write_bulk("www/bulk", 8 << 20);
  const Outcome run =
      sh("cd www; strata get http://[fd77::1]:8000/bulk -o ../got --private --pcap ../c.pcapng "
         "-- python3 -m http.server --bind fd77::1");
  EXPECT_TRUE(is_well(run));
  EXPECT_TRUE(is_well(sh("cmp got www/bulk")));
  expect_sound_capture("c.pcapng");
}

TEST_F(Ipv6, PingsTheKernel) {
  const Outcome run = sh("strata ping -6 fd77::1 -c 3 -i 50ms -s 1000 --private --pcap c.pcapng");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("PING fd77::1 from fd77::2: 1000 data bytes"));
  EXPECT_THAT(run.out, HasSubstr("1008 bytes from fd77::1: icmp_seq=3 ttl=64 time="));
  EXPECT_THAT(run.out, HasSubstr("3 packets transmitted, 3 received, 0% packet loss"));
  expect_sound_capture("c.pcapng");
}

TEST_F(Ipv6, IsPingedByTheKernel) {
  const Outcome run = sh("strata serve www --private --pcap c.pcapng -- ping -6 -c 3 -i 0.1 -s 1400 fd77::2");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("3 received"));
  expect_sound_capture("c.pcapng");
}

TEST_F(Ipv6, TellsNcatThatAPortIsClosed) {
  const Outcome run = sh("strata serve www --private -- bash -c 'ncat -6 fd77::2 81 </dev/null || true'");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.err, HasSubstr("Connection refused"));
}

TEST_F(Ipv6, WorksOnATapDevice) {
  const Outcome run = sh_with_tap(
      "ip -6 address add fd78::1/64 dev tap0 nodad\n"
      "strata serve www --tap tap0 --address 10.78.0.2/24 --address fd78::2/64 --pcap c.pcapng & pid=$!\n"
      "until curl -gsS -m 1 http://[fd78::2]/ 2>/dev/null; do sleep 0.05; done\n"
      "kill -INT $pid; wait $pid");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("<h1>hello</h1>"));
  expect_sound_capture("c.pcapng");
}

TEST_F(Ipv6, SaysWhatIsWrongWithAddressesAndWhatWouldHelp) {
  const auto error_of = [&](const std::string& options) {
    const Outcome run = sh("strata ping fd78::1 --tap tap9 " + options);
    EXPECT_NE(run.status, 0);
    return run.err;
  };
  EXPECT_THAT(error_of("--address fd78::2/64 --address fd79::2/64"), HasSubstr("give one of each family"));
  EXPECT_THAT(error_of("--address fd78::2/64 --gateway fd79::1"),
              HasSubstr("fd79::1 is not on the link: give a router inside fd78::/64"));
  EXPECT_THAT(error_of("--address 10.0.0.2/24 --gateway fd79::1"), HasSubstr("no --address of IPv6"));
  EXPECT_THAT(error_of("--address fd78::2/64 --mtu 1000"),
              HasSubstr("too small for IPv6: give 1280 or more"));
}

}  // namespace
}  // namespace strata::interop
