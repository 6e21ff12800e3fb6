// Packets of every size against the kernel: what does not fit a frame comes and goes in fragments.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using ::testing::HasSubstr;

class Fragments : public Lab {};

TEST_F(Fragments, TheKernelPingsUsWithUpTo65507Bytes) {
  write("www/index.html", "there\n");
  const Outcome run = sh_with_tap(
      "strata serve www --tap tap0 --address 10.78.0.2/24 --pcap c.pcapng & pid=$!\n"
      "until curl -sS -m 1 http://10.78.0.2/ >/dev/null 2>&1; do sleep 0.05; done\n"
      "for size in 1472 1473 2952 2953 9000 65507; do\n"
      "  ping -c 3 -i 0.05 -W 2 -s $size 10.78.0.2 | grep -o '[0-9]* received'\n"
      "done\n"
      "ping -c 3 -i 0.05 -W 2 -M do -s 1472 10.78.0.2 | grep -o '[0-9]* received'\n"
      "kill -INT $pid; wait $pid");
  EXPECT_TRUE(is_well(run));
  std::string seven;
  for (int i = 0; i < 7; ++i) seven += "3 received\n";
  EXPECT_EQ(run.out, seven);
  expect_sound_capture("c.pcapng");
}

TEST_F(Fragments, WePingTheKernelWithUpTo65507Bytes) {
  const Outcome run =
      sh("for size in 1472 1473 9000 65507; do strata ping 10.77.0.1 -c 4 -i 50ms -s $size --private; done");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("65515 bytes"));
}

}  // namespace
}  // namespace strata::interop
