// `strata serve` under the programs that the world fetches pages with; the kernel is the client's stack.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;
using testing::Not;

class Serve : public Lab {
 protected:
  Serve() {
    write("www/index.html", "<h1>hello</h1>\n");
    write("www/digits.txt", "0123456789");
  }
};

TEST_F(Serve, GivesCurlAPage) {
  const Outcome run = sh("strata serve www --private --pcap c.pcapng -- curl -sS http://10.77.0.2/");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "<h1>hello</h1>\n");
  expect_sound_capture("c.pcapng");
}

TEST_F(Serve, GivesWgetAPage) {
  const Outcome run =
      sh("strata serve www --private --port 8080 -- wget -q -O - http://10.77.0.2:8080/digits.txt");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "0123456789");
}

TEST_F(Serve, AnswersHeadRangesAndConditions) {
  const Outcome run =
      sh("strata serve www --private -- bash -c '"
         "u=http://10.77.0.2/digits.txt; "
         "curl -sSI $u; curl -sS -r 2-4 $u; echo; curl -sS -o /dev/null -w \"%{http_code}\\n\" -r 10- $u;"
         "curl -sS -o copy -R $u; curl -sS -o /dev/null -w \"%{http_code}\\n\" -z copy $u'");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(run.out, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(run.out, HasSubstr("\r\n\r\n234\n416\n304\n"));
}

TEST_F(Serve, KeepsAConnectionForSeveralRequests) {
  const Outcome run =
      sh("strata serve www --private --json -- curl -sS 'http://10.77.0.2/digits.txt?[1-20]'");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("\"connections\":1,\"requests\":20"));
}

TEST_F(Serve, AnswersPipelinedRequestsInOrder) {
  const Outcome run = sh(
      "strata serve www --private -- bash -c '"
      "printf \"GET /digits.txt HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nGET /none HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
      "GET / HTTP/1.0\\r\\n\\r\\n\" | ncat 10.77.0.2 80'");
  EXPECT_TRUE(is_well(run));
  const auto first = run.out.find("200 OK");
  const auto second = run.out.find("404 Not Found", first);
  const auto third = run.out.find("<h1>hello</h1>", second);
  EXPECT_NE(third, std::string::npos) << run.out;
}

TEST_F(Serve, RefusesWhatIsNoRequestAndServesOn) {
  const Outcome run =
      sh("strata serve www --private -- bash -c '"
         "head -c 100000 /dev/urandom | ncat 10.77.0.2 80 >/dev/null || true;"
         "printf \"GET /../../etc/passwd HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" | ncat 10.77.0.2 80 | head -1;"
         "printf \"PUT / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 5\\r\\n\\r\\nhello\" | ncat 10.77.0.2 80 "
         "| head -1;"
         "curl -sS http://10.77.0.2/'");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "HTTP/1.1 400 Bad Request\r\nHTTP/1.1 405 Method Not Allowed\r\n<h1>hello</h1>\n");
}

TEST_F(Serve, StandsFiftyConnectionsOfWrk) {
  write_bulk("www/file", 20'000);
  const Outcome run = sh("strata serve www --private --json -- wrk -t 1 -c 50 -d 3s http://10.77.0.2/file");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, Not(HasSubstr("Socket errors")));
  EXPECT_THAT(run.out, Not(HasSubstr("Non-2xx")));
  EXPECT_THAT(run.out, HasSubstr("\"connections\":5"));
}

TEST_F(Serve, StillAnswersAPeerThatHasClosedItsSide) {
  write_bulk("www/bulk", 8 << 20);
  const Outcome run =
      sh("strata serve www --private --pcap c.pcapng -- bash -c '"
         "printf \"GET /bulk HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" | ncat 10.77.0.2 80 | tail -c 8388608 | cmp "
         "- www/bulk'");
  EXPECT_TRUE(is_well(run));
  expect_sound_capture("c.pcapng");
}

TEST_F(Serve, SurvivesPeersThatNeverRead) {
  write_bulk("www/bulk", 8 << 20);
  const Outcome run =
      sh("strata serve www --private -- bash -c '"
         "for i in 1 2 3; do printf \"GET /bulk HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" | ncat --send-only "
         "10.77.0.2 80; done;"
         "curl -sS http://10.77.0.2/'");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "<h1>hello</h1>\n");
}

TEST_F(Serve, CutsSegmentsItselfWithoutOffload) {
  write_bulk("www/bulk", 8 << 20);
  const Outcome run =
      sh("strata serve www --private --no-offload --mtu 1400 --pcap c.pcapng -- "
         "bash -c 'curl -sS http://10.77.0.2/bulk | cmp - www/bulk'");
  EXPECT_TRUE(is_well(run));
  expect_sound_capture("c.pcapng");
  EXPECT_EQ(sh("tshark -n -r c.pcapng -Y 'ip.src == 10.77.0.2 && frame.len > 1414' | head").out, "");
}

TEST_F(Serve, WritesSuperSegmentsWholeOrSplit) {
  write_bulk("www/bulk", 8 << 20);
  for (const char* split : {"", "--pcap-split"}) {
    const Outcome run = sh("strata serve www --private --pcap c.pcapng " + std::string(split) +
                           " -- bash -c 'curl -sS http://10.77.0.2/bulk | cmp - www/bulk'");
    EXPECT_TRUE(is_well(run)) << split;
    expect_sound_capture("c.pcapng");
  }
  EXPECT_EQ(sh("tshark -n -r c.pcapng -Y 'frame.len > 1514' | head").out, "");
}

TEST_F(Serve, EndsOnCtrlCWithAGoodbye) {
  const Outcome run = sh_with_tap(
      "strata serve www --tap tap0 --address 10.78.0.2/24 --pcap c.pcapng --json & pid=$!\n"
      "until curl -sS -m 1 http://10.78.0.2/ 2>/dev/null; do sleep 0.05; done\n"
      "exec 3<>/dev/tcp/10.78.0.2/80\n"
      "until ss -tnH state established dst 10.78.0.2 | grep -q .; do sleep 0.05; done\n"
      "kill -INT $pid; cat <&3; wait $pid");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("\"requests\":1,"));
  expect_sound_capture("c.pcapng");
  EXPECT_NE(sh("tshark -n -r c.pcapng -Y 'ip.src == 10.78.0.2 && tcp.flags.fin == 1'").out, "");
}

}  // namespace
}  // namespace strata::interop
