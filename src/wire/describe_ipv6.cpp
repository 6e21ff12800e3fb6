// IPv6 in describe: the header, then whatever extension headers come (RFC 8200 §4), each in its own words.
#include "wire/describe_line.hpp"

namespace strata::describing {
namespace {

constexpr std::size_t kIpv6Size = Ipv6View::kSize;
constexpr std::uint8_t kProtocolEsp = 50;
constexpr std::uint8_t kProtocolAh = 51;
constexpr std::uint8_t kProtocolIpComp = 108;

/// The value is read before, so a cut shows no name without one.
void put_hex_field(std::string_view name, std::uint32_t value, Line& line) {
  line.put(name);
  line.put_short_hex(value);
}

/// Whether the hop-by-hop options are well formed, as far as tcpdump looks: every one within the header, the
/// router alert (RFC 2711 §2.1) two bytes long.
bool check_options(Bytes options, Line& line) {
  constexpr std::uint8_t kPad1 = 0;
  constexpr std::uint8_t kRouterAlert = 5;
  while (!options.empty()) {
    if (options[0] == kPad1) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options[1] + 2U > options.size()) return false;
    if (options[0] == kRouterAlert && options[1] != 2) {
      line.put("(rtalert: invalid len ", options[1], ")");
      return false;
    }
    options = options.subspan(options[1] + 2U);
  }
  return true;
}

/// Each of these puts what one header says and gives its size, or 0 when the line ends with it.
std::size_t put_options(std::uint8_t kind, const Message& message, Line& line) {
  const bool hop_by_hop = kind == kProtocolHopByHop;
  line.enter(hop_by_hop ? "hbhopt" : "dstopt");
  const std::size_t size = (std::size_t{line.u8(message.bytes, 1)} + 1) * 8;
  if (line.ended()) return 0;
  if (message.bytes.size() < size) {
    line.put_truncated();
    return 0;
  }
  line.put(hop_by_hop ? "HBH " : "DSTOPT ");
  if (hop_by_hop && !check_options(message.bytes.subspan(2, size - 2), line)) {
    line.put_truncated();
    return 0;
  }
  return size;
}

std::size_t put_fragment(const Message& message, Line& line) {
  line.enter("frag6");
  const std::uint16_t offset = line.u16(message.bytes, 2) & 0xfff8;
  line.put("frag (", offset, "|");
  if (message.length < Ipv6Fragment::kSize) {
    line.put_invalid();
    return 0;
  }
  line.put(message.length - Ipv6Fragment::kSize, ")");
  if (offset != 0) return 0;
  line.put(' ');
  return Ipv6Fragment::kSize;
}

void put_segments(Bytes header, unsigned count, Line& line) {
  for (unsigned i = 0; i < count; ++i) line.put(", [", i, "]", line.ipv6(header, 8 + i * std::size_t{16}));
}

std::size_t put_routing(const Message& message, Line& line) {
  constexpr std::uint8_t kDeprecated = 0;
  constexpr std::uint8_t kHomeAddress = 2;
  constexpr std::uint8_t kSegments = 4;  // RFC 8754
  const Bytes header = message.bytes;
  line.enter("rt6");
  line.put("RT6");
  const unsigned units = line.u8(header, 1);
  line.put(" (len=", units);
  const std::uint8_t type = line.u8(header, 2);
  line.put(", type=", type, type == kDeprecated ? " [Deprecated]" : "");
  line.put(", segleft=", line.u8(header, 3));
  if (type == kSegments) {
    line.put(", last-entry=", line.u8(header, 4));
    if (const std::uint8_t flags = line.u8(header, 5); flags != 0) put_hex_field(", flags=0x", flags, line);
    put_hex_field(", tag=", line.u16(header, 6), line);
  } else if (type == kDeprecated || type == kHomeAddress) {
    if (const std::uint32_t reserved = line.u32(header, 4); reserved != 0)
      put_hex_field(", rsv=0x", reserved, line);
  } else {
    line.put(" (unknown type)");
    line.put_invalid();
    return 0;
  }
  if (units % 2 == 1) {
    line.put(" (invalid length ", units, ")");
    line.put_invalid();
    return 0;
  }
  put_segments(header, units / 2, line);
  line.put(") ");
  return line.ended() ? 0 : (units + 1) * std::size_t{8};
}

std::size_t put_authentication(const Message& message, Line& line) {
  constexpr std::size_t kFixed = 12;
  line.enter("ah");
  const std::size_t size = (std::size_t{line.u8(message.bytes, 1)} + 2) * 4;
  line.put("AH(");
  if (const std::uint16_t reserved = line.u16(message.bytes, 2); reserved != 0)
    line.put("rsv=", reserved, ",");
  line.put("spi=0x");
  line.put_hex(line.u32(message.bytes, 4));
  put_hex_field(",seq=0x", line.u32(message.bytes, 8), line);
  line.put(",icv=0x");
  for (std::size_t at = kFixed; at < size; ++at) line.put_hex(line.u8(message.bytes, at));
  line.put("): ");
  return line.ended() ? 0 : size;
}

void put_encrypted(const Message& message, Line& line) {
  line.enter("esp");
  const std::uint32_t spi = line.u32(message.bytes, 0);
  const std::uint32_t seq = line.u32(message.bytes, 4);
  line.put("ESP(spi=0x");
  line.put_hex(spi);
  put_hex_field(",seq=0x", seq, line);
  line.put("), length ", message.length);
}

void put_compressed(const Message& message, Line& line) {
  line.enter("ipcomp");
  const std::uint16_t cpi = line.u16(message.bytes, 2);
  line.put("IPComp(cpi=0x");
  line.put_hex(cpi);
  line.put(")");
}

bool is_extension(std::uint8_t protocol) {
  return protocol == kProtocolHopByHop || protocol == kProtocolDestinationOptions ||
         protocol == kProtocolRouting || protocol == kProtocolFragment || protocol == kProtocolAh;
}

std::size_t put_extension(std::uint8_t kind, const Message& message, Line& line) {
  switch (kind) {
    case kProtocolFragment: return put_fragment(message, line);
    case kProtocolRouting: return put_routing(message, line);
    case kProtocolAh: return put_authentication(message, line);
    default: return put_options(kind, message, line);
  }
}

void describe_ipv6_payload(Bytes packet, std::uint32_t length, FlowBases& flows, Line& line) {
  std::uint8_t next = packet[Ipv6View::kNextHeaderAt];
  Message message{.bytes = rest(packet, kIpv6Size),
                  .length = length,
                  .src = load_ipv6(packet.data() + 8),
                  .dst = load_ipv6(packet.data() + 24),
                  .after_extension = !has_ports(next),
                  .fragmented = false};
  if (!has_ports(next)) {
    put_addresses(message.src, message.dst, line);
    line.put(' ');
  }
  while (is_extension(next)) {
    if (next == kProtocolHopByHop && message.length != length) {
      line.put("[The Hop-by-Hop Options header don't follow the IPv6 header]");
      return line.put_invalid();
    }
    const std::size_t size = put_extension(next, message, line);
    if (size == 0) return;
    if (size > message.length || size > message.bytes.size()) return line.put_truncated();
    if (next == kProtocolFragment) message.fragmented = true;
    line.enter("ip6");
    next = message.bytes[0];
    message.bytes = message.bytes.subspan(size);
    message.length -= static_cast<std::uint32_t>(size);
  }
  if (next == kProtocolEsp) return put_encrypted(message, line);
  if (next == kProtocolIpComp) return put_compressed(message, line);
  describe_payload(next, message, false, flows, line);
}

}  // namespace

void describe_ipv6(Bytes packet, std::uint32_t length, FlowBases& flows, Line& line) {
  line.enter("ip6");
  if (packet.size() < kIpv6Size) return line.put_truncated();
  if (length < kIpv6Size) return line.put("truncated-ip6 ", length);
  line.put("IP6 ");
  const auto version = static_cast<std::uint8_t>(packet[0] >> 4);
  if (version != 6) return line.put("version error: ", version, " != 6");
  const std::uint32_t payload = line.u16(packet, 4);
  const std::uint32_t total = payload + kIpv6Size;
  if (length < total) line.put("truncated-ip6 - ", total - length, " bytes missing!");
  describe_ipv6_payload(cut(packet, total), payload, flows, line);
}

}  // namespace strata::describing
