// The founding story, live and from its recording.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Demo : public Lab {};

TEST_F(Demo, CurlOverTheRealKernelGetsThePageAndBothEndsClose) {
  const Outcome run = sh("strata demo");
  ASSERT_TRUE(is_well(run));
  EXPECT_THAT(run.out, StartsWith("The way: the real kernel, in a "));
  EXPECT_THAT(run.out, HasSubstr("GET / HTTP/1.1\\r\\n"));
  EXPECT_THAT(run.out, HasSubstr("curl exited with status 0"));
  EXPECT_THAT(run.out, HasSubstr("byte for byte the page"));
  EXPECT_THAT(run.out, HasSubstr("SYN-SENT ├─ S "));
  EXPECT_THAT(run.out, HasSubstr("│◀─ S. "));
  EXPECT_THAT(run.out, HasSubstr("├─ F. "));
  EXPECT_THAT(run.out, HasSubstr("LAST-ACK"));
  EXPECT_LT(run.took, std::chrono::seconds(5));
  expect_sound_capture("demo.pcapng");
}

TEST_F(Demo, RecordingTellsTheSameStory) {
  EXPECT_TRUE(is_well(
      sh("strata demo >live 2>/dev/null; strata demo --from demo.pcapng --trace-file demo.trace >again; "
         "cmp live again")));
}

TEST_F(Demo, RunsInOneProcessWhereNamespacesAreForbidden) {
  const Outcome run = sh(
      "unshare --user --map-root-user bash -c "
      "'echo 0 >/proc/sys/user/max_net_namespaces && echo 0 >/proc/sys/user/max_user_namespaces && strata "
      "demo' >live "
      "2>/dev/null; strata demo --from demo.pcapng --trace-file demo.trace >again; cmp live again; cat live");
  ASSERT_TRUE(is_well(run));
  EXPECT_THAT(run.out, StartsWith("The way: both ends in one process (namespaces are forbidden here: "));
  EXPECT_THAT(run.out, HasSubstr("our own HTTP client: "));
  EXPECT_THAT(run.out, HasSubstr("byte for byte the page"));
  expect_sound_capture("demo.pcapng");
}

TEST_F(Demo, ShowsTheLadderOfAnyRecordedRun) {
  write("www/index.html", "hello\n");
  const Outcome run =
      sh("strata serve www --private --pcap run.pcapng --trace-file run.trace -- curl -s http://10.77.0.2/ "
         ">page 2>/dev/null; "
         "strata demo --from run.pcapng --trace-file run.trace --ladder-only");
  ASSERT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("ESTABLISHED"));
  EXPECT_EQ(run.out.find("The browser asks"), std::string::npos);
}

TEST_F(Demo, SaysWhatIsWrongWithItsFiles) {
  EXPECT_EQ(sh("strata demo --from missing.pcapng").status, 1);
  EXPECT_EQ(sh("strata demo --pcap no/such/folder/demo.pcapng").status, 1);
  write("not.pcapng", "not a capture");
  EXPECT_EQ(sh("strata demo --from not.pcapng").status, 1);
  write("bad.trace", "not a trace\n");
  const Outcome run =
      sh("strata demo >live 2>/dev/null; strata demo --from demo.pcapng --trace-file bad.trace");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("1 lines are not trace lines"));
}

}  // namespace
}  // namespace strata::interop
