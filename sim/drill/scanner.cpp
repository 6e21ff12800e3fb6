#include "sim/drill/scanner.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

namespace strata::drill {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_word_part(char c) { return is_word_start(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

template <class Predicate>
std::size_t length_of(std::string_view text, Predicate belongs) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, belongs) - text.begin());
}

}  // namespace

void Scanner::advance(std::size_t count) {
  for (const char c : text_.substr(at_, count)) {
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else {
      ++position_.column;
    }
  }
  at_ = std::min(at_ + count, text_.size());
}

void Scanner::take(std::size_t count) {
  advance(count);
  last_ = position_;
}

void Scanner::skip_blanks() {
  while (true) {
    advance(length_of(rest(), is_blank));
    if (rest().starts_with("//")) {
      advance(std::min(rest().find('\n'), rest().size()));
    } else if (rest().starts_with("/*")) {
      const std::size_t end = rest().find("*/", 2);
      if (end == rest().npos) return fail_at(position_, "this comment has no end");
      advance(end + 2);
    } else {
      return;
    }
  }
}

Position Scanner::here() {
  skip_blanks();
  return position_;
}

bool Scanner::at_end() {
  skip_blanks();
  return failed() || at_ == text_.size();
}

bool Scanner::on_new_line() { return at_end() || position_.line != last_.line; }

bool Scanner::next_is(std::string_view mark) { return !at_end() && rest().starts_with(mark); }

bool Scanner::accept(std::string_view mark) {
  if (!next_is(mark)) return false;
  take(mark.size());
  return true;
}

bool Scanner::expect(std::string_view mark) {
  if (accept(mark)) return true;
  fail("expected `" + std::string(mark) + "`, not " + next_text());
  return false;
}

std::string_view Scanner::plain_word() const {
  const std::string_view text = rest();
  if (text.empty() || !is_word_start(text.front())) return {};
  return text.substr(0, length_of(text, is_word_part));
}

bool Scanner::next_is_word() { return !at_end() && !plain_word().empty(); }

std::string Scanner::word() {
  if (at_end()) return {};
  const std::string_view name = plain_word();
  take(name.size());
  const auto found = defines_->find(name);
  return found == defines_->end() ? std::string(name) : found->second;
}

bool Scanner::accept_word(std::string_view name) {
  if (at_end() || plain_word() != name) return false;
  take(name.size());
  return true;
}

bool Scanner::next_is_number() {
  if (at_end()) return false;
  std::string_view text = rest();
  if (text.starts_with('-')) text.remove_prefix(1);
  if (!text.empty() && is_digit(text.front())) return true;
  const auto found = defines_->find(plain_word());
  return found != defines_->end() && !found->second.empty() && is_digit(found->second.front());
}

