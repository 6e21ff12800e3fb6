// ECN with the kernel: both ways by RFC 3168, which is what AccECN (RFC 9768) falls back to where the kernel
// does not know it; and marks on the way that slow a sender down instead of losses.
#include <gmock/gmock.h>

#include <string>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;
using testing::Not;

class Ecn : public Lab {
 protected:
  Ecn() {
    write_bulk("www/bulk", 8 << 20);
    write_nginx_config();
  }
  /// The kernel fetches /bulk from us and shows its end of the connection meanwhile.
  Outcome kernel_fetches(int ours, int kernels, const std::string& faults = "") {
    return sh("strata serve www --private --set tcp_ecn=" + std::to_string(ours) + " " + faults +
              " --pcap c.pcapng -- bash -c '"
              "sysctl -qw net.ipv4.tcp_ecn=" +
              std::to_string(kernels) +
              "; curl -sS --limit-rate 4M -o got http://10.77.0.2/bulk &"
              " until ss -tinoH dst 10.77.0.2 | grep bytes_received; do sleep 0.02; done; wait %1;"
              "cmp got www/bulk'");
  }
  /// The first flags of the capture, as `strata dump` spells them: our SYN or the kernel's, and its answer.
  std::string handshake() {
    return sh("strata dump c.pcapng | grep -o 'Flags .S[^]]*.' | head -n 2 | tr '\\n' ' '").out;
  }
  /// How many frames of the capture a display filter of Wireshark's lets through.
  int frames(const std::string& filter) {
    return std::stoi(sh("tshark -r c.pcapng -Y '" + filter + "' 2>/dev/null | wc -l").out);
  }
};

TEST_F(Ecn, TheKernelAsksAndWeConfirm) {
  const Outcome run = kernel_fetches(2, 1);
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr(" ecn "));
  EXPECT_THAT(run.out, HasSubstr("ecnseen"));
  EXPECT_EQ(handshake(), "Flags [SEW] Flags [S.E] ");
}

TEST_F(Ecn, AccurateEcnHereServesAClassicKernel) {
  const Outcome run = kernel_fetches(3, 1);
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("ecnseen"));
  EXPECT_EQ(handshake(), "Flags [SEW] Flags [S.E] ");
}

TEST_F(Ecn, AKernelThatDoesNotAskGetsNone) {
  const Outcome run = kernel_fetches(3, 2);
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, Not(HasSubstr("ecnseen")));
  EXPECT_EQ(handshake(), "Flags [S] Flags [S.] ");
}

TEST_F(Ecn, MarksOnTheWayLoseNothing) {
  const Outcome run = kernel_fetches(2, 1, "--mark 2%");
  EXPECT_TRUE(is_well(run));
  EXPECT_NE(frames("ip.dsfield.ecn == 3"), 0);
  EXPECT_NE(frames("tcp.flags.ece == 1 && tcp.flags.syn == 0"), 0);
  EXPECT_NE(frames("tcp.flags.cwr == 1 && tcp.flags.syn == 0"), 0);
}

TEST_F(Ecn, WeAskAndTheKernelConfirms) {
  for (const char* how : {"1", "3"}) {  // the kernel answers AccECN by RFC 3168
    const Outcome run =
        sh(std::string("strata get http://10.77.0.1:8000/bulk -o got --private --set tcp_ecn=") + how +
           " --pcap c.pcapng -- nginx -p " + dir().string() + " -c nginx.conf");
    EXPECT_TRUE(is_well(run));
    EXPECT_TRUE(is_well(sh("cmp got www/bulk")));
    const std::string flags = handshake();
    EXPECT_EQ(flags, "Flags [SEW] Flags [S.E] ");
    expect_sound_capture("c.pcapng");
  }
}

}  // namespace
}  // namespace strata::interop
