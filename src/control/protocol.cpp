#include "control/protocol.hpp"

#include <algorithm>
#include <vector>

#include "control/json.hpp"
#include "control/sysctl.hpp"

namespace strata::control {
namespace {

constexpr Request kRequests[] = {
    {"sysctl", answer_sysctl},
};

constexpr bool is_plain(char c) { return c == '\t' || (c >= ' ' && c <= '~'); }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t end = line.find('\t');
    words.push_back(line.substr(0, end));
    if (end == line.npos) return words;
    line.remove_prefix(end + 1);
  }
}

std::string known_names() {
  std::string names;
  for (const Request& request : kRequests) (names += names.empty() ? "" : ", ") += request.name;
  return names;
}

Answer find_answer(Stack& stack, std::string_view line) {
  if (!std::ranges::all_of(line, is_plain))
    return Err<Refusal>({"EINVAL", "a request is a line of ASCII, words with tabs between them"});
  const std::vector<std::string_view> words = words_of(line);
  const auto* const request = std::ranges::find(kRequests, words[0], &Request::name);
  if (request == std::end(kRequests)) {
    return Err<Refusal>(
        {"ENOENT", "no such request: " + std::string(words[0]) + " (there is " + known_names() + ")"});
  }
  return request->answer(stack, std::span(words).subspan(1));
}

}  // namespace

std::string answer(Stack& stack, std::string_view line) {
  const Answer found = find_answer(stack, line);
  if (found) return "{\"result\":" + *found + '}';
  return JsonObject().add("error", found.error().code).add("text", found.error().text).text();
}

}  // namespace strata::control