std::optional<std::int64_t> Scanner::integer_of(std::string_view digits, bool negative) {
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.starts_with('0')) {
    base = 8;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

std::int64_t Scanner::number(std::string_view what) {
  if (!next_is_number()) {
    fail("expected " + std::string(what) + ", not " + next_text());
    return 0;
  }
  const Position begin = position_;
  const bool negative = rest().starts_with('-');
  if (negative) take(1);
  std::string digits;
  if (const auto found = defines_->find(plain_word()); found != defines_->end()) {
    digits = found->second;
    take(found->first.size());
  } else {
    digits = rest().substr(0, length_of(rest(), is_word_part));
    take(digits.size());
  }
  const std::optional<std::int64_t> value = integer_of(digits, negative);
  if (!value) fail_at(begin, "`" + digits + "` is not a number, or is too large");
  return value.value_or(0);
}

std::uint32_t Scanner::number_up_to(std::uint32_t max, std::string_view what) {
  const Position begin = here();
  const std::int64_t value = number(what);
  if (value < 0 || value > std::int64_t{max}) {
    fail_at(begin, std::string(what) + " must be within 0 and " + std::to_string(max));
    return 0;
  }
  return static_cast<std::uint32_t>(value);
}

Duration Scanner::time() {
  constexpr std::size_t kDigitsMax = 9;  // nanoseconds, and 31 years
  skip_blanks();
  const Position begin = position_;
  const std::size_t whole = length_of(rest(), is_digit);
  const std::string_view seconds = rest().substr(0, whole);
  std::string_view fraction = rest().substr(whole);
  // `0...0.2` is a range: only a point with a digit behind it belongs to the number.
  const bool has_fraction = fraction.size() > 1 && fraction[0] == '.' && is_digit(fraction[1]);
  fraction = has_fraction ? fraction.substr(1, length_of(fraction.substr(1), is_digit)) : std::string_view();
  if (failed() || (seconds.empty() && fraction.empty())) {
    fail("expected a time, not " + next_text());
    return {};
  }
  std::string digits(fraction);
  if (seconds.size() > kDigitsMax || digits.size() > kDigitsMax) {
    fail_at(begin, "a time has at most nine digits on either side of the point");
    return {};
  }
  digits.resize(kDigitsMax, '0');
  std::int64_t nanos = 0;
  for (const char c : std::string(seconds) + digits) nanos = nanos * 10 + (c - '0');
  take(whole + (has_fraction ? fraction.size() + 1 : 0));
  return Duration::nanos(nanos);
}

std::string Scanner::letters(std::string_view allowed) {
  if (at_end()) return {};
  const std::string found(rest().substr(0, std::min(rest().find_first_not_of(allowed), rest().size())));
  take(found.size());
  return found;
}

std::string Scanner::adjacent_digit() {
  if (failed() || rest().empty() || !is_digit(rest().front())) return {};
  std::string digit(rest().substr(0, 1));
  take(1);
  return digit;
}

std::string Scanner::hexadecimal() {
  if (const auto found = defines_->find(next_is_word() ? plain_word() : std::string_view());
      found != defines_->end()) {
    take(found->first.size());
    return found->second.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos ? found->second
                                                                                          : "";
  }
  return letters("0123456789abcdefABCDEF");
}

std::string Scanner::quoted() {
  const Position begin = here();
  if (failed() || (!rest().starts_with('"') && !rest().starts_with('\''))) {
    fail("expected a text in quotes, not " + next_text());
    return {};
  }
  const char quote = rest().front();
  std::string text;
  for (std::size_t i = 1; i < rest().size() && rest()[i] != '\n'; ++i) {
    if (rest()[i] == quote) {
      take(i + 1);
      return text;
    }
    if (rest()[i] == '\\' && i + 1 < rest().size()) text += rest()[i++];
    text += rest()[i];
  }
  fail_at(begin, "this text has no closing quote on its line");
  return {};
}

std::string Scanner::until(std::string_view end, std::string_view what) {
  const Position begin = position_;
  const std::size_t size = rest().find(end);
  if (failed() || size == rest().npos) {
    fail_at(begin, std::string(what) + " has no closing `" + std::string(end) + "`");
    return {};
  }
  std::string found(rest().substr(0, size));
  take(size + end.size());
  return found;
}

std::string Scanner::raw(std::string_view stops) {
  if (at_end()) return {};
  const std::string all = std::string(stops) + "\n";
  std::string found(rest().substr(0, std::min(rest().find_first_of(all), rest().size())));
  take(found.size());
  while (!found.empty() && is_blank(found.back())) found.pop_back();
  return found;
}

void Scanner::fail_at(Position at, std::string what, Trouble trouble) {
  if (!error_) error_ = ScriptError{.trouble = trouble, .at = at, .what = std::move(what)};
}

std::string Scanner::next_text() {
  if (at_end()) return "the end of the script";
  constexpr std::size_t kShown = 20;
  std::string_view text = rest().substr(0, kShown);
  text = text.substr(0, text.find_first_of("\n\t ", 1));
  std::string printable = "`";
  for (const char c : text) printable += std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
  return printable + "`";
}

}  // namespace strata::drill
