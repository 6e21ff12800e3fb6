// Nothing outside the root can be opened, by either way of opening.
#include "application/http/file_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <vector>

#include "application/http/scratch_site.hpp"

namespace strata::http {
namespace {

using Names = std::vector<std::string>;
using Opening = std::expected<File, FileError> (FileRoot::*)(std::span<const std::string>) const;

class OpenedBeneath : public testing::TestWithParam<Opening> {
 protected:
  OpenedBeneath() {
    site.write("index.html", "hello");
    site.write("deep/er/file", "0123456789");
    site.write("../secret", "not for you");
  }
  std::expected<File, FileError> open(const Names& names) {
    const auto root = FileRoot::at(site.root());
    EXPECT_TRUE(root) << root.error();
    return ((*root).*GetParam())(names);
  }
  ScratchSite site;
};

INSTANTIATE_TEST_SUITE_P(BothWays, OpenedBeneath,
                         testing::Values(&FileRoot::open, &FileRoot::open_by_walking));

TEST_P(OpenedBeneath, FilesAndDirectories) {
  const auto file = open({"deep", "er", "file"});
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->is_directory());
  EXPECT_EQ(file->size(), 10U);
  std::vector<std::uint8_t> bytes(3);
  ASSERT_TRUE(file->read(4, bytes));
  EXPECT_EQ(as_text(bytes), "456");
  EXPECT_TRUE(open({"deep"})->is_directory());
  EXPECT_TRUE(open({})->is_directory());
}

TEST_P(OpenedBeneath, NamesThatAreNotThere) {
  EXPECT_EQ(open({"nothing"}).error(), FileError::not_found);
  EXPECT_EQ(open({"index.html", "x"}).error(), FileError::not_found);
  EXPECT_EQ(open({std::string(300, 'x')}).error(), FileError::not_found);
}

TEST_P(OpenedBeneath, NoNameLeadsOut) {
  for (const Names& names :
       {Names{".."}, Names{"..", "secret"}, Names{"deep", "..", "..", "secret"}, Names{"../secret"},
        Names{"/etc/passwd"}, Names{""}, Names{std::string("index.html\0x", 12)}}) {
    EXPECT_EQ(open(names).error(), FileError::not_found);
  }
}

TEST_P(OpenedBeneath, NoSymbolicLinkLeadsOut) {
  site.link("out", "../secret");
  site.link("absolute", "/etc/passwd");
  site.link("up", "..");
  site.link("circle", "circle");
  EXPECT_FALSE(open({"out"}));
  EXPECT_FALSE(open({"absolute"}));
  EXPECT_FALSE(open({"up", "secret"}));
  EXPECT_FALSE(open({"circle"}));
}

TEST_P(OpenedBeneath, DevicesAndPipesAreNotServed) {
  ASSERT_EQ(::mkfifo((site.root() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(open({"pipe"}).error(), FileError::forbidden);
}

TEST_P(OpenedBeneath, AFileThatShrankIsAnError) {
  const auto file = open({"deep", "er", "file"});
  ASSERT_TRUE(file);
  site.write("deep/er/file", "01");
  std::vector<std::uint8_t> bytes(10);
  EXPECT_EQ(file->read(0, bytes).error(), FileError::io_error);
}

TEST(FileRoot, FollowsLinksThatStayInside) {
  const ScratchSite site;
  site.write("a/file", "x");
  site.link("b", "a");
  const auto root = FileRoot::at(site.root());
  EXPECT_TRUE(root->open(Names{"b", "file"}));
}

TEST(FileRoot, SaysWhyADirectoryCannotBeServed) {
  const ScratchSite site;
  site.write("file", "x");
  EXPECT_EQ(FileRoot::at((site.root() / "none").string()).error(),
            (site.root() / "none").string() + ": no such directory");
  EXPECT_EQ(FileRoot::at((site.root() / "file").string()).error(),
            (site.root() / "file").string() + ": not a directory");
}

}  // namespace
}  // namespace strata::http
