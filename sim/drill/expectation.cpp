#include "sim/drill/expectation.hpp"

#include <algorithm>

#include "sim/drill/segment_text.hpp"
#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

using Difference = std::optional<std::string>;

std::string versus(std::string_view field, const std::string& actual, const std::string& expected) {
  return std::string(field) + ": " + actual + ", not " + expected;
}

template <class T>
Difference compare(std::string_view field, T actual, T expected) {
  if (actual == expected) return std::nullopt;
  return versus(field, std::to_string(actual), std::to_string(expected));
}

/// Compares where the script says something.
template <class T>
Difference compare_if(std::string_view field, T actual, const std::optional<T>& expected) {
  return expected ? compare(field, actual, *expected) : std::nullopt;
}

std::string ecn_name(EcnMark mark) {
  switch (mark) {
    case EcnMark::not_ect: return "noecn";
    case EcnMark::ect0: return "ect0";
    case EcnMark::ect1: return "ect1";
    case EcnMark::ce: return "ce";
    case EcnMark::any_ect: return "ect01";
  }
  return {};
}

Difference ip_difference(const IpFields& expected, const WireSegment& actual) {
  if (auto d = compare_if<std::uint8_t>("traffic class", actual.traffic_class, expected.traffic_class))
    return d;
  if (auto d = compare_if<std::uint8_t>("hop limit", actual.hop_limit, expected.hop_limit)) return d;
  if (!expected.ecn) return std::nullopt;
  const auto mark = static_cast<EcnMark>(actual.traffic_class & 3);
  const bool any_ect = *expected.ecn == EcnMark::any_ect && (mark == EcnMark::ect0 || mark == EcnMark::ect1);
  if (mark == *expected.ecn || any_ect) return std::nullopt;
  return versus("ECN", ecn_name(mark), ecn_name(*expected.ecn));
}

Difference flags_difference(const TcpSpec& expected, const WireSegment& actual) {
  constexpr std::uint16_t kAce = tcp_flag::kEce | tcp_flag::kCwr | tcp_flag::kAe;
  std::uint16_t flags = actual.flags;
  if (expected.ace) {
    const int counter = ((flags & tcp_flag::kEce) != 0 ? 1 : 0) + ((flags & tcp_flag::kCwr) != 0 ? 2 : 0) +
                        ((flags & tcp_flag::kAe) != 0 ? 4 : 0);
    if (auto d = compare<int>("ACE counter", counter, *expected.ace)) return d;
    flags = static_cast<std::uint16_t>(flags & ~kAce);
  }
  if (flags == expected.flags) return std::nullopt;
  return versus("flags", flags_text(flags), flags_text(expected.flags));
}

Difference numbers_difference(const TcpSpec& expected, const WireSegment& actual,
                              const WireSegment& on_wire) {
  const SequenceRange& range = expected.sequence;
  if (!range.any) {
    const std::uint32_t seq = range.absolute ? on_wire.seq : actual.seq;
    if (auto d = compare("sequence number", seq, range.begin)) return d;
  }
  if (auto d = compare("length", actual.length, range.length)) return d;
  if (!expected.ack) return std::nullopt;
  return compare("ack", expected.ack_absolute ? on_wire.ack : actual.ack, *expected.ack);
}

/// RFC 7323 §4.1: stamps are a clock; how far it went since the first one, as the script counts, and in fact.
Difference timestamp_difference(std::uint32_t actual, std::uint32_t expected, const Flow* flow,
                                const MatchRules& rules) {
  if (rules.timestamp_tick == Duration{} || flow == nullptr || !flow->timestamp_origin()) return std::nullopt;
  const auto [script, wire] = *flow->timestamp_origin();
  const Duration said = rules.timestamp_tick * static_cast<std::int32_t>(expected - script);
  const Duration seen = Duration::millis(static_cast<std::int32_t>(actual - wire));
  const Duration off = std::max(said - seen, seen - said);
  if (off <= rules.timestamp_tolerance) return std::nullopt;
  return versus("TS val", "after " + std::to_string(seen.count_micros()) + " us",
                std::to_string(said.count_micros()) + " us");
}

