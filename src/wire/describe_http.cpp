// The first line of HTTP requests and responses in describe. Not a parser: it looks at words, as tcpdump
// does.
#include <algorithm>
#include <array>
#include <optional>

#include "wire/describe_line.hpp"

namespace strata::describing {
namespace {

constexpr std::size_t kWordMax = 128;

constexpr std::array<std::string_view, 38> kMethods = {"GET",
                                                       "PUT",
                                                       "COPY",
                                                       "HEAD",
                                                       "LOCK",
                                                       "MOVE",
                                                       "POLL",
                                                       "POST",
                                                       "BCOPY",
                                                       "BMOVE",
                                                       "MKCOL",
                                                       "TRACE",
                                                       "LABEL",
                                                       "MERGE",
                                                       "DELETE",
                                                       "SEARCH",
                                                       "UNLOCK",
                                                       "REPORT",
                                                       "UPDATE",
                                                       "NOTIFY",
                                                       "BDELETE",
                                                       "CONNECT",
                                                       "OPTIONS",
                                                       "CHECKIN",
                                                       "PROPFIND",
                                                       "CHECKOUT",
                                                       "CCM_POST",
                                                       "SUBSCRIBE",
                                                       "PROPPATCH",
                                                       "BPROPFIND",
                                                       "BPROPPATCH",
                                                       "UNCHECKOUT",
                                                       "MKACTIVITY",
                                                       "MKWORKSPACE",
                                                       "UNSUBSCRIBE",
                                                       "RPC_CONNECT",
                                                       "VERSION-CONTROL",
                                                       "BASELINE-CONTROL"};

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_method(std::string_view word) {
  const auto same = [](char a, char b) { return upper(a) == b; };
  return std::ranges::any_of(kMethods,
                             [&](std::string_view method) { return std::ranges::equal(word, method, same); });
}

bool is_status(std::string_view word) {
  return word.size() == 3 && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes one word and the blanks after it off the front; nothing when there is none or it is not plain text.
/// `complete` says that the text was not cut by the capture.
std::optional<std::string_view> take_word(std::string_view& text, bool complete) {
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size])) {
    if (!is_printable(text[size]) || size == kWordMax) return std::nullopt;
    ++size;
  }
  if (size == 0 || (size == text.size() && !complete)) return std::nullopt;
  const std::string_view word = text.substr(0, size);
  while (size < text.size() && text[size] == ' ') ++size;
  text.remove_prefix(size);
  return word;
}

bool looks_like_http(std::string_view text, bool complete) {
  const std::optional<std::string_view> first = take_word(text, complete);
  if (!first) return false;
  if (is_method(*first)) return true;
  const std::optional<std::string_view> second = take_word(text, complete);
  return second && is_status(*second);
}

void put_first_line(std::string_view text, bool complete, Line& line) {
  std::size_t size = 0;
  while (size < text.size() && (is_printable(text[size]) || text[size] == '\t')) ++size;
  if (size == text.size()) {
    if (!complete) return line.end_truncated();
    line.put(": ", text);
    return line.put_truncated();
  }
  const std::string_view end = text.substr(size);
  if (end[0] == '\n' || end.starts_with("\r\n")) return line.put(": ", text.substr(0, size));
  if (end == "\r" && !complete) line.end_truncated();
}

}  // namespace

void describe_http(Bytes payload, std::size_t length, Line& line) {
  line.enter("http");
  const std::string_view text = as_text(cut(payload, length));
  const bool complete = payload.size() >= length;
  line.put("HTTP");
  if (looks_like_http(text, complete)) put_first_line(text, complete, line);
}

}  // namespace strata::describing
