// Civil time by <chrono>'s calendar; the names are English whatever the locale.
#include "application/http/http_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace strata::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  char month[4] = {};
};

std::optional<std::int64_t> to_seconds(const Civil& civil) {
  const auto month = std::ranges::find(kMonths, std::string_view(civil.month));
  if (month == kMonths.end()) return {};
  if (civil.hour > 23 || civil.minute > 59 || civil.second > 60) return {};
  if (civil.hour < 0 || civil.minute < 0 || civil.second < 0 || civil.day < 1) return {};
  const std::chrono::year_month_day date{
      std::chrono::year(civil.year), std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(civil.day))};
  if (!date.ok()) return {};
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + civil.hour) * 60 + civil.minute) * 60 + civil.second;
}

}  // namespace

std::string format_date(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(days).c_encoding()].data(), static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  const std::string line(text);
  const int length = static_cast<int>(line.size());
  Civil c;
  int end = -1;
  const auto whole = [&] { return end == length; };
  std::sscanf(line.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &c.day, c.month, &c.year,
              &c.hour, &c.minute, &c.second, &end);
  if (whole()) return to_seconds(c);
  std::sscanf(line.c_str(), "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &c.day, c.month, &c.year,
              &c.hour, &c.minute, &c.second, &end);
  if (whole()) {
    c.year += c.year < 69 ? 2000 : 1900;
    return to_seconds(c);
  }
  std::sscanf(line.c_str(), "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", c.month, &c.day, &c.hour,
              &c.minute, &c.second, &c.year, &end);
  if (whole()) return to_seconds(c);
  return {};
}

}  // namespace strata::http
