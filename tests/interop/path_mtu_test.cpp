// A chain of the kernel's routers with links of 1,400 and 1,280 bytes between us and a host that knows
// nothing of them: they say what does not fit, or nothing is heard of it.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// `strata serve` at 10.78.0.2 - tap0 - router - 1,400 - router - 1,280 - 10.80.0.2, which fetches.
constexpr const char* kChain =
    "namespace() { unshare --net sleep 300 & ns=$!\n"
    "  until [ \"$(readlink /proc/$ns/ns/net)\" != \"$(readlink /proc/self/ns/net)\" ]; do sleep 0.05; done; "
    "}\n"
    "namespace; middle=$ns\n"
    "namespace; far=$ns\n"
    "ip link add first type veth peer name second netns $middle\n"
    "ip address add 10.79.0.1/24 dev first; ip link set first mtu 1400 up\n"
    "ip route add 10.80.0.0/24 via 10.79.0.2\n"
    "echo 1 > /proc/sys/net/ipv4/ip_forward\n"
    "nsenter --net=/proc/$middle/ns/net bash -eu <<END\n"
    "  ip address add 10.79.0.2/24 dev second; ip link set second mtu 1400 up\n"
    "  ip link add third type veth peer name last netns $far\n"
    "  ip address add 10.80.0.1/24 dev third; ip link set third mtu 1280 up\n"
    "  ip route add default via 10.79.0.1\n"
    "END\n"
    "nsenter --net=/proc/$middle/ns/net sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'\n"
    "nsenter --net=/proc/$far/ns/net sh -eu -c 'ip address add 10.80.0.2/24 dev last; ip link set last up;"
    " ip route add default via 10.80.0.1'\n"
    "far() { nsenter --net=/proc/$far/ns/net \"$@\"; }\n";

class PathMtu : public Lab {
 protected:
  /// What the far host says about the file; the trace of our side is in `trace`.
  Outcome fetch(const std::string& hindrance, const std::string& size) {
    return sh_with_tap(
        std::string(kChain) + hindrance +
        "strata serve www --tap tap0 --address 10.78.0.2/24 --gateway 10.78.0.1"
        " --trace-file trace & pid=$!\n"
        "until far curl -sS -m 1 -o /dev/null http://10.78.0.2/none 2>/dev/null; do sleep 0.05; done\n"
        "far curl -sS -m 60 http://10.78.0.2/" +
        size +
        " | sha256sum\n"
        "kill -INT $pid; wait $pid; kill $middle $far");
  }
  std::string sum_of(const std::string& file) { return sh("sha256sum < www/" + file).out; }
};

TEST_F(PathMtu, RoutersSayWhatDoesNotFit) {
  write_bulk("www/bulk", 8 << 20);
  const Outcome run = fetch("", "bulk");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, sum_of("bulk"));
  const std::string trace = read("trace");
  EXPECT_THAT(trace, HasSubstr("mss 1448 -> 1348 (icmp_too_big)"));
  EXPECT_THAT(trace, HasSubstr("mss 1348 -> 1228 (icmp_too_big)"));
  EXPECT_THAT(trace, HasSubstr("(retransmit_path_mtu)"));
  EXPECT_THAT(trace, Not(HasSubstr("timer retransmit fired")));
}

/// Users' complaint 12: everything that fills a packet hangs at 1,280 bytes where ICMP is filtered.
TEST_F(PathMtu, ABlackHoleIsSurvived) {
  write_bulk("www/bulk", 8 << 20);
  const Outcome run = fetch(
      "ip rule add ipproto icmp blackhole prio 10\n"
      "nsenter --net=/proc/$middle/ns/net ip rule add ipproto icmp blackhole prio 10\n",
      "bulk");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, sum_of("bulk"));
  const std::string trace = read("trace");
  EXPECT_THAT(trace, HasSubstr("mss 1448 -> 1012 (black_hole)"));
  EXPECT_THAT(trace, HasSubstr("(probe_path_mtu)"));
  EXPECT_THAT(trace, Not(HasSubstr("icmp_too_big")));
}

}  // namespace
}  // namespace strata::interop
