// The IP layer of describe: IPv4, IPv6 with its option headers, and the choice of the printer for what they
// carry.
#include <algorithm>

#include "wire/describe_line.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"

namespace strata::describing {
namespace {

constexpr std::uint8_t kProtocolHopByHop = 0;
constexpr std::uint8_t kProtocolIgmp = 2;
constexpr std::uint8_t kProtocolIpv4 = 4;
constexpr std::uint8_t kProtocolIpv6 = 41;
constexpr std::uint8_t kProtocolIcmp6 = 58;
constexpr std::uint8_t kProtocolNone = 59;
constexpr std::uint8_t kProtocolDestinationOptions = 60;
constexpr std::size_t kIpv6Size = 40;

/// These print the addresses together with the ports.
bool has_ports(std::uint8_t protocol) { return protocol == kProtocolTcp || protocol == kProtocolUdp; }

void put_requires(std::string_view protocol, std::string_view version, Line& line) {
  line.put("[", protocol, " requires ", version, "]");
  line.put_invalid();
}

void describe_payload(std::uint8_t protocol, const Message& message, bool is_ipv4, FlowBases& flows,
                      Line& line) {
  switch (protocol) {
    case kProtocolTcp: return describe_tcp(message, flows, line);
    case kProtocolUdp: return describe_udp(message, line);
    case kProtocolIcmp: return is_ipv4 ? describe_icmp(message, line) : put_requires("ICMP", "IPv4", line);
    case kProtocolIgmp: return is_ipv4 ? describe_igmp(message, line) : put_requires("IGMP", "IPv4", line);
    case kProtocolIcmp6:
      return is_ipv4 ? put_requires("ICMPv6", "IPv6", line) : describe_icmp6(message, line);
    case kProtocolIpv4: return describe_ipv4(message.bytes, message.length, flows, line);
    case kProtocolIpv6: return describe_ipv6(message.bytes, message.length, flows, line);
    case kProtocolNone: return line.put("no next header");
    default: line.put(" ip-proto-", protocol, " ", message.length);
  }
}

/// The header fields are known to be captured.
void describe_ipv4_payload(Bytes packet, std::uint32_t total, FlowBases& flows, Line& line) {
  const std::size_t header = std::size_t{packet[0] & 0x0fU} * 4;
  const std::uint16_t fragment = line.u16(packet, 6);
  const std::uint8_t protocol = packet[9];
  Message message{.bytes = {},
                  .length = total - static_cast<std::uint32_t>(header),
                  .src = IpAddress::v4(line.u32(packet, 12)),
                  .dst = IpAddress::v4(line.u32(packet, 16)),
                  .after_extension = false,
                  .fragmented = (fragment & 0x2000) != 0};
  if ((fragment & 0x1fff) != 0) {
    put_addresses(message.src, message.dst, line);
    return line.put(" ip-proto-", protocol);
  }
  if (!has_ports(protocol)) {
    put_addresses(message.src, message.dst, line);
    line.put(' ');
  }
  if (packet.size() < header) {
    line.put(" [remaining caplen(", packet.size(), ") < header length(", header, ")]");
    return line.end_truncated();
  }
  message.bytes = packet.subspan(header);
  describe_payload(protocol, message, true, flows, line);
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

/// Skips a hop-by-hop or destination options header; its size, or 0 when it is cut.
std::size_t describe_extension(std::uint8_t kind, Bytes rest_of_packet, Line& line) {
  line.enter(kind == kProtocolHopByHop ? "hbhopt" : "dstopt");
  const std::size_t size = (std::size_t{line.u8(rest_of_packet, 1)} + 1) * 8;
  if (line.ended()) return 0;
  if (rest_of_packet.size() < size) {
    line.put_truncated();
    return 0;
  }
  line.put(kind == kProtocolHopByHop ? "HBH " : "DSTOPT ");
  if (kind == kProtocolHopByHop && !check_options(rest_of_packet.subspan(2, size - 2), line)) {
    line.put_truncated();
    return 0;
  }
  line.enter("ip6");
  return size;
}

bool is_extension(std::uint8_t protocol) {
  return protocol == kProtocolHopByHop || protocol == kProtocolDestinationOptions;
}

void describe_ipv6_payload(Bytes packet, std::uint32_t length, FlowBases& flows, Line& line) {
  std::uint8_t next = packet[6];
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
    const std::size_t size = describe_extension(next, message.bytes, line);
    if (size == 0) return;
    if (size > message.length) return line.put_truncated();
    next = message.bytes[0];
    message.bytes = message.bytes.subspan(size);
    message.length -= static_cast<std::uint32_t>(size);
  }
  describe_payload(next, message, false, flows, line);
}

}  // namespace

std::string address_text(const IpAddress& address) {
  const IpAddress::Octets& octets = address.octets();
  const bool embeds =
      std::all_of(octets.begin(), octets.begin() + 12, [](std::uint8_t octet) { return octet == 0; });
  const std::uint32_t low = load_be<std::uint32_t>(octets.data() + 12);
  return embeds && low > 0xffff ? "::" + to_string(IpAddress::v4(low)) : to_string(address);
}

void put_addresses(const IpAddress& src, const IpAddress& dst, Line& line) {
  line.put(address_text(src), " > ", address_text(dst), ":");
}

void put_ports(const Message& message, std::uint16_t src_port, std::uint16_t dst_port, Line& line) {
  if (message.after_extension) return line.put(src_port, " > ", dst_port, ": ");
  line.put(address_text(message.src), ".", src_port, " > ", address_text(message.dst), ".", dst_port, ": ");
}

void describe_ipv4(Bytes packet, std::uint32_t length, FlowBases& flows, Line& line) {
  line.enter("ip");
  const auto version = static_cast<std::uint8_t>(line.u8(packet, 0) >> 4);
  if (line.ended()) return;
  if (version != 4) {
    if (version == 6) {
      line.put("IP6, wrong link-layer encapsulation");
    } else {
      line.put("IP", version);
    }
    return line.put_invalid();
  }
  line.put("IP ");
  if (packet.size() < Ipv4View::kMinSize) return line.put_truncated();
  if (length < Ipv4View::kMinSize) return line.put("truncated-ip ", length);
  const std::uint32_t header = std::uint32_t{packet[0] & 0x0fU} * 4;
  if (header < Ipv4View::kMinSize) return line.put("bad-hlen ", header);
  const std::uint32_t total = line.u16(packet, 2);
  if (length < total) line.put("truncated-ip - ", total - length, " bytes missing! ");
  if (total < header) return line.put("bad-len ", total);
  describe_ipv4_payload(cut(packet, total), total, flows, line);
}

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
