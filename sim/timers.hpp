// Moments of the world's clock at which something is called: in order of time, and of being asked for.
// Coroutines sleep on it (strata::sleep_until).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "strata/time.hpp"

namespace strata::sim {

class Timers {
 public:
  struct Callback {
    void* context = nullptr;
    void (*function)(void* context) = nullptr;
  };
  struct Id {
    Instant at;
    std::uint64_t number = 0;
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
  };

  Id add_timer(Instant at, Callback callback) {
    const Id id{.at = at, .number = ++count_};
    timers_.emplace(id, [callback] { callback.function(callback.context); });
    return id;
  }
  Id call_at(Instant at, std::function<void()> function) {
    const Id id{.at = at, .number = ++count_};
    timers_.emplace(id, std::move(function));
    return id;
  }
  void cancel_timer(Id id) { timers_.erase(id); }
  void clear() { timers_.clear(); }

  Instant next_deadline() const { return timers_.empty() ? Instant::never() : timers_.begin()->first.at; }
  /// Calls what is due; true when something was.
  bool run(Instant now) {
    bool ran = false;
    while (next_deadline() <= now && !timers_.empty()) {
      const auto first = timers_.extract(timers_.begin());
      first.mapped()();
      ran = true;
    }
    return ran;
  }

 private:
  std::map<Id, std::function<void()>> timers_;
  std::uint64_t count_ = 0;
};

}  // namespace strata::sim
