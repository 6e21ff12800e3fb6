// The link layer of describe: Ethernet with VLAN tags, ARP, raw IP, and a dump for what is unknown.
#include "wire/describe.hpp"

#include "wire/arp.hpp"
#include "wire/describe_line.hpp"

namespace strata {
namespace describing {
namespace {

constexpr std::uint16_t kEtherTypeReverseArp = 0x8035;
constexpr std::uint16_t kEtherTypeTrailer = 0x1000;
constexpr std::uint16_t kLengthMax = 1500;  // below this the type field is an IEEE 802.3 length

bool is_vlan(std::uint16_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

std::string_view hardware_name(std::uint16_t hardware) {
  switch (hardware) {
    case 1: return "Ethernet";
    case 6: return "TokenRing";
    case 7: return "ArcNet";
    case 15: return "FrameRelay";
    case 23: return "Strip";
    case 24: return "IEEE 1394";
    case 32: return "InfiniBand";
    default: return {};
  }
}

std::string_view type_name(std::uint16_t type) {
  switch (type) {
    case kEtherTypeIpv4: return "IPv4";
    case kEtherTypeArp: return "ARP";
    case kEtherTypeIpv6: return "IPv6";
    case kEtherTypeReverseArp: return "Reverse ARP";
    case kEtherTypeTrailer: return "Trail";
    default: return {};
  }
}

/// Where the fields of an ARP packet with addresses of any size lie.
struct ArpLayout {
  std::uint16_t hardware;
  std::uint16_t protocol;
  std::uint16_t operation;
  std::uint8_t hardware_size;
  std::uint8_t protocol_size;

  static constexpr std::size_t kSenderHardware = 8;
  std::size_t sender_protocol() const { return kSenderHardware + hardware_size; }
  std::size_t target_hardware() const { return sender_protocol() + protocol_size; }
  std::size_t target_protocol() const { return target_hardware() + hardware_size; }
  std::size_t size() const { return target_protocol() + protocol_size; }
  bool is_printable() const {
    return (protocol == kEtherTypeIpv4 || protocol == kEtherTypeTrailer) && protocol_size == 4 &&
           hardware_size != 0;
  }
};

void put_hardware_address(Bytes packet, std::size_t at, std::size_t size, Line& line) {
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) line.put(':');
    line.put_hex(line.u8(packet, at + i));
  }
}

bool is_zero(Bytes bytes) {
  for (const std::uint8_t byte : bytes) {
    if (byte != 0) return false;
  }
  return true;
}

void put_foreign_arp(const ArpLayout& arp, Line& line) {
  if (const std::string_view name = hardware_name(arp.hardware); !name.empty()) {
    line.put(name);
  } else {
    line.put("Unknown Hardware (", arp.hardware, ")");
  }
  line.put(" (len ", arp.hardware_size, "), ");
  if (const std::string_view name = type_name(arp.protocol); !name.empty()) {
    line.put(name);
  } else {
    line.put("Unknown Protocol (0x");
    line.put_hex(arp.protocol);
    line.put(")");
  }
  line.put(" (len ", arp.protocol_size, ")");
}

/// False for an operation that is unknown.
bool put_arp_operation(Bytes packet, const ArpLayout& arp, Line& line) {
  const auto put_hardware = [&](std::size_t at) {
    put_hardware_address(packet, at, arp.hardware_size, line);
  };
  switch (arp.operation) {
    case kArpRequest:
      line.put("Request who-has ", line.ipv4(packet, arp.target_protocol()));
      if (!is_zero(packet.subspan(arp.target_hardware(), arp.hardware_size))) {
        line.put(" (");
        put_hardware(arp.target_hardware());
        line.put(")");
      }
      line.put(" tell ", line.ipv4(packet, arp.sender_protocol()));
      return true;
    case kArpReply:
      line.put("Reply ", line.ipv4(packet, arp.sender_protocol()), " is-at ");
      put_hardware(ArpLayout::kSenderHardware);
      return true;
    case 3:
    case 8:
      line.put(arp.operation == 3 ? "Reverse Request" : "Inverse Request", " who-is ");
      put_hardware(arp.target_hardware());
      line.put(" tell ");
      put_hardware(ArpLayout::kSenderHardware);
      return true;
    case 4:
      line.put("Reverse Reply ");
      put_hardware(arp.target_hardware());
      line.put(" at ", line.ipv4(packet, arp.target_protocol()));
      return true;
    case 9:
      line.put("Inverse Reply ");
      put_hardware(ArpLayout::kSenderHardware);
      line.put(" at ", line.ipv4(packet, arp.sender_protocol()));
      return true;
    default: line.put("Unknown (", arp.operation, ") "); return false;
  }
}

void describe_arp(Bytes packet, std::size_t length, Line& line) {
  line.enter("arp");
  if (packet.size() < 8) return line.put_truncated();
  const ArpLayout arp{.hardware = line.u16(packet, 0),
                      .protocol = line.u16(packet, 2),
                      .operation = line.u16(packet, 6),
                      .hardware_size = line.u8(packet, 4),
                      .protocol_size = line.u8(packet, 5)};
  if (packet.size() < arp.size()) return line.put_truncated();
  line.put("ARP, ");
  if (!arp.is_printable()) {
    put_foreign_arp(arp, line);
  } else if (!put_arp_operation(packet, arp, line)) {
    return put_dump(packet, Dump::hex_and_ascii, line);
  }
  line.put(", length ", length);
}

void put_unknown_type(Bytes frame, std::size_t frame_length, std::uint16_t type, Bytes payload, Line& line) {
  line.put(line.mac(frame, 6), " > ", line.mac(frame, 0), ", ethertype Unknown (0x");
  line.put_hex(type);
  line.put("), length ", frame_length, ": ");
  put_dump(payload, Dump::hex_and_ascii, line);
}

void describe_ethernet(Bytes frame, std::size_t length, FlowBases& flows, Line& line) {
  line.enter("ether");
  if (frame.size() < EthernetView::kSize) return line.put_truncated();
  std::uint16_t type = line.u16(frame, 12);
  std::size_t offset = EthernetView::kSize;
  for (; is_vlan(type); offset += 4) {
    if (frame.size() < offset + 4) {
      line.enter("vlan");
      return line.put_truncated();
    }
    type = line.u16(frame, offset + 2);
  }
  const Bytes payload = rest(frame, offset);
  const auto left = static_cast<std::uint32_t>(length - offset);
  switch (type) {
    case kEtherTypeIpv4: return describe_ipv4(payload, left, flows, line);
    case kEtherTypeIpv6: return describe_ipv6(payload, left, flows, line);
    case kEtherTypeArp:
    case kEtherTypeReverseArp: return describe_arp(payload, left, line);
    default: break;
  }
  if (type > kLengthMax) return put_unknown_type(frame, length, type, payload, line);
  line.enter("llc");
  line.put_truncated();
  put_dump(cut(payload, type), Dump::hex_and_ascii, line);
}

void describe_raw(Bytes packet, std::size_t length, FlowBases& flows, Line& line) {
  const std::uint8_t version = packet[0] >> 4;
  if (version == 4) return describe_ipv4(packet, static_cast<std::uint32_t>(length), flows, line);
  if (version == 6) return describe_ipv6(packet, static_cast<std::uint32_t>(length), flows, line);
  line.put("unknown ip ", version);
}

char printable(std::uint8_t byte) { return byte > 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.'; }

}  // namespace

void put_dump(Bytes bytes, Dump dump, Line& line) {
  constexpr std::size_t kPerLine = 16;
  constexpr std::size_t kHexWidth = 40;
  for (std::size_t start = 0; start < bytes.size(); start += kPerLine) {
    const Bytes row = cut(bytes.subspan(start), kPerLine);
    line.put("\n\t0x");
    line.put_hex(static_cast<std::uint16_t>(start));
    line.put(": ");
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i % 2 == 0) line.put(' ');
      line.put_hex(row[i]);
    }
    if (dump == Dump::hex) continue;
    const std::size_t width = row.size() * 2 + (row.size() + 1) / 2;
    line.put(std::string(kHexWidth - width + 2, ' '));
    for (const std::uint8_t byte : row) line.put(printable(byte));
  }
}

}  // namespace describing

const FlowBases::Base* FlowBases::find(const Key& key) const {
  const auto found = bases_.find(key);
  return found == bases_.end() ? nullptr : &found->second;
}

void FlowBases::set(const Key& key, const Base& base) {
  if (bases_.size() >= kFlowsMax && !bases_.contains(key)) bases_.clear();
  bases_[key] = base;
}

std::string Describer::describe(Bytes frame, const DescribeOptions& options) {
  const std::size_t length = options.wire_size == 0 ? frame.size() : options.wire_size;
  describing::Line line;
  if (options.link == LinkType::ethernet) {
    describing::describe_ethernet(frame, length, flows_, line);
  } else if (!frame.empty()) {
    describing::describe_raw(frame, length, flows_, line);
  }
  return line.take();
}

std::string describe_frame(Bytes frame, const DescribeOptions& options) {
  return Describer().describe(frame, options);
}

}  // namespace strata
