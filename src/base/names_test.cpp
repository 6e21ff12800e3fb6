// Every value has a name of its own and a text; states are spelled as in RFC 9293.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "strata/counters.hpp"
#include "strata/error.hpp"
#include "strata/trace.hpp"

namespace strata {
namespace {

/// The names of the values 0 (or `first`) to the one before the first unknown.
template <class E>
std::set<std::string_view> names_from(int first) {
  std::set<std::string_view> names;
  for (int i = first; name(static_cast<E>(i)) != "unknown"; ++i) {
    EXPECT_TRUE(names.insert(name(static_cast<E>(i))).second) << name(static_cast<E>(i));
  }
  return names;
}

TEST(Names, AreDifferentForEveryValue) {
  EXPECT_EQ(names_from<Errc>(1).size(), static_cast<std::size_t>(Errc::closed));
  EXPECT_EQ(names_from<Cause>(0).size(), static_cast<std::size_t>(Cause::bbr_probe_rtt) + 1);
  EXPECT_EQ(names_from<TraceKind>(0).size(), static_cast<std::size_t>(TraceKind::mss_changed) + 1);
  EXPECT_EQ(names_from<TcpTimer>(0).size(), static_cast<std::size_t>(TcpTimer::count_));
  EXPECT_EQ(names_from<Counter>(0).size(), kCounterCount);
}

TEST(Names, TextsAreDifferentForEveryValue) {
  std::set<std::string_view> texts;
  for (int i = 1; i <= static_cast<int>(Errc::closed); ++i) {
    EXPECT_TRUE(texts.insert(describe(static_cast<Errc>(i))).second);
  }
  for (int i = 0; i <= static_cast<int>(Cause::bbr_probe_rtt); ++i) {
    EXPECT_TRUE(texts.insert(describe(static_cast<Cause>(i))).second) << name(static_cast<Cause>(i));
  }
}

TEST(Names, SpellStatesAsTheRfcDoes) {
  EXPECT_EQ(name(TcpState::syn_sent), "SYN-SENT");
  EXPECT_EQ(name(TcpState::fin_wait_1), "FIN-WAIT-1");
  EXPECT_EQ(name(TcpState::time_wait), "TIME-WAIT");
  EXPECT_EQ(name(Errc::connection_refused), "connection_refused");
  EXPECT_EQ(name(Counter::ip_bad_checksum), "ip_bad_checksum");
  EXPECT_EQ(describe(Cause::retransmit_rto), "retransmit: RTO");
}

}  // namespace
}  // namespace strata
