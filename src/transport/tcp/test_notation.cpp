// For tests: reads and writes the notation of test_notation.hpp.
#include "transport/tcp/test_notation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace strata::tcp {
namespace {

constexpr std::string_view kLetters = "FSRP.UEWA";  // in the order of the wire's bits

std::optional<std::uint16_t> parse_flags(std::string_view text) {
  std::uint16_t flags = 0;
  for (const char letter : text) {
    if (letter >= '0' && letter <= '7') {  // RFC 9768 §3.2.2
      flags = static_cast<std::uint16_t>(flags | (letter - '0') << 6);
      continue;
    }
    const std::size_t at = kLetters.find(letter);
    if (at == kLetters.npos) return std::nullopt;
    flags = static_cast<std::uint16_t>(flags | 1U << at);
  }
  return flags;
}

std::string flags_text(std::uint16_t flags) {
  std::string text;
  for (const std::size_t at : {1U, 0U, 2U, 3U, 5U, 6U, 7U, 8U, 4U}) {
    if ((flags >> at & 1U) != 0) text += kLetters[at];
  }
  return text;
}

/// Takes a number, which may be negative, off the front.
bool take_number(std::string_view& text, std::uint32_t& value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  value = static_cast<std::uint32_t>(number);
  return true;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

template <class T>
bool read_number(std::istream& in, std::optional<T>& into) {
  std::string word;
  in >> word;
  std::string_view rest = word;
  std::uint32_t value = 0;
  if (!take_number(rest, value) || !rest.empty()) return false;
  into = static_cast<T>(value);
  return true;
}

/// `1:1001(1000)`.
bool read_range(std::string_view text, SegmentLine& into) {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t size = 0;
  if (!take_number(text, begin) || !take(text, ':') || !take_number(text, end) || !take(text, '('))
    return false;
  if (!take_number(text, size) || text != ")" || begin + size != end) return false;
  into.seq = begin;
  into.length = size;
  return true;
}

bool read_timestamps(std::istream& in, SegmentLine& into) {
  std::string word;
  in >> word;
  std::string_view rest = word;
  TcpTimestamps stamps;
  if (!take_number(rest, stamps.value) || !take(rest, '/') || !take_number(rest, stamps.echo)) return false;
  into.timestamps = stamps;
  return rest.empty();
}

/// `2001:3001,5001:6001`.
bool read_sack(std::istream& in, SegmentLine& into) {
  std::string word;
  in >> word;
  std::string_view rest = word;
  into.sack.emplace();
  do {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    if (!take_number(rest, begin) || !take(rest, ':') || !take_number(rest, end)) return false;
    into.sack->emplace_back(begin, end);
  } while (take(rest, ','));
  return rest.empty();
}

/// `1,0,1`: as many fields of AccECN as there are, in the order of the wire.
bool read_accecn(std::istream& in, TcpAccEcnOrder order, SegmentLine& into) {
  std::string word;
  in >> word;
  std::string_view rest = word;
  std::array<std::uint32_t, 3> fields{};
  TcpAccEcn option{.order = order};
  if (word != "-") {
    do {
      if (option.fields == 3 || !take_number(rest, fields[option.fields++])) return false;
    } while (take(rest, ','));
    if (!rest.empty()) return false;
  }
  const bool zero_first = order == TcpAccEcnOrder::e0b_first;
  option.bytes = {.e0b = fields[zero_first ? 0 : 2], .ceb = fields[1], .e1b = fields[zero_first ? 2 : 0]};
  into.accecn = option;
  return true;
}

std::string accecn_text(const TcpAccEcn& option) {
  const bool zero_first = option.order == TcpAccEcnOrder::e0b_first;
  const std::uint32_t fields[] = {zero_first ? option.bytes.e0b : option.bytes.e1b, option.bytes.ceb,
                                  zero_first ? option.bytes.e1b : option.bytes.e0b};
  std::string text = option.fields == 0 ? "-" : "";
  for (std::size_t i = 0; i < option.fields; ++i) text += (i == 0 ? "" : ",") + std::to_string(fields[i]);
  return (zero_first ? "ecn0 " : "ecn1 ") + text;
}

constexpr std::string_view kMarks[] = {"noecn", "ect1", "ect0", "ce"};

bool read_mark(const std::string& word, SegmentLine& into) {
  const auto* const found = std::ranges::find(kMarks, word);
  if (found == std::end(kMarks)) return false;
  into.ecn = static_cast<std::uint8_t>(found - kMarks);
  return true;
}

bool read_word(const std::string& word, std::istream& in, SegmentLine& into) {
  if (word == "seq") return read_number(in, into.seq);
  if (word == "ack") return read_number(in, into.ack);
  if (word == "len") return read_number(in, into.length);
  if (word == "win") return read_number(in, into.window);
  if (word == "urg") return read_number(in, into.urgent);
  if (word == "gso") return read_number(in, into.gso_size);
  if (word == "mss") return read_number(in, into.mss);
  if (word == "wscale") return read_number(in, into.wscale);
  if (word == "ts") return read_timestamps(in, into);
  if (word == "sack") return read_sack(in, into);
  if (word == "cause") return static_cast<bool>(in >> into.cause);
  if (word == "sackOK") return into.sack_permitted = true;
  if (word == "ecn0") return read_accecn(in, TcpAccEcnOrder::e0b_first, into);
  if (word == "ecn1") return read_accecn(in, TcpAccEcnOrder::e1b_first, into);
  if (word == "no-ecn") return into.no_accecn = true;
  if (word == "no-mss") return into.no_mss = true;
  if (word == "no-wscale") return into.no_wscale = true;
  if (word == "no-ts") return into.no_timestamps = true;
  if (word == "no-sack") return into.no_sack = true;
  return read_mark(word, into) || read_range(word, into);
}

SegmentLine::Blocks blocks_of(const TcpOptions& options, std::uint32_t base) {
  SegmentLine::Blocks blocks;
  for (std::size_t i = 0; i < options.sack_count; ++i) {
    blocks.emplace_back(options.sack[i].begin.raw() - base, options.sack[i].end.raw() - base);
  }
  return blocks;
}

std::string sack_text(const SegmentLine::Blocks& blocks) {
  std::string text;
  for (const auto& [begin, end] : blocks) {
    text += (text.empty() ? "" : ",") + std::to_string(begin) + ":" + std::to_string(end);
  }
  return text;
}

std::string stamps_text(const TcpTimestamps& stamps) {
  return std::to_string(stamps.value) + "/" + std::to_string(stamps.echo);
}

template <class T>
std::string compare(std::string_view field, const std::optional<T>& wanted, std::uint64_t found) {
  if (!wanted || *wanted == found) return {};
  return std::string(field) + ": " + std::to_string(found) + ", not " + std::to_string(*wanted);
}

std::string option_difference(const SegmentLine& line, const TcpOptions& found, std::uint32_t base) {
  if (line.mss && !found.mss) return "no mss";
  if (line.wscale && !found.wscale) return "no wscale";
  if (line.timestamps && !found.timestamps) return "no timestamps";
  if (line.sack_permitted && !found.sack_permitted) return "no sackOK";
  if (line.no_mss && found.mss) return "an mss option";
  if (line.no_wscale && found.wscale) return "a wscale option";
  if (line.no_timestamps && found.timestamps) return "a timestamps option";
  if (line.no_sack && (found.sack_permitted || found.sack_count > 0)) return "a SACK option";
  if (line.mss && *line.mss != *found.mss) return compare("mss", line.mss, *found.mss);
  if (line.wscale && *line.wscale != *found.wscale) return compare("wscale", line.wscale, *found.wscale);
  if (line.timestamps && *line.timestamps != *found.timestamps) {
    return "ts: " + stamps_text(*found.timestamps) + ", not " + stamps_text(*line.timestamps);
  }
  if (line.no_accecn && found.accecn.is_there()) return "an AccECN option";
  if (line.accecn && *line.accecn != found.accecn)
    return "AccECN: " + accecn_text(found.accecn) + ", not " + accecn_text(*line.accecn);
  const SegmentLine::Blocks blocks = blocks_of(found, base);
  if (line.sack && *line.sack != blocks)
    return "sack: " + sack_text(blocks) + ", not " + sack_text(*line.sack);
  return {};
}

}  // namespace

std::optional<SegmentLine> parse_line(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string word;
  if (!(in >> word)) return std::nullopt;
  const auto flags = parse_flags(word);
  if (!flags) return std::nullopt;
  SegmentLine line{.flags = *flags};
  while (in >> word) {
    if (!read_word(word, in, line)) return std::nullopt;
  }
  return line;
}

TcpOptions options_of(const SegmentLine& line, const Numbers& base) {
  TcpOptions options;
  options.mss = line.mss;
  options.wscale = line.wscale;
  options.sack_permitted = line.sack_permitted;
  options.timestamps = line.timestamps;
  options.accecn = line.accecn.value_or(TcpAccEcn{});
  if (!line.sack) return options;
  for (const auto& [begin, end] : *line.sack) {
    options.sack[options.sack_count++] = {SeqNum(begin + base.ack), SeqNum(end + base.ack)};
  }
  return options;
}

std::string to_line(const TxSegment& segment, const Numbers& base) {
  const std::uint32_t seq = segment.seq.raw() - base.seq;
  const auto number = [](std::uint64_t n) { return std::to_string(n); };
  std::string text = flags_text(segment.flags) + "  " + number(seq) + ":" +
                     number(seq + segment.payload_size) + "(" + number(segment.payload_size) + ")";
  if ((segment.flags & tcp_flag::kAck) != 0) text += " ack " + number(segment.ack.raw() - base.ack);
  text += " win " + number(segment.window);
  if ((segment.flags & tcp_flag::kUrg) != 0) text += " urg " + number(segment.urgent);
  const TcpOptions& options = segment.options;
  if (options.mss) text += " mss " + number(*options.mss);
  if (options.wscale) text += " wscale " + number(*options.wscale);
  if (options.sack_permitted) text += " sackOK";
  if (options.timestamps) text += " ts " + stamps_text(*options.timestamps);
  if (options.accecn.is_there()) text += " " + accecn_text(options.accecn);
  if (options.sack_count > 0) text += " sack " + sack_text(blocks_of(options, base.ack));
  if (segment.gso_size != 0) text += " gso " + number(segment.gso_size);
  if (segment.ecn != 0) text += " " + std::string(kMarks[segment.ecn & 3]);
  return text + " cause " + std::string(name(segment.cause));
}

std::string difference(const SegmentLine& line, const TxSegment& segment, const Numbers& base) {
  if (line.flags != segment.flags)
    return "flags: " + flags_text(segment.flags) + ", not " + flags_text(line.flags);
  for (const std::string& found :
       {compare("seq", line.seq, segment.seq.raw() - base.seq),
        compare("ack", line.ack, segment.ack.raw() - base.ack),
        compare("len", line.length, segment.payload_size), compare("win", line.window, segment.window),
        compare("urg", line.urgent, segment.urgent), compare("gso", line.gso_size, segment.gso_size)}) {
    if (!found.empty()) return found;
  }
  if (line.ecn && *line.ecn != segment.ecn) {
    return "ECN: " + std::string(kMarks[segment.ecn & 3]) + ", not " + std::string(kMarks[*line.ecn]);
  }
  if (!line.cause.empty() && line.cause != name(segment.cause)) {
    return "cause: " + std::string(name(segment.cause)) + ", not " + line.cause;
  }
  return option_difference(line, segment.options, base.ack);
}

}  // namespace strata::tcp
