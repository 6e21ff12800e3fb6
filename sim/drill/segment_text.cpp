#include "sim/drill/segment_text.hpp"

#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

std::string hexadecimal(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

std::string blocks_text(const std::vector<std::uint32_t>& edges) {
  std::string text = "sack";
  for (std::size_t i = 0; i + 1 < edges.size(); i += 2) {
    text += " " + std::to_string(edges[i]) + ":" + std::to_string(edges[i + 1]);
  }
  return text;
}

std::string counters_text(const std::vector<std::uint32_t>& counters, std::string_view first,
                          std::string_view last) {
  const std::string_view names[] = {first, "ceb", last};
  std::string text = "ECN";
  for (std::size_t i = 0; i < counters.size() && i < 3; ++i) {
    text += " " + std::string(names[i]) + " " + std::to_string(counters[i]);
  }
  return text;
}

std::string option_text(const Option& option) {
  const auto number = [&](std::size_t i) { return std::to_string(option.numbers[i]); };
  switch (option.kind) {
    case Option::Kind::end_of_list: return "eol";
    case Option::Kind::no_operation: return "nop";
    case Option::Kind::mss: return "mss " + number(0);
    case Option::Kind::window_scale: return "wscale " + number(0);
    case Option::Kind::sack_permitted: return "sackOK";
    case Option::Kind::sack: return blocks_text(option.numbers);
    case Option::Kind::timestamps: return "TS val " + number(0) + " ecr " + number(1);
    case Option::Kind::fast_open: return option.bytes.empty() ? "FO" : "FO " + hexadecimal(option.bytes);
    case Option::Kind::fast_open_experimental:
      return option.bytes.empty() ? "FOEXP" : "FOEXP " + hexadecimal(option.bytes);
    case Option::Kind::accurate_ecn_0: return counters_text(option.numbers, "e0b", "e1b");
    case Option::Kind::accurate_ecn_1: return counters_text(option.numbers, "e1b", "e0b");
    case Option::Kind::other: return option.text;
  }
  return {};
}

}  // namespace

std::string flags_text(std::uint16_t flags) {
  constexpr std::string_view kLetters = "FSRP.UEWA";
  std::string text;
  for (std::size_t bit = 0; bit < kLetters.size(); ++bit) {
    if (kLetters[bit] != '.' && (flags >> bit & 1) != 0) text += kLetters[bit];
  }
  if ((flags & tcp_flag::kAck) != 0) text += '.';
  return text.empty() ? "-" : text;
}

std::string options_text(const std::vector<Option>& options) {
  std::string text;
  for (const Option& option : options) text += (text.empty() ? "" : ",") + option_text(option);
  return text;
}

std::string segment_text(const WireSegment& segment) {
  std::string text = flags_text(segment.flags) + " " + std::to_string(segment.seq) + ":" +
                     std::to_string(segment.seq + segment.length) + "(" + std::to_string(segment.length) +
                     ")";
  if (segment.has(tcp_flag::kAck)) text += " ack " + std::to_string(segment.ack);
  text += " win " + std::to_string(segment.window);
  if (segment.has(tcp_flag::kUrg)) text += " urg " + std::to_string(segment.urgent);
  if (!segment.options.empty()) text += " <" + options_text(segment.options) + ">";
  return text;
}

}  // namespace strata::drill
