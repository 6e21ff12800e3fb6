// The search for the path's MTU as a mechanism: which sizes are tried, in which order, and when it rests.
#include "transport/tcp/path_search.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata::tcp {
namespace {

constexpr Duration kInterval = Duration::seconds(600);

struct Search : ::testing::Test {
  std::uint16_t next() { return search.next(rules, now); }
  /// Probes until the search rests; `path`: what the path carries. The sizes that were tried.
  std::vector<int> run(std::uint16_t path) {
    std::vector<int> tried;
    while (const std::uint16_t size = next()) {
      tried.push_back(size);
      search.on_sent(size, {});
      size <= path ? search.on_passed() : search.on_lost(true);
    }
    return tried;
  }
  PathSearch search;
  PathSearch::Rules rules{.threshold = 8, .high = 1460, .interval = kInterval};
  Instant now = Instant::from_nanos(0);
};

TEST_F(Search, IsOffUntilItBegins) {
  EXPECT_FALSE(search.is_on());
  EXPECT_EQ(next(), 0);
}

TEST_F(Search, AFalseAlarmCostsOneProbe) {
  search.begin(1024, 1460);
  EXPECT_EQ(search.low(), 1024);
  EXPECT_EQ(run(1460), std::vector<int>{1460});
  EXPECT_EQ(search.low(), 1460);
}

TEST_F(Search, HalvesWhatIsInDoubtAndAsksThreeTimesBeforeItGivesASizeUp) {  // RFC 8899 §5.1.2
  search.begin(1024, 1460);
  const std::vector<int> tried = run(1240);
  EXPECT_EQ(tried, (std::vector<int>{1460, 1460, 1460, 1242, 1242, 1242, 1133, 1187, 1214, 1228, 1235}));
  EXPECT_LE(search.low(), 1240);
  EXPECT_GT(search.low(), 1240 - 8);
}

TEST_F(Search, OneProbeAtATime) {
  search.begin(1024, 1460);
  search.on_sent(next(), {.begin = SeqNum(1), .end = SeqNum(1461)});
  EXPECT_TRUE(search.is_probing());
  EXPECT_EQ(next(), 0);
  EXPECT_EQ(search.what().end, SeqNum(1461));
}

TEST_F(Search, ALossAmongOthersSaysNothing) {  // RFC 4821 §7.6.2
  search.begin(1024, 1460);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(next(), 1460);
    search.on_sent(1460, {});
    search.on_lost(false);
  }
  EXPECT_EQ(search.high(), 1460);
}

TEST_F(Search, LooksAgainAfterTheInterval) {  // RFC 8899 §5.3.3
  search.begin(1024, 1460);
  run(1240);
  const std::uint16_t found = search.low();
  now = now + kInterval - Duration::nanos(1);
  EXPECT_EQ(next(), 0);
  now = now + Duration::nanos(1);
  EXPECT_EQ(run(1400).front(), 1460);
  EXPECT_GT(search.low(), found);
  EXPECT_GT(search.low(), 1400 - 8);
}

TEST_F(Search, GoesNoHigherThanOthersAllow) {
  search.begin(1024, 1460);
  search.limit(1300);
  EXPECT_EQ(next(), 1300);
  search.limit(900);
  EXPECT_EQ(search.low(), 900);
  rules.high = 900;
  EXPECT_EQ(next(), 0);
  now = now + kInterval * 2;
  EXPECT_EQ(next(), 0);  // there is nothing above
}

TEST_F(Search, ABaseAboveTheLinkIsTheLink) {
  rules.high = 500;
  search.begin(1024, 500);
  EXPECT_EQ(search.low(), 500);
  EXPECT_EQ(next(), 0);
}

}  // namespace
}  // namespace strata::tcp
