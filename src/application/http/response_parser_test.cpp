// Answers of servers: every way of framing a body, in pieces of every size, and every way of breaking off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "application/http/parser.hpp"

namespace strata::http {
namespace {

using testing::HasSubstr;

/// Feeds an answer in pieces; the body, and the error of feed() or of the close that follows if `close`.
struct Answer {
  int status = 0;
  std::string body;
  std::string error;
  bool done = false;
};

Answer read(std::string_view text, std::size_t step = 1 << 20, bool close = false) {
  Answer answer;
  ResponseParser parser([&answer](Bytes piece) {
    answer.body += as_text(piece);
    return true;
  });
  for (std::size_t at = 0; at < text.size() && answer.error.empty(); at += step) {
    const auto result = parser.feed(as_bytes(text.substr(at, step)));
    if (!result) answer.error = result.error();
  }
  if (close && answer.error.empty()) {
    const auto result = parser.finish();
    if (!result) answer.error = result.error();
  }
  if (parser.head() != nullptr) answer.status = parser.head()->status;
  answer.done = parser.done();
  return answer;
}

void expect_body(std::string_view text, std::string_view body, bool close = false) {
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Answer answer = read(text, step, close);
    EXPECT_EQ(answer.error, "") << step;
    EXPECT_EQ(answer.body, body) << step;
    EXPECT_TRUE(answer.done) << step;
  }
}

void expect_cut(std::string_view text, const char* error) {
  const Answer answer = read(text, 3, true);
  EXPECT_THAT(answer.error, HasSubstr(error)) << text;
}

TEST(ResponseParser, ReadsABodyOfKnownLength) {
  expect_body("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello");
  expect_body("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "");
}

TEST(ResponseParser, ReadsChunks) {
  expect_body(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n "
      "123456789\r\n0\r\nTrailer: t\r\n\r\n",
      "hello 123456789");
}

TEST(ResponseParser, ReadsUntilTheServerCloses) {
  expect_body("HTTP/1.0 200 OK\r\n\r\nhello", "hello", true);
}

TEST(ResponseParser, PassesOverInterimAnswers) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not "
      "Found\r\nContent-Length: 2\r\n\r\nno";
  expect_body(text, "no");
  EXPECT_EQ(read(text).status, 404);
}

TEST(ResponseParser, TellsStatusReasonAndLength) {
  ResponseParser parser([](Bytes) { return true; });
  EXPECT_EQ(parser.head(), nullptr);
  ASSERT_TRUE(
      parser.feed(as_bytes("HTTP/1.1 301 Moved Permanently\r\nLocation: /x/\r\nContent-Length: 10\r\n\r\n")));
  ASSERT_NE(parser.head(), nullptr);
  EXPECT_EQ(parser.head()->reason, "Moved Permanently");
  EXPECT_EQ(*parser.head()->fields.find("location"), "/x/");
  EXPECT_EQ(parser.head()->content_length, 10U);
  EXPECT_FALSE(parser.done());
}

TEST(ResponseParser, NoticesATruncatedAnswer) {
  expect_cut("", "without an answer");
  expect_cut("HTTP/1.1 200", "before the answer was complete");
  expect_cut("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "before the answer was complete");
  expect_cut("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "before the answer was complete");
  expect_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
             "before the answer was complete");
  expect_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
             "before the answer was complete");
  expect_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
             "before the answer was complete");
}

TEST(ResponseParser, RefusesWhatIsNotHttp) {
  EXPECT_THAT(read("SSH-2.0-OpenSSH_9.2\r\n").error, HasSubstr("not HTTP/1.1"));
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n").error,
              HasSubstr("not HTTP/1.1"));
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").error,
              HasSubstr("not HTTP/1.1"));
}

TEST(ResponseParser, BoundsWhatItKeeps) {
  const std::string endless(40 * 1024, 'x');
  EXPECT_THAT(read("HTTP/1.1 200 " + endless, 1000).error, HasSubstr("larger than 32 KiB"));
  std::string many = "HTTP/1.1 200 OK\r\n";
  while (many.size() < 40 * 1024) many += "X: y\r\n";
  EXPECT_THAT(read(many, 1000).error, HasSubstr("larger than 32 KiB"));
  EXPECT_NE(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + endless, 1000).error, "");
}

TEST(ResponseParser, StopsWhenTheBodyCannotBeStored) {
  ResponseParser parser([](Bytes) { return false; });
  const auto result = parser.feed(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("could not be stored"));
}

TEST(ResponseParser, KeepsNothingOfALargeBody) {
  std::size_t received = 0;
  ResponseParser parser([&received](Bytes piece) {
    received += piece.size();
    return true;
  });
  constexpr std::size_t kPiece = 1 << 20;
  ASSERT_TRUE(parser.feed(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")));
  const std::string piece(kPiece, 'x');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(parser.feed(as_bytes(piece)));
  EXPECT_EQ(received, 100 * kPiece);
  EXPECT_TRUE(parser.done());
}

}  // namespace
}  // namespace strata::http
