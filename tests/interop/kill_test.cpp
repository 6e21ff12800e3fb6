// Either end dies by SIGKILL in the middle of a transfer, at twenty times drawn from a seed: the other end
// says clearly that the transfer failed, and keeps nothing of it.
#include <gmock/gmock.h>

#include "base/rng.hpp"
#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;

constexpr int kTimes = 20;

class Killed : public Lab {
 protected:
  Killed() { write_bulk("www/bulk", 16 << 20); }
  /// A time in seconds within a transfer that takes 0.8 s.
  std::string next_time() {
    const std::uint64_t millis = 20 + rng_.next_u64() % 600;
    return "0." + std::string(millis < 100 ? "0" : "") + std::to_string(millis);
  }

 private:
  Xoshiro rng_{20};
};

TEST_F(Killed, OurServerIsMissedByTheKernelsClient) {
  for (int i = 0; i < kTimes; ++i) {
    const std::string time = next_time();
    const Outcome run = sh_with_tap(
        "strata serve www --tap tap0 --address 10.78.0.2/24 --rate 160mbit & pid=$!\n"
        "until curl -sS -m 1 -o /dev/null http://10.78.0.2/none 2>/dev/null; do sleep 0.05; done\n"
        "(sleep " +
        time +
        "; kill -KILL $pid) &\n"
        "curl -sS -m 2 -o got http://10.78.0.2/bulk");
    EXPECT_NE(run.status, 0) << "killed after " << time << " s";
    EXPECT_THAT(run.err, HasSubstr("curl: (")) << "killed after " << time << " s";
  }
}

TEST_F(Killed, TheKernelsServerIsMissedByOurClient) {
  for (int i = 0; i < kTimes; ++i) {
    const std::string time = next_time();
    write("headed", "HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n" + read("www/bulk"));
    const Outcome run =
        sh("strata get http://10.77.0.1:8000/bulk -o got --rate 160mbit --private -- bash -c '"
           "ncat -l 10.77.0.1 8000 --send-only < headed & sleep " +
           time + "; kill -KILL $!; wait'");
    EXPECT_EQ(run.status, 1) << "killed after " << time << " s";
    EXPECT_THAT(run.err, HasSubstr("strata get: ")) << "killed after " << time << " s";
    EXPECT_FALSE(std::filesystem::exists(dir() / "got"));
  }
}

}  // namespace
}  // namespace strata::interop
