// IPv4 in describe, and the choice of the printer for what IP carries.
#include <algorithm>

#include "wire/describe_line.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"

namespace strata::describing {
namespace {

constexpr std::uint8_t kProtocolIgmp = 2;
constexpr std::uint8_t kProtocolIpv4 = 4;

void put_requires(std::string_view protocol, std::string_view version, Line& line) {
  line.put("[", protocol, " requires ", version, "]");
  line.put_invalid();
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

}  // namespace

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
    case kProtocolNoNext: return line.put("no next header");
    default: line.put(" ip-proto-", protocol, " ", message.length);
  }
}

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

}  // namespace strata::describing
