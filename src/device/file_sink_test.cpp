#include "device/file_sink.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace strata {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FileSinkTest : public testing::Test {
 protected:
  ~FileSinkTest() override { std::remove(path_.c_str()); }
  /// Each test is a process of its own, and some run at the same time.
  std::string path_ = testing::TempDir() + "strata_file_sink_test_" + std::to_string(::getpid());
};

TEST_F(FileSinkTest, RecordsArriveInOrder) {
  SystemResult<FileSink> sink = FileSink::create(path_);
  ASSERT_TRUE(sink);
  EXPECT_TRUE(sink->write(as_bytes("one,")));
  EXPECT_EQ(content_of(path_), "");
  EXPECT_TRUE(sink->flush());
  EXPECT_EQ(content_of(path_), "one,");
  EXPECT_TRUE(FileSink::write_to(&*sink, as_bytes("two,")));
  EXPECT_TRUE(sink->close());
  EXPECT_EQ(content_of(path_), "one,two,");
}

TEST_F(FileSinkTest, APathThatCannotBeWrittenIsAnError) {
  const SystemResult<FileSink> sink = FileSink::create("/no/such/folder/file");
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().text, "cannot write \"/no/such/folder/file\": No such file or directory");
}

TEST_F(FileSinkTest, AFullDiskIsReportedOnce) {
  SystemResult<FileSink> sink = FileSink::create("/dev/full");
  ASSERT_TRUE(sink);
  EXPECT_TRUE(sink->write(as_bytes("record")));
  EXPECT_FALSE(sink->flush());
  EXPECT_FALSE(sink->write(as_bytes("record")));
  const SystemResult<void> closed = sink->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().number, ENOSPC);
  EXPECT_NE(closed.error().text.find("No space left on device"), std::string::npos);
}

TEST_F(FileSinkTest, AFileThatCannotGrowEndsWithAWholeRecord) {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  SystemResult<FileSink> sink = FileSink::create(path_);
  const std::string record(300, 'r');
  bool went_well = true;
  for (int i = 0; went_well && i < 10; ++i) went_well = sink->write(as_bytes(record)) && sink->flush();
  const SystemResult<void> closed = sink->close();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  ASSERT_FALSE(closed);
  EXPECT_NE(closed.error().text.find("cut back to its last whole record, 900 bytes"), std::string::npos)
      << closed.error().text;
  EXPECT_EQ(content_of(path_).size(), 900U);
}

}  // namespace
}  // namespace strata