Difference option_difference(const Option& actual, const Option& expected, const Flow* flow,
                             const MatchRules& rules) {
  if (expected.kind == Option::Kind::timestamps) {
    if (auto d = compare("TS ecr", actual.numbers[1], expected.numbers[1])) return d;
    return timestamp_difference(actual.numbers[0], expected.numbers[0], flow, rules);
  }
  if (actual.numbers == expected.numbers && actual.bytes == expected.bytes) return std::nullopt;
  return versus("option", options_text({actual}), options_text({expected}));
}

Difference options_difference(const TcpSpec& expected, const WireSegment& actual, const Flow* flow,
                              const MatchRules& rules) {
  if (expected.any_options) return std::nullopt;
  const bool same_kinds =
      std::ranges::equal(actual.options, expected.options, {}, &Option::kind, &Option::kind);
  if (!same_kinds) {
    return versus("options", "<" + options_text(actual.options) + ">",
                  "<" + options_text(expected.options) + ">");
  }
  for (std::size_t i = 0; i < expected.options.size(); ++i) {
    if (auto d = option_difference(actual.options[i], expected.options[i], flow, rules)) return d;
  }
  return std::nullopt;
}

/// What only one segment of a burst may carry: the last, or for CWR the first (RFC 3168 §6.1.2).
constexpr std::uint16_t kOfOneSegment = tcp_flag::kPsh | tcp_flag::kFin | tcp_flag::kCwr;

bool continues(const WireSegment& first, const WireSegment& next, std::uint32_t offset) {
  if (((first.flags ^ next.flags) & ~kOfOneSegment) != 0 || next.has(tcp_flag::kCwr)) return false;
  return next.from == first.from && next.to == first.to && next.seq == first.seq + offset &&
         next.ack == first.ack && next.window == first.window && next.traffic_class == first.traffic_class &&
         options_text(next.options) == options_text(first.options);
}

}  // namespace

std::size_t burst_size(const std::deque<Sent>& sent, std::uint32_t length) {
  if (sent.empty()) return 0;
  const WireSegment& first = sent.front().segment;
  std::uint32_t total = first.length;
  std::size_t count = 1;
  bool may_grow = first.length > 0 && !first.has(tcp_flag::kFin);
  while (may_grow && total < length && count < sent.size()) {
    const WireSegment& next = sent[count].segment;
    if (next.length == 0 || next.length > first.length || !continues(first, next, total)) break;
    may_grow = next.length == first.length && !next.has(tcp_flag::kFin);
    total += next.length;
    ++count;
  }
  return count;
}

WireSegment merge(const std::deque<Sent>& sent, std::size_t count) {
  WireSegment whole = sent.front().segment;
  for (std::size_t i = 1; i < count; ++i) {
    whole.length += sent[i].segment.length;
  }
  constexpr std::uint16_t kOfTheLast = tcp_flag::kPsh | tcp_flag::kFin;
  whole.flags =
      static_cast<std::uint16_t>((whole.flags & ~kOfTheLast) | (sent[count - 1].segment.flags & kOfTheLast));
  return whole;
}

std::optional<std::string> difference(const PacketSpec& expected, const WireSegment& actual,
                                      const WireSegment& on_wire, const Flow* flow, const MatchRules& rules) {
  const TcpSpec* tcp = std::get_if<TcpSpec>(&expected.what);
  if (tcp == nullptr) return "a TCP segment, not the ICMP message";
  if (auto d = flags_difference(*tcp, actual)) return d;
  if (auto d = numbers_difference(*tcp, actual, on_wire)) return d;
  if (auto d = options_difference(*tcp, actual, flow, rules)) return d;
  if (auto d = compare_if<std::uint16_t>("win", actual.window, tcp->window)) return d;
  if (auto d = compare_if<std::uint16_t>("urg", actual.urgent, tcp->urgent)) return d;
  return ip_difference(expected.ip, actual);
}

}  // namespace strata::drill
