// Large files through good and bad links, both ways; the sum of what arrives is the sum of what was sent.
// STRATA_BULK_MIB sets the size of the large one: 256 by itself, 1024 and more for a long run.
#include <cstdlib>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr const char* kBadLink = "--loss 2% --reorder 5% --duplicate 1% --corrupt 0.5%";

std::uint64_t bulk_size() {
  const char* mib = std::getenv("STRATA_BULK_MIB");
  return (mib != nullptr ? std::strtoull(mib, nullptr, 10) : 256) * kMiB;
}

class Bulk : public Lab {
 protected:
  std::string sum_of_file() { return sh("sha256sum < www/bulk").out; }
  Outcome serve(const std::string& options) {
    return sh("strata serve www --private " + options +
              " -- bash -o pipefail -c 'curl -sS http://10.77.0.2/bulk | sha256sum'");
  }
  Outcome get(const std::string& options) {
    write_nginx_config();
    return sh("strata get http://10.77.0.1:8000/bulk -o got --private " + options + " -- nginx -p " +
              dir().string() + " -c nginx.conf; sha256sum < got");
  }
};

TEST_F(Bulk, ALargeFileIsServed) {
  write_bulk("www/bulk", bulk_size());
  const Outcome run = serve("");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, sum_of_file());
}

TEST_F(Bulk, ALargeFileIsFetched) {
  write_bulk("www/bulk", bulk_size());
  const Outcome run = get("");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, sum_of_file());
}

TEST_F(Bulk, AFileIsServedOverABadLinkInAMinute) {
  write_bulk("www/bulk", 64 * kMiB);
  const Outcome run = serve(kBadLink);
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, sum_of_file());
  EXPECT_LE(run.took, std::chrono::seconds(60));
}

TEST_F(Bulk, AFileIsFetchedOverABadLinkInAMinute) {
  write_bulk("www/bulk", 64 * kMiB);
  const Outcome run = get(kBadLink);
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, sum_of_file());
  EXPECT_LE(run.took, std::chrono::seconds(60));
}

}  // namespace
}  // namespace strata::interop
