// Requests as peers send them: whole, in pieces, many at once, and with bad intent. Whatever the framing
// attack, bytes after a doubtful request are never taken for another one.
#include <gtest/gtest.h>

#include <string>

#include "application/http/parser.hpp"

namespace strata::http {
namespace {

using namespace std::string_view_literals;

/// Feeds everything, byte by byte or at once; the requests, and the status of the error that ended them.
struct Read {
  std::vector<Request> requests;
  int error = 0;
  bool partial = false;
};

Read read(std::string_view text, std::size_t step = 1 << 20) {
  RequestParser parser;
  Read result;
  Bytes left = as_bytes(text);
  while (!left.empty() && result.error == 0) {
    const std::size_t used = parser.feed(left.first(std::min(step, left.size())));
    left = left.subspan(used);
    if (auto request = parser.take()) result.requests.push_back(std::move(*request));
    result.error = parser.error_status();
    if (used == 0) break;
  }
  result.partial = parser.has_partial();
  return result;
}

constexpr std::string_view kSimple = "GET /f HTTP/1.1\r\nHost: a\r\n\r\n";

void expect_error(std::string_view text, int status) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    const Read got = read(text, step);
    EXPECT_EQ(got.error, status) << text.substr(0, 200) << "\nin pieces of " << step;
    EXPECT_TRUE(got.requests.empty()) << text.substr(0, 200);
  }
}

TEST(RequestParser, ReadsARequestHoweverItIsCut) {
  const std::string text = "GET /f?x HTTP/1.1\r\nHost: a\r\nRange:  bytes=0-1 \r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Read got = read(text, step);
    ASSERT_EQ(got.requests.size(), 1U) << step;
    EXPECT_EQ(got.requests[0].method, "GET");
    EXPECT_EQ(got.requests[0].target, "/f?x");
    EXPECT_EQ(*got.requests[0].fields.find("range"), "bytes=0-1");
    EXPECT_TRUE(got.requests[0].keep_alive);
    EXPECT_FALSE(got.requests[0].has_body);
    EXPECT_FALSE(got.partial);
  }
}

TEST(RequestParser, ReadsManyPipelinedRequests) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::size_t step : {std::size_t{5}, std::size_t{1448}, text.size()}) {
    const Read got = read(text, step);
    ASSERT_EQ(got.requests.size(), 1000U);
    EXPECT_EQ(got.requests[999].target, "/999");
  }
}

TEST(RequestParser, StopsAtTheEndOfOneRequest) {
  RequestParser parser;
  const std::string two = std::string(kSimple) + std::string(kSimple);
  EXPECT_EQ(parser.feed(as_bytes(two)), kSimple.size());
  EXPECT_EQ(parser.feed(as_bytes(two)), 0U);
  EXPECT_TRUE(parser.take());
  EXPECT_FALSE(parser.take());
}

TEST(RequestParser, PassesOverEmptyLinesBeforeARequest) {
  EXPECT_EQ(read("\r\n\r\n" + std::string(kSimple), 3).requests.size(), 1U);
}

TEST(RequestParser, KnowsWhenAConnectionLives) {
  EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").requests[0].keep_alive);
  EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").requests[0].keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n").requests[0].keep_alive);
}

TEST(RequestParser, TellsOfABodyAndReadsNoneOfIt) {
  const auto has_body = [](const std::string& fields) {
    return read("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").requests.at(0).has_body;
  };
  EXPECT_TRUE(has_body("Content-Length: 5\r\n"));
  EXPECT_TRUE(has_body("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(has_body("Transfer-Encoding: xchunked\r\n"));
  EXPECT_TRUE(has_body("Transfer-Encoding: chunked, identity\r\n"));
  EXPECT_FALSE(has_body("Content-Length: 0\r\n"));
}

TEST(RequestParser, RefusesContradictoryLengths) {
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400);
}

TEST(RequestParser, RefusesLinesThatDoNotEndInCrLf) {
  expect_error("GET / HTTP/1.1\nHost: a\n\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\n\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400);
}

TEST(RequestParser, RefusesMalformedLines) {
  expect_error("\0\0\0\0"sv, 400);
  expect_error("\x16\x03\x01\x02\x00\x01", 400);  // TLS on the wrong port
  expect_error("GET\r\n\r\n", 400);
  expect_error("GET /\r\n\r\n", 400);
  expect_error("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  expect_error("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  expect_error("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"sv, 400);
}

TEST(RequestParser, UnfoldsOldHeadersIntoOneLine) {
  const Read got = read("GET / HTTP/1.1\r\nHost: a\r\nX: one\r\n  two\r\n\r\n");
  ASSERT_EQ(got.requests.size(), 1U);
  EXPECT_EQ(*got.requests[0].fields.find("X"), "one two");
}

TEST(RequestParser, WantsExactlyOneHost) {
  expect_error("GET / HTTP/1.1\r\n\r\n", 400);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
  expect_error("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400);
}

TEST(RequestParser, RefusesOtherVersions) {
  expect_error("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
  expect_error("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505);
  expect_error("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  expect_error("GET / HTTP/11\r\nHost: a\r\n\r\n", 400);
  expect_error("GET / ICY/1.1\r\nHost: a\r\n\r\n", 400);
}

TEST(RequestParser, BoundsTargetsAndHeaders) {
  const std::string long_target(kTargetBytesMax + 1, 'x');
  expect_error("GET /" + long_target + " HTTP/1.1\r\nHost: a\r\n\r\n", 414);
  expect_error("GET /" + std::string(kHeaderBytesMax, 'x'), 414);
  expect_error("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kHeaderBytesMax, 'x'), 431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  while (many.size() < kHeaderBytesMax) many += "X: y\r\n";
  expect_error(many + "\r\n", 431);
}

TEST(RequestParser, TakesAHeaderThatJustFits) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  text += std::string(kHeaderBytesMax - text.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(read(text).requests.size(), 1U);
  EXPECT_EQ(read(text, 1000).requests.size(), 1U);
}

}  // namespace
}  // namespace strata::http
