// A file has its name only when it is complete.
#include "tools/output_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "application/http/scratch_site.hpp"

namespace strata::tools {
namespace {

class Output : public testing::Test {
 protected:
  std::filesystem::path path() const { return scratch.root() / "file"; }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(scratch.root());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  std::string contents() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  http::ScratchSite scratch;
};

TEST_F(Output, HasItsNameOnceItIsCommitted) {
  auto file = OutputFile::create(path().string());
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->write(as_bytes("all of it")));
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_TRUE(file->commit());
  EXPECT_EQ(contents(), "all of it");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Output, LeavesNothingWhenItIsGivenUp) {
  scratch.write("file", "older");
  {
    auto file = OutputFile::create(path().string());
    ASSERT_TRUE(file);
    EXPECT_TRUE(file->write(as_bytes("half of")));
  }
  EXPECT_EQ(contents(), "older");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Output, SaysWhatCannotBeWritten) {
  EXPECT_FALSE(OutputFile::create((scratch.root() / "none" / "file").string()));
  auto full = OutputFile::create("/dev/full");
  ASSERT_TRUE(full);
  EXPECT_FALSE(full->write(as_bytes("x")));
}

}  // namespace
}  // namespace strata::tools
