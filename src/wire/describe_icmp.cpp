// ICMPv4 and IGMP in describe.
#include "wire/describe_line.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"

namespace strata::describing {
namespace {

constexpr std::size_t kQuoted = 8;  ///< where the quoted datagram starts
constexpr std::size_t kQuotedDst4 = kQuoted + 16;

std::string unreachable_port(Bytes message, Line& line) {
  const std::uint8_t protocol = line.u8(message, kQuoted + 9);
  const std::size_t header = std::size_t{line.u8(message, kQuoted) & 0x0fU} * 4;
  const std::uint16_t port = line.u16(message, kQuoted + header + 2);
  const std::string dst = line.ipv4(message, kQuotedDst4);
  if (protocol == kProtocolTcp) return dst + " tcp port " + std::to_string(port) + " unreachable";
  if (protocol == kProtocolUdp) return dst + " udp port " + std::to_string(port) + " unreachable";
  return dst + " protocol " + std::to_string(protocol) + " port " + std::to_string(port) + " unreachable";
}

std::string unreachable(Bytes message, std::uint8_t code, Line& line) {
  if (code == icmp_code::kPort) return unreachable_port(message, line);
  const std::string dst = line.ipv4(message, kQuotedDst4);
  switch (code) {
    case icmp_code::kNet: return "net " + dst + " unreachable";
    case icmp_code::kHost: return "host " + dst + " unreachable";
    case icmp_code::kProtocol:
      return dst + " protocol " + std::to_string(line.u8(message, kQuoted + 9)) + " unreachable";
    case icmp_code::kFragmentationNeeded: {
      const std::uint16_t mtu = line.u16(message, 6);
      return dst + " unreachable - need to frag" + (mtu != 0 ? " (mtu " + std::to_string(mtu) + ")" : "");
    }
    case icmp_code::kSourceRouteFailed: return dst + " unreachable - source route failed";
    case 6: return "net " + dst + " unreachable - unknown";
    case 7: return "host " + dst + " unreachable - unknown";
    case 8: return dst + " unreachable - source host isolated";
    case 9: return "net " + dst + " unreachable - admin prohibited";
    case 10: return "host " + dst + " unreachable - admin prohibited";
    case 11: return "net " + dst + " unreachable - tos prohibited";
    case 12: return "host " + dst + " unreachable - tos prohibited";
    case icmp_code::kAdminProhibited: return "host " + dst + " unreachable - admin prohibited filter";
    case 14: return "host " + dst + " unreachable - host precedence violation";
    case 15: return "host " + dst + " unreachable - precedence cutoff";
    default: return dst + " unreachable - #" + std::to_string(code);
  }
}

std::string redirect(Bytes message, std::uint8_t code, Line& line) {
  const std::string dst = line.ipv4(message, kQuotedDst4);
  const std::string gateway = line.ipv4(message, 4);
  switch (code) {
    case 0: return "redirect " + dst + " to net " + gateway;
    case 1: return "redirect " + dst + " to host " + gateway;
    case 2: return "redirect-tos " + dst + " to net " + gateway;
    case 3: return "redirect-tos " + dst + " to host " + gateway;
    default: return "redirect-#" + std::to_string(code) + " " + dst + " to " + gateway;
  }
}

std::string time_exceeded(Bytes message, std::uint8_t code, Line& line) {
  line.u32(message, kQuotedDst4);
  if (code == 0) return "time exceeded in-transit";
  if (code == 1) return "ip reassembly time exceeded";
  return "time exceeded-#" + std::to_string(code);
}

std::string numbered(std::string_view what, Bytes message, std::string_view separator, Line& line) {
  return std::string(what) + " id " + std::to_string(line.u16(message, 4)) + std::string(separator) +
         std::to_string(line.u16(message, 6));
}

std::string icmp_text(Bytes message, Line& line) {
  const std::uint8_t type = line.u8(message, 0);
  const std::uint8_t code = line.u8(message, 1);
  switch (type) {
    case icmp_type::kEchoReply: return numbered("echo reply,", message, ", seq ", line);
    case icmp_type::kEchoRequest: return numbered("echo request,", message, ", seq ", line);
    case icmp_type::kUnreachable: return unreachable(message, code, line);
    case icmp_type::kSourceQuench: return "source quench";
    case icmp_type::kRedirect: return redirect(message, code, line);
    case icmp_type::kTimeExceeded: return time_exceeded(message, code, line);
    case icmp_type::kParameterProblem:
      if (code != 0) return "parameter problem - code " + std::to_string(code);
      return "parameter problem - octet " + std::to_string(line.u8(message, 4));
    case 10: return "router solicitation";
    case 13: return numbered("time stamp query", message, " seq ", line);
    case 15: return "information request";
    case 16: return "information reply";
    case 17: return "address mask request";
    default: return "type-#" + std::to_string(type);
  }
}

}  // namespace

void describe_icmp(const Message& message, Line& line) {
  line.enter("icmp");
  const std::string text = icmp_text(message.bytes, line);
  line.put("ICMP ", text, ", length ", message.length);
}

void describe_igmp(const Message& message, Line& line) {
  line.enter("igmp");
  const Bytes bytes = message.bytes;
  const std::uint8_t type = line.u8(bytes, 0);
  switch (type) {
    case 0x11: return line.put("igmp query");
    case 0x12: line.put("igmp v1 report ", line.ipv4(bytes, 4)); break;
    case 0x16: return line.put("igmp v2 report ", line.ipv4(bytes, 4));
    case 0x17: return line.put("igmp leave ", line.ipv4(bytes, 4));
    case 0x22:
      line.put("igmp v3 report");
      if (message.length < 16 || message.length % 4 != 0)
        return line.put(" [invalid len ", message.length, "]");
      return line.put(", ", line.u16(bytes, 6), " group record(s)");
    default: return line.put("igmp-", type);
  }
  if (message.length != 8) line.put(" [len ", message.length, "]");
}

}  // namespace strata::describing
