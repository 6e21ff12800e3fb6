// One connection as a script: what the peer sends, what it gets, and when. No socket is involved.
#include "application/http/server_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "application/http/scratch_site.hpp"

namespace strata::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Script : public testing::Test {
 protected:
  static Instant at(std::int64_t seconds) { return Instant::from_nanos(seconds * 1'000'000'000); }
  Now now() const { return {at(seconds), 784'111'777 + seconds}; }

  /// The peer sends, and takes everything there is to take.
  std::string send(std::string_view text) {
    std::string got;
    Bytes left = as_bytes(text);
    for (;;) {
      got += take();
      const std::size_t used = connection.feed(left, now());
      left = left.subspan(used);
      if (used == 0 && connection.output().empty()) return got;
    }
  }

  std::string take(std::size_t step = 1 << 20) {
    std::string got;
    for (Bytes out = connection.output(); !out.empty(); out = connection.output()) {
      const std::size_t n = std::min(step, out.size());
      got += as_text(out.first(n));
      connection.consume_output(n, now().monotonic);
    }
    return got;
  }

  std::int64_t seconds = 0;
  Handler handler = [](const Request& request, const Now&) {
    Response response;
    response.fields.add("Content-Type", "text/plain");
    response.body.emplace_back("you asked for " + request.target);
    return response;
  };
  ServerConnection connection{handler, ServerTimeouts{}, at(0)};
};

TEST_F(Script, AnAnswerIsFramedAndDated) {
  EXPECT_EQ(send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: "
            "text/plain\r\nContent-Length: 16\r\n"
            "Connection: keep-alive\r\n\r\nyou asked for /a");
  EXPECT_FALSE(connection.wants_shutdown());
}

TEST_F(Script, HeadGetsTheHeaderOnly) {
  const std::string got = send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(got, HasSubstr("Content-Length: 16\r\n"));
  EXPECT_THAT(got, EndsWith("\r\n\r\n"));
}

TEST_F(Script, PipelinedRequestsAreAnsweredInOrder) {
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /" + std::to_string(i) + "! HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string got = send(requests);
  std::size_t from = 0;
  for (int i = 0; i < 100; ++i) {
    from = got.find("you asked for /" + std::to_string(i) + "!", from);
    ASSERT_NE(from, std::string::npos) << i;
  }
  EXPECT_EQ(connection.requests(), 100U);
}

TEST_F(Script, NothingIsReadWhileAnAnswerWaits) {
  const std::string_view request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(connection.feed(as_bytes(request), now()), request.size());
  EXPECT_EQ(connection.feed(as_bytes(request), now()), 0U);
  EXPECT_NE(take(1), "");
  EXPECT_EQ(connection.feed(as_bytes(request), now()), request.size());
}

TEST_F(Script, AnOldClientIsAnsweredAndClosed) {
  EXPECT_THAT(send("GET / HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(connection.wants_shutdown());
}

TEST_F(Script, WhatIsNoRequestIsRefusedAndClosed) {
  const std::string got = send("what?\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(got, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(got, Not(HasSubstr("200 OK")));
  EXPECT_TRUE(connection.wants_shutdown());
}

TEST_F(Script, NothingHiddenInABodyIsAnswered) {
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string got =
      send("GET /seen HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n\r\n" +
           hidden + hidden);
  EXPECT_THAT(got, HasSubstr("/seen"));
  EXPECT_THAT(got, Not(HasSubstr("/hidden")));
  EXPECT_THAT(got, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(connection.wants_shutdown());
}

TEST_F(Script, APeerThatClosedItsSideStillGetsItsAnswer) {
  const std::string_view request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  connection.feed(as_bytes(request), now());
  connection.on_peer_closed();
  EXPECT_THAT(take(7), HasSubstr("/a"));
  EXPECT_TRUE(connection.wants_shutdown());
}

TEST_F(Script, APeerThatClosesBetweenRequestsIsDone) {
  send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  connection.on_peer_closed();
  EXPECT_TRUE(connection.wants_shutdown());
}

TEST_F(Script, PatienceHasAnEndInEveryState) {
  EXPECT_EQ(connection.deadline(), at(60));
  seconds = 10;
  connection.feed(as_bytes("GET / HT"), now());
  EXPECT_EQ(connection.deadline(), at(30));
  seconds = 20;
  connection.feed(as_bytes("TP/1.1\r\n"), now());
  EXPECT_EQ(connection.deadline(), at(30)) << "a slow header earns no more time";
  connection.feed(as_bytes("Host: x\r\n\r\n"), now());
  EXPECT_EQ(connection.deadline(), at(80));
  seconds = 40;
  connection.consume_output(1, now().monotonic);
  EXPECT_EQ(connection.deadline(), at(100));
  take();
  EXPECT_EQ(connection.deadline(), at(100));
  connection.on_peer_closed();
  EXPECT_EQ(connection.deadline(), at(45));
}

class FileScript : public Script {
 protected:
  FileScript() {
    for (std::size_t i = 0; contents.size() < 1'000'000; ++i) contents += std::to_string(i) + ' ';
    site.write("big", contents);
    handler = [this](const Request&, const Now&) {
      const auto root = FileRoot::at(site.root());
      auto file = std::make_shared<File>(*root->open(std::vector<std::string>{"big"}));
      Response response;
      response.body.emplace_back("start ");
      response.body.emplace_back(FileRange{file, 100, contents.size() - 200});
      response.body.emplace_back(" end");
      return response;
    };
  }
  ScratchSite site;
  std::string contents;
};

TEST_F(FileScript, FilesAreSentInPiecesOfAnySize) {
  for (const std::size_t step : {std::size_t{1460}, std::size_t{100'000}, std::size_t{1} << 20}) {
    connection.feed(as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), now());
    const std::string got = take(step);
    EXPECT_EQ(got.substr(got.find("\r\n\r\n") + 4),
              "start " + contents.substr(100, contents.size() - 200) + " end");
  }
}

TEST_F(FileScript, AFileThatShrinksMeanwhileFailsTheConnection) {
  connection.feed(as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), now());
  std::filesystem::resize_file(site.root() / "big", 500'000);
  take();
  EXPECT_TRUE(connection.failed());
}

}  // namespace
}  // namespace strata::http
