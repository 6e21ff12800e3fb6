// For tests: test_host.hpp's host with IPv6 addresses, and IPv6 packets for it.
#pragma once

#include "internet/ndp.hpp"
#include "internet/test_host.hpp"
#include "wire/ipv6.hpp"
#include "wire/ndp.hpp"

namespace strata::internet {

inline const IpAddress kOurIp6 = *parse_address("fd77::2");
inline const IpAddress kOurLinkLocal = *parse_address("fe80::2");
inline const IpAddress kPeerIp6 = *parse_address("fd77::1");
inline const IpAddress kPeerLinkLocal = *parse_address("fe80::1");
inline const IpAddress kOtherIp6 = *parse_address("fd77::3");
inline const IpAddress kRouterIp6 = *parse_address("fe80::fe");
inline const IpAddress kFarIp6 = *parse_address("2001:db8::7");

struct Ip6Fields {
  IpAddress src = kPeerIp6;
  IpAddress dst = kOurIp6;
  std::uint8_t next = kProtocolUdp;
  std::uint8_t hop_limit = 64;
};

inline Frame ipv6(const Ip6Fields& fields, const Frame& payload) {
  Frame header(Ipv6Header::kSize);
  Ipv6Header{.src = fields.src,
             .dst = fields.dst,
             .next_header = fields.next,
             .hop_limit = fields.hop_limit,
             .payload_length = static_cast<std::uint16_t>(payload.size())}
      .write(header.data());
  return header + payload;
}

/// As a frame to the Ethernet address that belongs to the destination.
inline Frame ip6_frame(const Ip6Fields& fields, const Frame& payload) {
  return ethernet(kEtherTypeIpv6, ipv6(fields, payload),
                  fields.dst.is_multicast() ? ipv6_group_mac(fields.dst) : kOurMac);
}

inline Frame with_icmp6_checksum(Frame message, const IpAddress& src, const IpAddress& dst) {
  store_be(message.data() + 2, std::uint16_t{0});
  finish_icmp6(message, src, dst);
  return message;
}

inline Frame icmp6_frame(Ip6Fields fields, const Frame& message) {
  fields.next = kProtocolIcmp6;
  return ip6_frame(fields, with_icmp6_checksum(message, fields.src, fields.dst));
}

inline Frame icmp6(const Icmp6Header& header, const Frame& body) {
  Frame message(Icmp6Header::kSize);
  header.write(message.data());
  return message + body;
}

template <class Message>
Frame nd_frame(Ip6Fields fields, const Message& message) {
  fields.hop_limit = 255;
  Frame bytes(message.size());
  message.write(bytes.data());
  return icmp6_frame(fields, bytes);
}

/// The peer asks who has our address.
inline Frame solicitation(const IpAddress& src = kPeerIp6, const IpAddress& target = kOurIp6,
                          const MacAddress& mac = kPeerMac) {
  return nd_frame({.src = src, .dst = solicited_node_group(target)},
                  NdSolicitation{.target = target, .source_mac = mac});
}

/// The peer answers us.
inline Frame advertisement(const IpAddress& target = kPeerIp6, const MacAddress& mac = kPeerMac) {
  return nd_frame({.src = target},
                  NdAdvertisement{.target = target, .solicited = true, .overrides = true, .target_mac = mac});
}

inline Frame udp6(const IpAddress& src, const IpAddress& dst, std::uint16_t src_port, std::uint16_t dst_port,
                  const Frame& payload) {
  Frame datagram = udp(src_port, dst_port, payload);
  InternetChecksum sum = pseudo_header(src, dst, kProtocolUdp, static_cast<std::uint32_t>(datagram.size()));
  sum.add(datagram);
  store_be(datagram.data() + UdpHeader::kChecksumOffset, udp_checksum_field(sum.finish()));
  return datagram;
}

/// fd77::2/64 and fe80::2 on the first interface; fe80::fe leads everywhere else.
class TestHost6 : public TestHost {
 public:
  explicit TestHost6(const Config& config = small_config()) : TestHost(config, own_addresses()) {
    EXPECT_TRUE(net.add_route({.destination = {IpAddress(), 0}, .gateway = kRouterIp6, .nic = nic}));
  }

  static std::vector<Prefix> own_addresses() { return {{kOurIp, 24}, {kOurIp6, 64}, {kOurLinkLocal, 64}}; }

  void send_udp6(const IpAddress& dst, std::uint16_t dst_port, std::string_view payload = "hello") {
    const auto choice = net.route(dst, nic);
    ASSERT_TRUE(choice);
    net.send(transport_packet(udp6(choice->source, dst, 1000, dst_port, bytes_of(payload))),
             {.src = choice->source, .dst = dst, .protocol = kProtocolUdp, .zone = nic}, now);
  }
};

}  // namespace strata::internet
