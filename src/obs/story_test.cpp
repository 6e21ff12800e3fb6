// The ten steps, told from a capture and a trace; and the text helpers under them.
#include "obs/story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "obs/paint.hpp"
#include "obs/scripted_capture.hpp"

namespace strata::obs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: 10.77.0.2\r\n\r\n";
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<h1>안녕하세요</h1>\n";

Recording recorded(std::string_view request, std::string_view answer) {
  ScriptedCapture capture;
  capture.handshake();
  const auto asked = static_cast<std::uint32_t>(request.size());
  capture.add({.from_client = true,
               .flags = tcp_flag::kPsh | tcp_flag::kAck,
               .seq = 1,
               .ack = 1,
               .payload = request});
  capture.add({.from_client = false, .seq = 1, .ack = 1 + asked, .payload = answer});
  return {capture.frames(), parse_trace("# browser: curl 7.88.1: exit 0\n"
                                        "1.000000000 flow 1 is 10.77.0.2:80 to 10.77.0.1:40000\n"
                                        "1.000000000 flow 1 call length 35 (app_receive)\n")};
}

std::string story_of(const Recording& recording) {
  const auto all = find_conversations(recording.frames);
  return all.empty() ? "" : render_story(all.front(), recording, false);
}

TEST(Story, HasTenStepsWithTheBytesOfTheRun) {
  const std::string story = story_of(recorded(kRequest, kAnswer));
  for (const char* title :
       {" 1  The browser asks", " 2  The text becomes a TCP segment", " 3  The segment becomes an IP packet",
        " 4  The packet becomes an Ethernet frame", " 5  The network carries it", " 6  Is the packet whole",
        " 7  Is anything missing", " 8  The server reads", " 9  The way back", "10  The browser shows"}) {
    EXPECT_THAT(story, HasSubstr(title));
  }
  EXPECT_THAT(story, HasSubstr("GET / HTTP/1.1\\r\\n"));
  EXPECT_THAT(story, HasSubstr("source port 40000, destination port 80"));
  EXPECT_THAT(story, HasSubstr("47 45 54 20 2f"));
  EXPECT_THAT(story, HasSubstr("checksum over pseudo header, header and data: right"));
  EXPECT_THAT(story, HasSubstr("1001 = 1000 of the SYN + 1"));
  EXPECT_THAT(story, HasSubstr("ack 1036 = 1001 + 35 bytes"));
  EXPECT_THAT(story, HasSubstr("reads 35 bytes from its socket"));
  EXPECT_THAT(story, HasSubstr("<h1>안녕하세요</h1>"));
  EXPECT_THAT(story, HasSubstr("안 is 3 bytes, ec 95 88"));
  EXPECT_THAT(story, HasSubstr("curl 7.88.1: exit 0"));
}

TEST(Story, NamesWrongTransportChecksum) {
  Recording recording = recorded(kRequest, kAnswer);
  recording.frames[3].bytes.back() ^= 1;
  EXPECT_THAT(story_of(recording), HasSubstr("header and data: WRONG"));
}

TEST(Story, NeedsRequestAndAnswer) {
  EXPECT_EQ(story_of(recorded("", kAnswer)), "");
  EXPECT_EQ(story_of(recorded(kRequest, "")), "");
}

TEST(Story, BytesOfStrangersCannotSteerTheTerminal) {
  const std::string story = story_of(recorded(kRequest, "HTTP/1.1 200 \x1b[2J\r\n\r\n\x1b]0;owned\x07\xff"));
  EXPECT_THAT(story, Not(HasSubstr("\x1b")));
  EXPECT_THAT(story, HasSubstr("\\x1b]0;owned\\x07\\xff"));
}

TEST(Paint, PrintableKeepsLettersAndEscapesTheRest) {
  EXPECT_EQ(printable("가 a\r\n\t"), "가 a\\r\\n\\t");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");           // a C1 control
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(printable("\xea\xb0"), "\\xea\\xb0");           // cut
}

TEST(Paint, PrefixNeverCutsLetter) {
  EXPECT_EQ(utf8_prefix("가나", 5), "가");
  EXPECT_EQ(utf8_prefix("가나", 2), "");
  EXPECT_EQ(utf8_prefix("ab", 9), "ab");
}

TEST(Paint, KoreanLettersTakeTwoColumns) {
  EXPECT_EQ(columns("가a"), 3U);
  EXPECT_EQ(columns("\xff"), 1U);
}

TEST(Paint, GroupsThousands) {
  EXPECT_EQ(grouped(7), "7");
  EXPECT_EQ(grouped(54312), "54,312");
  EXPECT_EQ(grouped(1'000'000), "1,000,000");
}

}  // namespace
}  // namespace strata::obs
