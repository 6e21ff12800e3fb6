// What a static site answers: found, not found, moved, unchanged, in part; and that nothing outside of it is
// ever shown.
#include "application/http/static_site.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "application/http/scratch_site.hpp"

namespace strata::http {
namespace {

using testing::HasSubstr;

struct Row {
  const char* name;
  const char* value;
};

class Site : public testing::Test {
 protected:
  Site() {
    scratch.write("index.html", "<h1>top</h1>");
    scratch.write("digits.txt", "0123456789");
    scratch.write("docs/index.html", "<h1>docs</h1>");
    scratch.write("a b/c", "spaced");
    scratch.write("empty/file", "");
    scratch.write("../secret", "not for you");
    scratch.link("out", "../secret");
  }

  Response ask(const std::string& target, std::initializer_list<Row> fields = {},
               const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.target = target;
    for (const Row& row : fields) request.fields.add(row.name, row.value);
    return StaticSite(std::move(*FileRoot::at(scratch.root().string())))(request, Now{});
  }

  static std::string body(const Response& response) {
    std::string text;
    for (const Part& part : response.body) {
      if (const auto* range = std::get_if<FileRange>(&part)) {
        std::vector<std::uint8_t> bytes(range->length);
        EXPECT_TRUE(range->file->read(range->offset, bytes));
        text += as_text(bytes);
      } else {
        text += std::get<std::string>(part);
      }
    }
    return text;
  }

  static std::string field(const Response& response, const char* name) {
    const auto* value = response.fields.find(name);
    return value != nullptr ? *value : "(none)";
  }

  ScratchSite scratch;
};

TEST_F(Site, FilesAreFoundByTheirPath) {
  EXPECT_EQ(body(ask("/digits.txt")), "0123456789");
  EXPECT_EQ(body(ask("/a%20b/c?query")), "spaced");
  EXPECT_EQ(body(ask("/empty/file")), "");
  EXPECT_EQ(field(ask("/digits.txt"), "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(field(ask("/a%20b/c"), "Content-Type"), "application/octet-stream");
}

TEST_F(Site, ADirectoryShowsItsIndexOrNothing) {
  EXPECT_EQ(body(ask("/")), "<h1>top</h1>");
  EXPECT_EQ(body(ask("/docs/")), "<h1>docs</h1>");
  EXPECT_EQ(ask("/empty/").status, 404);
}

TEST_F(Site, ADirectoryWithoutItsSlashIsMoved) {
  const Response response = ask("/docs?x=1");
  EXPECT_EQ(response.status, 301);
  EXPECT_EQ(field(response, "Location"), "/docs/?x=1");
  EXPECT_EQ(field(ask("//a%20b"), "Location"), "/a%20b/");
}

TEST_F(Site, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(ask("/none").status, 404);
  EXPECT_EQ(ask("/digits.txt/").status, 404);
  EXPECT_EQ(ask("/digits.txt/x").status, 404);
}

TEST_F(Site, NoTargetLeadsOut) {
  for (const char* target :
       {"/../secret", "/%2e%2e/secret", "/docs/..%2f..%2fsecret", "/docs/%2e%2e/%2e%2e/secret",
        "/digits.txt%00.html", "/..", "//../secret", "/.%2e/secret"}) {
    EXPECT_EQ(ask(target).status, 400) << target;
  }
  EXPECT_EQ(ask("/out").status, 404);
}

TEST_F(Site, OnlyGetAndHeadAreAllowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "BREW", "get"}) {
    const Response response = ask("/digits.txt", {}, method);
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(field(response, "Allow"), "GET, HEAD");
  }
  EXPECT_EQ(ask("/digits.txt", {}, "HEAD").status, 200);
}

TEST_F(Site, AnUnchangedFileIsNotSentAgain) {
  const Response first = ask("/digits.txt");
  const std::string modified = field(first, "Last-Modified");
  const std::string etag = field(first, "ETag");
  EXPECT_EQ(ask("/digits.txt", {{"If-Modified-Since", modified.c_str()}}).status, 304);
  EXPECT_TRUE(ask("/digits.txt", {{"If-Modified-Since", modified.c_str()}}).body.empty());
  EXPECT_EQ(ask("/digits.txt", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status, 200);
  EXPECT_EQ(ask("/digits.txt", {{"If-Modified-Since", "not a date"}}).status, 200);
  EXPECT_EQ(ask("/digits.txt", {{"If-None-Match", etag.c_str()}}).status, 304);
  EXPECT_EQ(ask("/digits.txt", {{"If-None-Match", ("\"x\", W/" + etag).c_str()}}).status, 304);
  EXPECT_EQ(ask("/digits.txt", {{"If-None-Match", "*"}}).status, 304);
  EXPECT_EQ(ask("/digits.txt", {{"If-None-Match", "\"x\""}, {"If-Modified-Since", modified.c_str()}}).status,
            200);
}

TEST_F(Site, ARangeIsSentInPart) {
  const Response response = ask("/digits.txt", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(field(response, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(body(response), "234");
}

TEST_F(Site, SeveralRangesAreSentAsParts) {
  const Response response = ask("/digits.txt", {{"Range", "bytes=0-1,-1"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_THAT(field(response, "Content-Type"), HasSubstr("multipart/byteranges; boundary="));
  EXPECT_THAT(body(response), HasSubstr("Content-Range: bytes 0-1/10\r\n\r\n01\r\n--"));
  EXPECT_THAT(body(response), HasSubstr("Content-Range: bytes 9-9/10\r\n\r\n9\r\n--"));
}

TEST_F(Site, ARangeOutsideOfTheFileIsRefused) {
  const Response response = ask("/digits.txt", {{"Range", "bytes=10-"}});
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(field(response, "Content-Range"), "bytes */10");
}

TEST_F(Site, ARangeThatDoesNotApplyIsIgnored) {
  EXPECT_EQ(ask("/digits.txt", {{"Range", "bytes=oops"}}).status, 200);
  EXPECT_EQ(ask("/digits.txt", {{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}).status, 200);
  EXPECT_EQ(ask("/digits.txt", {{"Range", "bytes=0-1"}}, "HEAD").status, 200);
  EXPECT_EQ(ask("/digits.txt", {{"Range", "bytes=0-1"}, {"If-Range", "\"old\""}}).status, 200);
  const std::string etag = field(ask("/digits.txt"), "ETag");
  EXPECT_EQ(ask("/digits.txt", {{"Range", "bytes=0-1"}, {"If-Range", etag.c_str()}}).status, 206);
}

}  // namespace
}  // namespace strata::http
