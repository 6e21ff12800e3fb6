#include "sim/drill/player.hpp"

#include "sim/drill/performance.hpp"

namespace strata::drill {

Outcome play(const Script& script, const PlayOptions& options) {
  Performance performance(options);
  for (const OptionLine& option : script.options) performance.set_option(option);
  for (const Event& event : script.events) {
    if (performance.is_over()) break;
    performance.play(event);
  }
  return performance.finish();
}

}  // namespace strata::drill
