// Addresses as text, in both directions: dotted quads, RFC 4291 §2.2 and RFC 5952 for IPv6, MAC addresses.
#include <charconv>
#include <concepts>

#include "strata/address.hpp"

namespace strata {
namespace {

/// A whole number in `base` with at most `digits_max` digits and nothing around it.
template <std::unsigned_integral T>
std::optional<T> parse_number(std::string_view text, int base, std::size_t digits_max) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Takes the text up to `separator`, or all of it, off the front of `text`.
std::string_view take_field(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view field = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return field;
}

std::optional<std::uint32_t> parse_dotted_quad(std::string_view text) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    if ((i < 3) != (text.find('.') != std::string_view::npos)) return std::nullopt;
    const std::string_view field = take_field(text, '.');
    const auto octet = parse_number<std::uint8_t>(field, 10, 3);
    // A leading zero means octal to some readers, so it is refused (RFC 6943 §3.1.1).
    if (!octet || (field.size() > 1 && field[0] == '0')) return std::nullopt;
    value = value << 8 | *octet;
  }
  return value;
}

/// Groups on one side of `::`, or all eight of an address without it.
struct Groups {
  std::array<std::uint16_t, 8> values{};
  std::size_t count = 0;
};

/// A dotted quad may stand for the last two groups.
std::optional<Groups> parse_groups(std::string_view text, bool may_end_in_quad) {
  Groups groups;
  bool more = !text.empty();
  while (more) {
    more = text.find(':') != std::string_view::npos;
    const std::string_view field = take_field(text, ':');
    if (!more && may_end_in_quad && field.find('.') != std::string_view::npos) {
      const auto quad = parse_dotted_quad(field);
      if (!quad || groups.count > 6) return std::nullopt;
      groups.values[groups.count++] = static_cast<std::uint16_t>(*quad >> 16);
      groups.values[groups.count++] = static_cast<std::uint16_t>(*quad);
      return groups;
    }
    const auto group = parse_number<std::uint16_t>(field, 16, 4);
    if (!group || groups.count == 8) return std::nullopt;
    groups.values[groups.count++] = *group;
  }
  return groups;
}

IpAddress from_groups(const Groups& front, const Groups& back) {
  IpAddress::Octets octets{};
  const auto put = [&](std::size_t group, std::uint16_t value) {
    octets[2 * group] = static_cast<std::uint8_t>(value >> 8);
    octets[2 * group + 1] = static_cast<std::uint8_t>(value);
  };
  for (std::size_t i = 0; i < front.count; ++i) put(i, front.values[i]);
  for (std::size_t i = 0; i < back.count; ++i) put(8 - back.count + i, back.values[i]);
  return IpAddress::v6(octets);
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto front = parse_groups(text.substr(0, gap), !has_gap);
  const auto back = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view(), true);
  if (!front || !back) return std::nullopt;
  const std::size_t count = front->count + back->count;
  if (has_gap ? count > 7 : count != 8) return std::nullopt;
  return from_groups(*front, *back);
}

void append_number(std::string& to, std::uint32_t value, int base = 10) {
  char digits[10];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  to.append(digits, static_cast<std::size_t>(end - digits));
}

std::string v4_text(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    append_number(text, value >> shift & 0xff);
    if (shift > 0) text += '.';
  }
  return text;
}

struct Run {
  std::size_t begin = 8;
  std::size_t size = 0;
};

/// RFC 5952 §4.2: the first of the longest runs of zero groups, if it has at least two.
Run longest_zero_run(const std::array<std::uint16_t, 8>& groups) {
  Run best;
  for (std::size_t i = 0; i < groups.size();) {
    Run run{i, 0};
    while (i < groups.size() && groups[i] == 0) ++i, ++run.size;
    if (run.size >= 2 && run.size > best.size) best = run;
    if (run.size == 0) ++i;
  }
  return best;
}

std::string v6_text(const IpAddress::Octets& octets) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(octets[2 * i] << 8 | octets[2 * i + 1]);
  }
  const Run gap = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == gap.begin) {
      text += "::";
      i += gap.size - 1;
      continue;
    }
    if (i > 0 && text.back() != ':') text += ':';
    append_number(text, groups[i], 16);
  }
  return text;
}

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto value = parse_dotted_quad(text);
  if (!value) return std::nullopt;
  return IpAddress::v4(*value);
}

std::optional<Prefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_address(text.substr(0, slash));
  const auto length = parse_number<std::uint8_t>(text.substr(slash + 1), 10, 3);
  if (!address || !length || *length > (address->is_v4() ? 32 : 128)) return std::nullopt;
  return Prefix{*address, *length};
}

std::optional<MacAddress> parse_mac(std::string_view text) {
  MacAddress mac;
  if (text.size() != 17) return std::nullopt;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) {
    if (i > 0 && text[3 * i - 1] != ':') return std::nullopt;
    const auto octet = parse_number<std::uint8_t>(text.substr(3 * i, 2), 16, 2);
    if (!octet) return std::nullopt;
    mac.octets[i] = *octet;
  }
  return mac;
}

std::string to_string(const IpAddress& address) {
  return address.is_v4() ? v4_text(address.v4_value()) : v6_text(address.octets());
}

std::string to_string(const Prefix& prefix) {
  std::string text = to_string(prefix.address) + '/';
  append_number(text, prefix.length);
  return text;
}

std::string to_string(const MacAddress& mac) {
  std::string text;
  for (const std::uint8_t octet : mac.octets) {
    if (!text.empty()) text += ':';
    if (octet < 16) text += '0';
    append_number(text, octet, 16);
  }
  return text;
}

std::string to_string(const Endpoint& endpoint) {
  std::string text = to_string(endpoint.address);
  if (endpoint.zone != 0) {
    text += '%';
    append_number(text, endpoint.zone);
  }
  if (!endpoint.address.is_v4()) text = '[' + text + ']';
  text += ':';
  append_number(text, endpoint.port);
  return text;
}

}  // namespace strata
