// URLs that users type and request-targets that clients send, also with bad intent.
#include "application/http/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Url, HasAnEndpointAHostFieldAndATarget) {
  const auto url = parse_url("http://10.77.0.1:8000/a%20b/c?x=1#part");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(to_string(url->server), "10.77.0.1:8000");
  EXPECT_EQ(url->host, "10.77.0.1:8000");
  EXPECT_EQ(url->target, "/a%20b/c?x=1");
}

TEST(Url, FillsInWhatIsLeftOut) {
  const auto url = parse_url("10.77.0.1");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->server.port, 80);
  EXPECT_EQ(url->host, "10.77.0.1");
  EXPECT_EQ(url->target, "/");
  EXPECT_EQ(parse_url("http://10.77.0.1?q")->target, "/?q");
  EXPECT_EQ(parse_url("10.77.0.1:81/f")->server.port, 81);
}

TEST(Url, AnIpv6AddressStandsInBrackets) {
  const auto url = parse_url("http://[fd77::2]:8000/f");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(to_string(url->server), "[fd77::2]:8000");
  EXPECT_EQ(url->host, "[fd77::2]:8000");
  EXPECT_EQ(parse_url("[fd77::2]")->host, "[fd77::2]");
}

void expect_refused(std::string_view text, const char* why) {
  const auto url = parse_url(text);
  ASSERT_FALSE(url) << text;
  EXPECT_THAT(url.error(), HasSubstr(why)) << text;
}

TEST(Url, SaysWhatToDoWhenItIsRefused) {
  expect_refused("http://example.com/", "names need the resolver");
  expect_refused("http://10.77.0/", "names need the resolver");
  expect_refused("http:///f", "no address");
  expect_refused("https://10.77.0.1/", "use http");
  expect_refused("ftp://10.77.0.1/", "only http://");
  expect_refused("http://10.77.0.1:0/", "port");
  expect_refused("http://10.77.0.1:70000/", "port");
  expect_refused("http://user@10.77.0.1/", "user name");
  expect_refused("http://10.77.0.1/a b", "not a URL");
  expect_refused("http://10.77.0.1/\r\nX: y", "not a URL");
}

TEST(Target, SplitsAndDecodesThePath) {
  const auto path = parse_target("/a%20b//./c.txt?q=..");
  ASSERT_TRUE(path) << path.error();
  EXPECT_THAT(path->names, ElementsAre("a b", "c.txt"));
  EXPECT_FALSE(path->is_directory);
  EXPECT_TRUE(parse_target("/")->is_directory);
  EXPECT_TRUE(parse_target("/a/")->is_directory);
  EXPECT_TRUE(parse_target("/a/.")->is_directory);
  EXPECT_THAT(parse_target("http://10.77.0.2/x")->names, ElementsAre("x"));
}

TEST(Target, NeverLeadsUpwards) {
  for (const char* target : {"/..", "/../x", "/a/../../x", "/%2e%2e/x", "/.%2E/x", "/a/%2e%2e/%2e%2e/x",
                             "/..%2fx", "/a%2f..%2f..%2fx", "/a%00b", "/%00", "http://10.77.0.2/../x"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

TEST(Target, RefusesWhatIsNoTarget) {
  for (const char* target : {"", "*", "x", "/%", "/%zz", "/a b", "10.77.0.2:80", "/\x01"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

TEST(Target, EncodesADirectory) {
  EXPECT_EQ(encode_directory({}), "/");
  EXPECT_EQ(encode_directory({"a b", "c?d"}), "/a%20b/c%3Fd/");
}

}  // namespace
}  // namespace strata::http
