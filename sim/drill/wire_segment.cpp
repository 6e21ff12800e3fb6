#include "sim/drill/wire_segment.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "wire/checksum.hpp"
#include "wire/icmp6.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"
#include "wire/tcp.hpp"
#include "wire/tcp_option_kind.hpp"

namespace strata::drill {
namespace {

constexpr std::uint16_t kFastOpenMagic = 0xf989;

void put_u16(Frame& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}

void put_u32(Frame& to, std::uint32_t value) {
  put_u16(to, value >> 16);
  put_u16(to, value);
}

void put_u24(Frame& to, std::uint32_t value) {
  to.push_back(static_cast<std::uint8_t>(value >> 16));
  put_u16(to, value);
}

bool is_accurate_ecn(const Option& option) {
  return option.kind == Option::Kind::accurate_ecn_0 || option.kind == Option::Kind::accurate_ecn_1;
}

std::uint8_t kind_of(const Option& option) {
  switch (option.kind) {
    case Option::Kind::end_of_list: return kEndOfList;
    case Option::Kind::no_operation: return kNoOperation;
    case Option::Kind::mss: return kMss;
    case Option::Kind::window_scale: return kWindowScale;
    case Option::Kind::sack_permitted: return kSackPermitted;
    case Option::Kind::sack: return kSack;
    case Option::Kind::timestamps: return kTimestamps;
    case Option::Kind::fast_open: return kFastOpen;
    case Option::Kind::fast_open_experimental: return kExperiment;
    case Option::Kind::accurate_ecn_0: return kAccEcn0;
    case Option::Kind::accurate_ecn_1: return kAccEcn1;
    case Option::Kind::other: break;
  }
  return kNoOperation;
}

std::size_t option_size(const Option& option) {
  switch (option.kind) {
    case Option::Kind::end_of_list:
    case Option::Kind::no_operation:
    case Option::Kind::other: return 1;
    case Option::Kind::mss: return 4;
    case Option::Kind::window_scale: return 3;
    case Option::Kind::sack_permitted: return 2;
    case Option::Kind::sack: return 2 + 4 * option.numbers.size();
    case Option::Kind::timestamps: return 10;
    case Option::Kind::fast_open: return 2 + option.bytes.size();
    case Option::Kind::fast_open_experimental: return 4 + option.bytes.size();
    case Option::Kind::accurate_ecn_0:
    case Option::Kind::accurate_ecn_1: return 2 + 3 * option.numbers.size();
  }
  return 0;
}

void put_option(Frame& to, const Option& option) {
  to.push_back(kind_of(option));
  if (option_size(option) == 1) return;
  to.push_back(static_cast<std::uint8_t>(option_size(option)));
  if (option.kind == Option::Kind::fast_open_experimental) put_u16(to, kFastOpenMagic);
  for (const std::uint32_t number : option.numbers) {
    if (option.kind == Option::Kind::window_scale) to.push_back(static_cast<std::uint8_t>(number));
    if (option.kind == Option::Kind::mss) put_u16(to, number);
    if (is_accurate_ecn(option)) put_u24(to, number);
    if (option.kind == Option::Kind::sack || option.kind == Option::Kind::timestamps) put_u32(to, number);
  }
  to.insert(to.end(), option.bytes.begin(), option.bytes.end());
}

std::vector<std::uint32_t> words_of(Bytes data) {
  std::vector<std::uint32_t> words;
  for (; data.size() >= 4; data = data.subspan(4)) words.push_back(load_be<std::uint32_t>(data.data()));
  return words;
}

/// RFC 9768 §3.2.3: as many fields of three bytes as there are.
std::vector<std::uint32_t> counters_of(Bytes data) {
  std::vector<std::uint32_t> counters;
  for (; data.size() >= 3 && counters.size() < 3; data = data.subspan(3)) {
    counters.push_back(std::uint32_t{data[0]} << 16 | std::uint32_t{data[1]} << 8 | data[2]);
  }
  return counters;
}

Option read_option(std::uint8_t kind, Bytes data) {
  Option option;
  if (kind == kMss && data.size() == 2) {
    option.kind = Option::Kind::mss;
    option.numbers = {load_be<std::uint16_t>(data.data())};
  } else if (kind == kWindowScale && data.size() == 1) {
    option.kind = Option::Kind::window_scale;
    option.numbers = {data[0]};
  } else if (kind == kSackPermitted && data.empty()) {
    option.kind = Option::Kind::sack_permitted;
  } else if (kind == kSack && !data.empty() && data.size() % 8 == 0) {
    option.kind = Option::Kind::sack;
    option.numbers = words_of(data);
  } else if (kind == kTimestamps && data.size() == 8) {
    option.kind = Option::Kind::timestamps;
    option.numbers = words_of(data);
  } else if (kind == kAccEcn0 || kind == kAccEcn1) {
    option.kind = kind == kAccEcn0 ? Option::Kind::accurate_ecn_0 : Option::Kind::accurate_ecn_1;
    option.numbers = counters_of(data);
  } else if (kind == kFastOpen) {
    option.kind = Option::Kind::fast_open;
    option.bytes.assign(data.begin(), data.end());
  } else if (kind == kExperiment && data.size() >= 2 &&
             load_be<std::uint16_t>(data.data()) == kFastOpenMagic) {
    option.kind = Option::Kind::fast_open_experimental;
    option.bytes.assign(data.begin() + 2, data.end());
  } else {
    option.text = "kind " + std::to_string(kind) + " of " + std::to_string(data.size() + 2) + " bytes";
  }
  return option;
}

/// Every option and all of the padding; nothing when a length is impossible.
std::optional<std::vector<Option>> read_options(Bytes bytes) {
  std::vector<Option> options;
  while (!bytes.empty()) {
    if (bytes[0] == kEndOfList || bytes[0] == kNoOperation) {
      Option option;
      option.kind = bytes[0] == kEndOfList ? Option::Kind::end_of_list : Option::Kind::no_operation;
      options.push_back(option);
      bytes = bytes.subspan(1);
      continue;
    }
    if (bytes.size() < 2 || bytes[1] < 2 || bytes[1] > bytes.size()) return std::nullopt;
    options.push_back(read_option(bytes[0], bytes.subspan(2, bytes[1] - 2U)));
    bytes = bytes.subspan(bytes[1]);
  }
  return options;
}

/// What the IP header of a frame says, whichever family it is of.
struct IpLayer {
  IpAddress src;
  IpAddress dst;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t protocol = 0;
  Bytes payload;
};

std::expected<IpLayer, ParseError> read_ip(Bytes frame) {
  if (!frame.empty() && frame[0] >> 4 == 6) {
    const auto ip = Ipv6View::parse(frame);
    if (!ip) return std::unexpected(ip.error());
    return IpLayer{.src = ip->src(),
                   .dst = ip->dst(),
                   .traffic_class = ip->traffic_class(),
                   .hop_limit = ip->hop_limit(),
                   .protocol = ip->next_header(),
                   .payload = ip->bytes().subspan(Ipv6View::kSize)};
  }
  const auto ip = Ipv4View::parse(frame);
  if (!ip) return std::unexpected(ip.error());
  return IpLayer{.src = ip->src(),
                 .dst = ip->dst(),
                 .traffic_class = static_cast<std::uint8_t>(ip->dscp() << 2 | ip->ecn()),
                 .hop_limit = ip->ttl(),
                 .protocol = ip->protocol(),
                 .payload = ip->payload()};
}

bool checksum_is_valid(const IpLayer& ip) {
  InternetChecksum sum =
      pseudo_header(ip.src, ip.dst, kProtocolTcp, static_cast<std::uint32_t>(ip.payload.size()));
  sum.add(ip.payload);
  return sum.is_valid();
}

std::size_t ip_size(const WireSegment& segment) {
  return segment.to.address.is_v4() ? Ipv4Header::kSize : Ipv6Header::kSize;
}

void write_ip(std::uint8_t* to, const WireSegment& segment, std::uint8_t protocol, std::size_t payload) {
  const auto dscp = static_cast<std::uint8_t>(segment.traffic_class >> 2);
  const auto ecn = static_cast<std::uint8_t>(segment.traffic_class & 3);
  if (!segment.to.address.is_v4()) {
    return Ipv6Header{.src = segment.from.address,
                      .dst = segment.to.address,
                      .next_header = protocol,
                      .hop_limit = segment.hop_limit,
                      .dscp = dscp,
                      .ecn = ecn,
                      .payload_length = static_cast<std::uint16_t>(payload)}
        .write(to);
  }
  Ipv4Header{.src = segment.from.address,
             .dst = segment.to.address,
             .protocol = protocol,
             .ttl = segment.hop_limit,
             .dscp = dscp,
             .ecn = ecn,
             .dont_fragment = true,
             .total_length = static_cast<std::uint16_t>(Ipv4Header::kSize + payload)}
      .write(to);
}

}  // namespace

std::expected<WireSegment, std::string> read_segment(Bytes frame) {
  const auto ip = read_ip(frame);
  if (!ip) return std::unexpected("an IP header with a fault: " + std::string(name(counter_of(ip.error()))));
  if (ip->protocol == (ip->dst.is_v4() ? kProtocolIcmp : kProtocolIcmp6)) return std::unexpected("ICMP");
  if (ip->protocol != kProtocolTcp) return std::unexpected("IP protocol " + std::to_string(ip->protocol));
  const auto tcp = TcpView::parse(ip->payload);
  if (!tcp)
    return std::unexpected("a TCP header with a fault: " + std::string(name(counter_of(tcp.error()))));
  if (!checksum_is_valid(*ip)) return std::unexpected("a wrong TCP checksum");
  auto options = read_options(tcp->options());
  if (!options) return std::unexpected("a TCP option of impossible length");
  return WireSegment{.from = {.address = ip->src, .zone = 0, .port = tcp->src_port()},
                     .to = {.address = ip->dst, .zone = 0, .port = tcp->dst_port()},
                     .traffic_class = ip->traffic_class,
                     .hop_limit = ip->hop_limit,
                     .seq = tcp->seq().raw(),
                     .ack = tcp->ack().raw(),
                     .flags = tcp->flags(),
                     .window = tcp->window(),
                     .urgent = tcp->urgent(),
                     .options = std::move(*options),
                     .length = static_cast<std::uint32_t>(tcp->payload().size())};
}

std::size_t options_size(const std::vector<Option>& options) {
  std::size_t size = 0;
  for (const Option& option : options) size += option_size(option);
  return size;
}

Frame write_segment(const WireSegment& segment, Bytes payload) {
  Frame options;
  for (const Option& option : segment.options) put_option(options, option);
  STRATA_CHECK(options.size() % 4 == 0 && options.size() <= kTcpOptionsSizeMax);
  const std::size_t tcp_size = TcpHeader::kMinSize + options.size() + payload.size();
  const std::size_t tcp_at = ip_size(segment);
  Frame frame(tcp_at + TcpHeader::kMinSize);
  write_ip(frame.data(), segment, kProtocolTcp, tcp_size);
  std::uint8_t* tcp = frame.data() + tcp_at;
  TcpHeader{.src_port = segment.from.port,
            .dst_port = segment.to.port,
            .seq = SeqNum(segment.seq),
            .ack = SeqNum(segment.ack),
            .flags = segment.flags,
            .window = segment.window,
            .urgent = segment.urgent}
      .write(tcp);
  tcp[12] = static_cast<std::uint8_t>((tcp[12] & 0x0f) | (TcpHeader::kMinSize + options.size()) / 4 << 4);
  frame.insert(frame.end(), options.begin(), options.end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  InternetChecksum sum = pseudo_header(segment.from.address, segment.to.address, kProtocolTcp,
                                       static_cast<std::uint32_t>(tcp_size));
  sum.add(Bytes(frame).subspan(tcp_at));
  store_be(frame.data() + tcp_at + TcpHeader::kChecksumOffset, sum.finish());
  return frame;
}

Frame write_icmp(const IcmpMessage& message, const IpAddress& from, const WireSegment& quoted) {
  // RFC 792: the IP header and eight bytes behind it, which hold ports and sequence number.
  const std::size_t ip_header = ip_size(quoted);
  const std::size_t quote_size = ip_header + 8;
  constexpr std::size_t kIcmpHeader = 8;
  const bool is_v4 = quoted.to.address.is_v4();
  const std::vector<std::uint8_t> payload(quoted.length);
  const Frame original = write_segment(quoted, payload);
  Frame frame(ip_header + kIcmpHeader);
  WireSegment around;
  around.from.address = from;
  around.to.address = quoted.from.address;
  write_ip(frame.data(), around, is_v4 ? kProtocolIcmp : kProtocolIcmp6, kIcmpHeader + quote_size);
  std::uint8_t* icmp = frame.data() + ip_header;
  icmp[0] = message.type;
  icmp[1] = message.code;
  store_be(icmp + 4, message.rest);
  frame.insert(frame.end(), original.begin(), original.begin() + static_cast<std::ptrdiff_t>(quote_size));
  const MutableBytes written = MutableBytes(frame).subspan(ip_header);
  if (is_v4) {
    const std::uint16_t sum = fold_checksum(sum_words(written));
    store_be(written.data() + 2, wire_order(static_cast<std::uint16_t>(~sum)));
  } else {
    finish_icmp6(written, from, quoted.from.address);
  }
  return frame;
}

}  // namespace strata::drill
