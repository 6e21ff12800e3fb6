// One line on a terminal that tells how far a long download is. Says nothing during the first second, so that
// short ones stay silent.
#pragma once

#include <cstdint>
#include <optional>

#include "strata/time.hpp"

namespace strata::tools {

class Progress {
 public:
  /// Off: says nothing at all.
  Progress(bool on, Instant started) : on_(on), started_(started), next_(started + Duration::seconds(1)) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t bytes, std::optional<std::uint64_t> total, Instant now);
  /// Takes the line away.
  void clear();

 private:
  bool on_;
  bool shown_ = false;
  Instant started_;
  Instant next_;
};

}  // namespace strata::tools
