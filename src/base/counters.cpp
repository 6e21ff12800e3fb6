#include "strata/counters.hpp"

namespace strata {

std::string_view name(Counter counter) {
  static constexpr std::array<std::string_view, kCounterCount> kNames = {
#define STRATA_COUNTER_NAME(n) #n,
      STRATA_COUNTERS(STRATA_COUNTER_NAME)
#undef STRATA_COUNTER_NAME
  };
  return counter < Counter::count_ ? kNames[static_cast<std::size_t>(counter)] : "unknown";
}

}  // namespace strata
