// ICMPv6 in describe: errors, echo, neighbour discovery, multicast listeners. Types that no host of ours
// sends (router renumbering, node information, ...) are dumped as unknown.
#include <array>
#include <optional>

#include "wire/describe_line.hpp"
#include "wire/icmp6.hpp"

namespace strata::describing {
namespace {

constexpr std::size_t kQuoted = 8;  ///< where the quoted packet starts
constexpr std::size_t kQuotedDst6 = kQuoted + 24;

std::string_view icmp6_name(std::uint8_t type) {
  switch (type) {
    case 1: return "destination unreachable";
    case 2: return "packet too big";
    case 3: return "time exceeded in-transit";
    case 4: return "parameter problem";
    case 128: return "echo request";
    case 129: return "echo reply";
    case 130: return "multicast listener query";
    case 131: return "multicast listener report";
    case 132: return "multicast listener done";
    case 133: return "router solicitation";
    case 134: return "router advertisement";
    case 135: return "neighbor solicitation";
    case 136: return "neighbor advertisement";
    case 137: return "redirect";
    case 141: return "inverse neighbor solicitation";
    case 142: return "inverse neighbor advertisement";
    case 143: return "multicast listener report v2";
    case 144: return "ha discovery request";
    case 145: return "ha discovery reply";
    case 146: return "mobile router solicitation";
    case 147: return "mobile router advertisement";
    default: return {};
  }
}

struct Upper {
  std::uint8_t protocol;
  std::size_t at;
};

/// Where the TCP or UDP header of a quoted packet lies; nothing when it has none, or not all was quoted.
std::optional<Upper> upper_of(Bytes packet) {
  if (packet.size() < Ipv6View::kSize) return std::nullopt;
  Upper upper{.protocol = packet[Ipv6View::kNextHeaderAt], .at = Ipv6View::kSize};
  while (!has_ports(upper.protocol)) {
    const Bytes header = rest(packet, upper.at);
    const bool is_fragment = upper.protocol == kProtocolFragment;
    const bool is_known = is_fragment || upper.protocol == kProtocolHopByHop ||
                          upper.protocol == kProtocolRouting || upper.protocol == kProtocolDestinationOptions;
    if (header.size() < 4 || !is_known) return std::nullopt;
    if (is_fragment && (load_be<std::uint16_t>(header.data() + 2) & 0xfff8) != 0) return std::nullopt;
    upper.protocol = header[0];
    upper.at += is_fragment ? Ipv6Fragment::kSize : (std::size_t{header[1]} + 1) * 8;
  }
  return upper;
}

void put_unreachable_port6(Bytes message, Line& line) {
  line.put(", unreachable port");
  const Bytes packet = rest(message, kQuoted);
  const auto upper = upper_of(packet);
  if (!upper) return line.end_truncated();
  const std::uint16_t port = line.u16(packet, upper->at + 2);
  line.put(", ", line.ipv6(message, kQuotedDst6), upper->protocol == kProtocolTcp ? " tcp" : " udp", " port ",
           port);
}

void put_unreachable6(Bytes message, std::uint8_t code, Line& line) {
  constexpr std::array<std::string_view, 4> kReasons{", unreachable route", ",  unreachable prohibited",
                                                     ", beyond scope", ", unreachable address"};
  if (code == icmp6_code::kPort) return put_unreachable_port6(message, line);
  if (code >= kReasons.size()) {
    line.put(", unknown unreach code (", code, ")");
    put_dump(message, Dump::hex, line);
    return line.end();
  }
  line.put(kReasons[code]);
  line.put(' ', line.ipv6(message, kQuotedDst6));
  if (code == icmp6_code::kBeyondScope) line.put(", source address ", line.ipv6(message, kQuoted + 8));
}

void put_parameter_problem6(Bytes message, std::uint8_t code, Line& line) {
  line.ipv6(message, kQuotedDst6);  // tcpdump wants to see that much of the quote
  const std::uint32_t octet = line.u32(message, 4);
  switch (code) {
    case icmp6_code::kErroneousField: return line.put(", erroneous - octet ", octet);
    case icmp6_code::kUnknownNextHeader: return line.put(", next header - octet ", octet);
    case icmp6_code::kUnknownOption: return line.put(", option - octet ", octet);
    case icmp6_code::kIncompleteChain: return line.put(", incomplete header chain - octet ", octet);
    default: return line.put(", code-#", code);
  }
}

void put_listener6(Bytes message, Line& line) {
  if (message.size() < 24) return;
  line.put("max resp delay: ", line.u16(message, 4), " addr: ", line.ipv6(message, 8));
}

void put_listener_query6(const Message& message, Line& line) {
  if (message.length == 24) return put_listener6(message.bytes, line);
  if (message.length < 28) return line.put(" unknown-version (len ", message.length, ") ");
  line.put(" v2");
  line.put(" [gaddr ", line.ipv6(message.bytes, 8));
  const std::uint16_t sources = line.u16(message.bytes, 26);
  if (sources > 0 && message.length < 28U + sources * 16U) {
    line.put(" [invalid number of sources]");
  } else if (sources > 0) {
    line.put(", ", sources, " source(s)");
  }
  line.put("]");
}

void put_icmp6_body(const Message& message, std::uint8_t type, std::uint8_t code, Line& line) {
  const Bytes bytes = message.bytes;
  switch (type) {
    case 1: return put_unreachable6(bytes, code, line);
    case 2: return line.put(", mtu ", line.u32(bytes, 4));
    case 3:
      if (code == 0) return line.put(" for ", line.ipv6(bytes, kQuotedDst6));
      return code == 1 ? line.put(" (reassembly)") : line.put(", unknown code (", code, ")");
    case 4: return put_parameter_problem6(bytes, code, line);
    case 128:
    case 129: return line.put(", id ", line.u16(bytes, 4), ", seq ", line.u16(bytes, 6));
    case 130: return put_listener_query6(message, line);
    case 131:
    case 132: return put_listener6(bytes, line);
    case 135: return line.put(", who has ", line.ipv6(bytes, 8));
    case 136: return line.put(", tgt is ", line.ipv6(bytes, 8));
    case 137: return line.put(", ", line.ipv6(bytes, 24), " to ", line.ipv6(bytes, 8));
    case 143:
      if (message.length < 8) return line.put(" [invalid len ", message.length, "]");
      return line.put(", ", line.u16(bytes, 6), " group record(s)");
    case 144:
    case 146: {
      const std::uint16_t id = line.u16(bytes, 4);
      line.put(", id 0x");
      return line.put_hex(id);
    }
    default: return;
  }
}

}  // namespace

void describe_icmp6(const Message& message, Line& line) {
  line.enter("icmp6");
  if (message.length == 0) {
    line.put("ICMP6, length 0");
    return line.put_invalid();
  }
  const std::uint8_t type = line.u8(message.bytes, 0);
  if (const std::string_view name = icmp6_name(type); !name.empty()) {
    line.put("ICMP6, ", name);
  } else {
    line.put("ICMP6, unknown icmp6 type (", type, ")");
  }
  put_icmp6_body(message, type, line.u8(message.bytes, 1), line);
  line.put(", length ", message.length);
  if (icmp6_name(type).empty() && !line.ended()) put_dump(message.bytes, Dump::hex, line);
}

}  // namespace strata::describing
