#include "tools/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include "tools/quantity.hpp"

namespace strata::tools {
namespace {

constexpr Duration kInterval = Duration::millis(200);

}  // namespace

void Progress::update(std::uint64_t bytes, std::optional<std::uint64_t> total, Instant now) {
  if (!on_ || now < next_) return;
  next_ = now + kInterval;
  const auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>((now - started_).count_millis(), 1));
  const std::uint64_t per_second = bytes * 1000 / millis;
  std::string line = format_bytes(bytes);
  if (total && *total >= bytes && *total > 0) {
    line += " of " + format_bytes(*total) + " (" + std::to_string(bytes * 100 / *total) + "%)";
    if (per_second > 0) line += ", " + std::to_string((*total - bytes) / per_second) + " s left";
  }
  line += ", " + format_bytes(per_second) + "/s";
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace strata::tools
