// `strata get` from real servers; the kernel is the server's stack. A download is whole or it is not there.
#include <gmock/gmock.h>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::HasSubstr;

class Get : public Lab {
 protected:
  Get() {
    write("www/f", "a file\n");
    write_nginx_config();
  }
  /// `strata get` with nginx as the peer.
  Outcome from_nginx(const std::string& arguments) {
    return sh("strata get " + arguments + " --private -- nginx -p " + dir().string() + " -c nginx.conf");
  }
  /// `strata get` from a server that says exactly this and closes.
  Outcome from_script(const std::string& answer) {
    write("answer", answer);
    return sh("strata get http://10.77.0.1:8000/f -o got --private -- ncat -l 10.77.0.1 8000 < answer");
  }
  bool exists(const char* name) const { return std::filesystem::exists(dir() / name); }
};

TEST_F(Get, FetchesFromNginx) {
  const Outcome run = from_nginx("http://10.77.0.1:8000/f --pcap c.pcapng");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "a file\n");
  expect_sound_capture("c.pcapng");
}

TEST_F(Get, FetchesFromPythonsServer) {
  const Outcome run = sh("cd www; strata get http://10.77.0.1:8000/f --private -- python3 -m http.server");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "a file\n");
}

TEST_F(Get, NamesAFileWhenItIsComplete) {
  write_bulk("www/bulk", 32 << 20);
  const Outcome run = from_nginx("http://10.77.0.1:8000/bulk -o got --json");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(run.out, HasSubstr("\"status\":200,\"bytes\":33554432"));
  EXPECT_TRUE(is_well(sh("cmp got www/bulk")));
}

TEST_F(Get, ReadsUntilASenderCloses) {
  const Outcome run = from_script("HTTP/1.0 200 OK\r\n\r\nuntil the end");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(read("got"), "until the end");
}

TEST_F(Get, LeavesNothingOfATruncatedFile) {
  const Outcome run = from_script("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("the server closed before the answer was complete"));
  EXPECT_FALSE(exists("got"));
  EXPECT_EQ(sh("ls | grep got || true").out, "");
}

TEST_F(Get, LeavesNothingOfAnError) {
  const Outcome run = from_nginx("http://10.77.0.1:8000/none -o got");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("the server answered 404 Not Found"));
  EXPECT_FALSE(exists("got"));
}

TEST_F(Get, LeavesAnOlderFileAloneUntilTheNewOneIsComplete) {
  write("got", "old");
  from_script("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  EXPECT_EQ(read("got"), "old");
}

TEST_F(Get, SaysWhenTheAnswerIsNotHttp) {
  const Outcome run = from_script("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("not HTTP/1.1"));
}

TEST_F(Get, SaysWhoRefused) {
  const Outcome run = sh("strata get http://10.77.0.1:8000/f --private");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("10.77.0.1:8000 refused the connection"));
}

TEST_F(Get, SaysWhoDoesNotAnswer) {
  const Outcome silent = sh("strata get http://10.77.0.9/f --private");
  EXPECT_EQ(silent.status, 1);
  EXPECT_THAT(silent.err, HasSubstr("10.77.0.9 does not answer"));
  const Outcome elsewhere = sh("strata get http://192.0.2.1/f --private");
  EXPECT_EQ(elsewhere.status, 1);
  EXPECT_THAT(elsewhere.err, HasSubstr("no route leads to 192.0.2.1"));
}

TEST_F(Get, SaysHowThePeerFailed) {
  const Outcome run = sh("strata get http://10.77.0.1:8000/f --private -- sh -c 'exit 7'");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("exited with status 7"));
}

TEST_F(Get, NeedsAnAddress) {
  const Outcome run = sh("strata get http://example.com/ --private");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("names need the resolver, which does not exist yet: give an address"));
}

TEST_F(Get, SaysThatTheDiskIsFull) {
  const Outcome run = from_nginx("http://10.77.0.1:8000/f -o /dev/full");
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("No space left on device"));
}

TEST_F(Get, CanBeInterrupted) {
  write_bulk("www/bulk", 32 << 20);
  const Outcome run =
      sh("timeout --preserve-status -s INT 1 strata get http://10.77.0.1:8000/bulk -o got --rate 1mbit "
         "--private -- nginx -p " +
         dir().string() + " -c nginx.conf || echo $?");
  EXPECT_EQ(run.out, "130\n") << run.err;
  EXPECT_FALSE(exists("got"));
}

}  // namespace
}  // namespace strata::interop
