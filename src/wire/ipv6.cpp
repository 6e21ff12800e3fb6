// The chain of extension headers (RFC 8200 §4). Every header but the fragment header begins with the number
// of the next one and its own size in units of eight bytes, the first not counted.
#include "wire/ipv6.hpp"

#include "wire/icmp6.hpp"

namespace strata {
namespace {

using Answer = Ipv6Refusal::Answer;

constexpr std::uint8_t kOptionPad1 = 0;
constexpr std::uint8_t kOptionPadN = 1;
constexpr std::uint8_t kOptionRouterAlert = 5;
/// RFC 8504 §5.3: padding aligns to eight bytes, so there is never more in one place.
constexpr std::size_t kPaddingMax = 7;

bool is_option_header(std::uint8_t kind) {
  return kind == kProtocolHopByHop || kind == kProtocolDestinationOptions;
}

bool is_extension(std::uint8_t kind) {
  return is_option_header(kind) || kind == kProtocolRouting || kind == kProtocolFragment;
}

/// RFC 8200 §4.2: the two highest bits of an option's type say what to do about an unknown one.
Ipv6Refusal unknown_option(std::uint8_t type, std::size_t at) {
  constexpr std::array<Answer, 4> kAnswers{Answer::none, Answer::none, Answer::always, Answer::to_unicast};
  return {.reason = ParseError::ip6_unknown_option,
          .answer = kAnswers[type >> 6],
          .code = icmp6_code::kUnknownOption,
          .pointer = static_cast<std::uint16_t>(at)};
}

class Walk {
 public:
  Walk(Bytes packet, const Ipv6Limits& limits) : packet_(packet), limits_(limits) {
    chain_.protocol = packet[Ipv6View::kNextHeaderAt];
  }

  Result<Ipv6Chain, Ipv6Refusal> run() {
    for (std::size_t count = 0; is_extension(chain_.protocol); ++count) {
      if (count == limits_.extension_headers_max) return Err{refusal(ParseError::ip6_chain_too_long)};
      if (chain_.protocol == kProtocolHopByHop && count > 0) return Err{misplaced()};
      if (const auto refused = step()) return Err{*refused};
      if (chain_.fragment && !chain_.fragment->is_atomic()) break;
    }
    return chain_;
  }

 private:
  static Ipv6Refusal refusal(ParseError reason) { return {.reason = reason}; }

  /// RFC 8200 §4.1: hop-by-hop options come first or not at all.
  Ipv6Refusal misplaced() const {
    return {.reason = ParseError::ip6_misplaced_header,
            .answer = Answer::to_unicast,
            .code = icmp6_code::kUnknownNextHeader,
            .pointer = chain_.named_at};
  }

  std::optional<Ipv6Refusal> step() {
    const Bytes rest = packet_.subspan(chain_.size);
    if (rest.size() < 8) return refusal(ParseError::ip6_bad_extension);
    const bool is_fragment = chain_.protocol == kProtocolFragment;
    const std::size_t size = is_fragment ? Ipv6Fragment::kSize : (std::size_t{rest[1]} + 1) * 8;
    if (size > rest.size()) return refusal(ParseError::ip6_bad_extension);
    if (chain_.size + size > Ipv6View::kSize + limits_.extension_bytes_max)
      return refusal(ParseError::ip6_chain_too_long);
    const Bytes header = rest.first(size);
    auto refused = is_option_header(chain_.protocol) ? read_options(header)
                   : is_fragment                     ? read_fragment(header)
                                                     : read_routing(header);
    chain_.protocol = header[0];
    chain_.named_at = chain_.size;
    chain_.size = static_cast<std::uint16_t>(chain_.size + size);
    return refused;
  }

  /// RFC 8200 §4.4, and RFC 5095 for type 0: we are no stop on anybody's route, whatever its type.
  std::optional<Ipv6Refusal> read_routing(Bytes header) const {
    constexpr std::size_t kTypeAt = 2;
    constexpr std::size_t kSegmentsLeftAt = 3;
    if (header[kSegmentsLeftAt] == 0) return std::nullopt;
    return Ipv6Refusal{.reason = ParseError::ip6_routed,
                       .answer = Answer::to_unicast,
                       .code = icmp6_code::kErroneousField,
                       .pointer = static_cast<std::uint16_t>(chain_.size + kTypeAt)};
  }

  std::optional<Ipv6Refusal> read_fragment(Bytes header) {
    // A fragment inside a packet that is none, or was put together: nobody needs that.
    if (chain_.fragment) return refusal(ParseError::ip6_nested_fragment);
    const auto field = load_be<std::uint16_t>(header.data() + 2);
    chain_.fragment = Ipv6Fragment{.id = load_be<std::uint32_t>(header.data() + 4),
                                   .offset = static_cast<std::uint16_t>(field & 0xfff8),
                                   .more = (field & 1) != 0,
                                   .at = chain_.size,
                                   .named_at = chain_.named_at};
    return std::nullopt;
  }

  std::optional<Ipv6Refusal> read_options(Bytes header) {
    std::size_t padding = 0;
    std::size_t options = 0;
    for (std::size_t at = 2; at < header.size();) {
      const std::uint8_t type = header[at];
      if (type != kOptionPad1 && header.size() - at < 2) return refusal(ParseError::ip6_bad_option);
      const std::size_t size = type == kOptionPad1 ? 1 : std::size_t{header[at + 1]} + 2;
      if (size > header.size() - at) return refusal(ParseError::ip6_bad_option);
      const Bytes option = header.subspan(at, size);
      if (type == kOptionPad1 || type == kOptionPadN) {
        padding += size;
        if (padding > kPaddingMax || !is_blank(option)) return refusal(ParseError::ip6_bad_option);
      } else {
        padding = 0;
        if (++options > limits_.options_max) return refusal(ParseError::ip6_chain_too_long);
        if (auto refused = read_option(option, chain_.size + at)) return refused;
      }
      at += size;
    }
    return std::nullopt;
  }

  /// Data in padding is a channel that nobody should have (RFC 8504 §5.3).
  static bool is_blank(Bytes pad) {
    const Bytes data = pad.size() < 2 ? Bytes() : pad.subspan(2);
    return std::ranges::all_of(data, [](std::uint8_t byte) { return byte == 0; });
  }

  std::optional<Ipv6Refusal> read_option(Bytes option, std::size_t at) {
    if (option[0] == kOptionRouterAlert && chain_.protocol == kProtocolHopByHop) {
      if (option.size() != 4) return refusal(ParseError::ip6_bad_option);
      chain_.router_alert = true;
      return std::nullopt;
    }
    // The jumbo payload option (RFC 2675) is unknown here on purpose: no link of ours carries such packets.
    if (option[0] >> 6 == 0) return std::nullopt;
    return unknown_option(option[0], at);
  }

  Bytes packet_;
  const Ipv6Limits& limits_;
  Ipv6Chain chain_;
};

}  // namespace

Result<Ipv6Chain, Ipv6Refusal> walk_ipv6(Bytes packet, const Ipv6Limits& limits) {
  return Walk(packet, limits).run();
}

}  // namespace strata
