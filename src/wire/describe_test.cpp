// Lines exactly as tcpdump 4.99.3 prints them with -nn; those of whole conversations were copied from its
// output.
#include "wire/describe.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/arp.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"
#include "wire/tcp.hpp"
#include "wire/udp.hpp"

namespace strata {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr IpAddress kClient = IpAddress::v4(10, 77, 0, 1);
constexpr IpAddress kServer = IpAddress::v4(10, 77, 0, 2);
constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}};

Octets octets(std::string_view text) { return {text.begin(), text.end()}; }

Octets frame_of(std::uint16_t type, const Octets& payload) {
  Octets frame(EthernetHeader::kSize);
  EthernetHeader{.dst = MacAddress::broadcast(), .src = kMac, .type = type}.write(frame.data());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

Octets ip_frame(const IpAddress& src, const IpAddress& dst, std::uint8_t protocol, const Octets& payload) {
  Octets packet(Ipv4Header::kSize);
  const auto total = static_cast<std::uint16_t>(packet.size() + payload.size());
  Ipv4Header{.src = src, .dst = dst, .protocol = protocol, .total_length = total}.write(packet.data());
  packet.insert(packet.end(), payload.begin(), payload.end());
  return frame_of(kEtherTypeIpv4, packet);
}

Octets tcp_frame(bool from_client, TcpHeader header, std::string_view payload = "") {
  header.src_port = from_client ? 40512 : 80;
  header.dst_port = from_client ? 80 : 40512;
  Octets segment(header.size());
  header.write(segment.data());
  const Octets data = octets(payload);
  segment.insert(segment.end(), data.begin(), data.end());
  return from_client ? ip_frame(kClient, kServer, kProtocolTcp, segment)
                     : ip_frame(kServer, kClient, kProtocolTcp, segment);
}

TEST(Describe, Arp) {
  Octets packet(ArpPacket::kSize);
  ArpPacket{.sender_mac = kMac, .sender_ip = kClient, .target_ip = kServer}.write(packet.data());
  EXPECT_EQ(describe_frame(frame_of(kEtherTypeArp, packet), {}),
            "ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28");
  ArpPacket{.operation = kArpReply, .sender_mac = kMac, .sender_ip = kClient}.write(packet.data());
  packet.resize(46);
  EXPECT_EQ(describe_frame(frame_of(kEtherTypeArp, packet), {}),
            "ARP, Reply 10.77.0.1 is-at 02:00:00:00:00:01, length 46");
  packet[5] = 8;
  EXPECT_EQ(describe_frame(frame_of(kEtherTypeArp, packet), {}),
            "ARP, Ethernet (len 6), IPv4 (len 8), length 46");
}

TEST(Describe, Icmp) {
  Octets message(64);
  IcmpEcho{.id = 1, .sequence = 2, .payload = Octets(56)}.write(message);
  EXPECT_EQ(describe_frame(ip_frame(kClient, kServer, kProtocolIcmp, message), {}),
            "IP 10.77.0.1 > 10.77.0.2: ICMP echo request, id 1, seq 2, length 64");
  Octets udp(UdpHeader::kSize);
  UdpHeader{.src_port = 5, .dst_port = 9}.write(udp.data());
  const Octets quoted = ip_frame(kClient, kServer, kProtocolUdp, udp);
  message.resize(36);
  IcmpUnreachable{.code = icmp_code::kPort, .quoted = Bytes(quoted).subspan(14)}.write(message);
  EXPECT_EQ(describe_frame(ip_frame(kServer, kClient, kProtocolIcmp, message), {}),
            "IP 10.77.0.2 > 10.77.0.1: ICMP 10.77.0.2 udp port 9 unreachable, length 36");
  IcmpUnreachable{.code = icmp_code::kFragmentationNeeded, .mtu = 1400, .quoted = Bytes(quoted).subspan(14)}
      .write(message);
  EXPECT_EQ(describe_frame(ip_frame(kServer, kClient, kProtocolIcmp, message), {}),
            "IP 10.77.0.2 > 10.77.0.1: ICMP 10.77.0.2 unreachable - need to frag (mtu 1400), length 36");
  IcmpTimeExceeded{.quoted = Bytes(quoted).subspan(14)}.write(message);
  EXPECT_EQ(describe_frame(ip_frame(kServer, kClient, kProtocolIcmp, message), {}),
            "IP 10.77.0.2 > 10.77.0.1: ICMP time exceeded in-transit, length 36");
}

TEST(Describe, Udp) {
  Octets datagram(11);
  UdpHeader{.src_port = 5000, .dst_port = 9, .length = 11}.write(datagram.data());
  EXPECT_EQ(describe_frame(ip_frame(kClient, kServer, kProtocolUdp, datagram), {}),
            "IP 10.77.0.1.5000 > 10.77.0.2.9: UDP, length 3");
  UdpHeader{.src_port = 5000, .dst_port = 9, .length = 20}.write(datagram.data());
  EXPECT_EQ(describe_frame(ip_frame(kClient, kServer, kProtocolUdp, datagram), {}),
            "IP 10.77.0.1.5000 > 10.77.0.2.9: UDP, bad length 12 > 3");
}

TEST(Describe, ATcpConversationWithRelativeNumbers) {
  using namespace tcp_flag;
  Describer describer;
  const auto line = [&](const Octets& frame) { return describer.describe(frame, {}); };
  const TcpOptions syn{
      .mss = 1460, .wscale = 7, .sack_permitted = true, .timestamps = TcpTimestamps{.value = 1}};
  EXPECT_EQ(line(tcp_frame(true, {.seq = SeqNum(123), .flags = kSyn, .window = 64240, .options = syn})),
            "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [S], seq 123, win 64240, "
            "options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0");
  EXPECT_EQ(
      line(tcp_frame(false, {.seq = SeqNum(900), .ack = SeqNum(124), .flags = kSyn | kAck, .window = 65160})),
      "IP 10.77.0.2.80 > 10.77.0.1.40512: Flags [S.], seq 900, ack 124, win 65160, length 0");
  EXPECT_EQ(line(tcp_frame(true, {.seq = SeqNum(124), .ack = SeqNum(901), .flags = kAck, .window = 502})),
            "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [.], ack 1, win 502, length 0");
  EXPECT_EQ(
      line(tcp_frame(true, {.seq = SeqNum(124), .ack = SeqNum(901), .flags = kPsh | kAck, .window = 502},
                     "GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
      "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [P.], seq 1:28, ack 1, win 502, length 27: HTTP: GET / "
      "HTTP/1.1");
  EXPECT_EQ(line(tcp_frame(false, {.seq = SeqNum(1001), .ack = SeqNum(151), .flags = kAck, .window = 509},
                           "\x01\x02")),
            "IP 10.77.0.2.80 > 10.77.0.1.40512: Flags [.], seq 101:103, ack 28, win 509, length 2: HTTP");
  const TcpOptions sack{.sack_count = 1,
                        .timestamps = TcpTimestamps{.value = 5, .echo = 6},
                        .sack = {SeqRange{SeqNum(1001), SeqNum(1003)}}};
  EXPECT_EQ(line(tcp_frame(
                true, {.seq = SeqNum(151), .ack = SeqNum(901), .flags = kAck, .window = 1, .options = sack})),
            "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [.], ack 1, win 1, "
            "options [nop,nop,TS val 5 ecr 6,nop,nop,sack 1 {101:103}], length 0");
  EXPECT_EQ(line(tcp_frame(true, {.seq = SeqNum(151), .flags = kRst})),
            "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [R], seq 151, win 0, length 0");
}

TEST(Describe, EveryFlagHasItsLetter) {
  const std::string line = describe_frame(tcp_frame(true, {.flags = 0xff, .urgent = 7}), {});
  EXPECT_NE(line.find("Flags [FSRP.UEW], seq 0, ack 0, win 0, urg 7"), std::string::npos) << line;
  EXPECT_NE(describe_frame(tcp_frame(true, {}), {}).find("Flags [none]"), std::string::npos);
}

TEST(Describe, MalformedTcpOptions) {
  Octets frame = tcp_frame(true, {.flags = tcp_flag::kAck, .options = {.mss = 1460}});
  frame[14 + 20 + 21] = 1;
  EXPECT_EQ(describe_frame(frame, {}),
            "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [.], ack 0, win 0, options [[bad opt]");
}

TEST(Describe, FramesThatTheCaptureCut) {
  const Octets frame = tcp_frame(true, {.flags = tcp_flag::kAck}, "GET / HTTP/1.1\r\n");
  const auto line = [&](std::size_t size) {
    return describe_frame(Bytes(frame).first(size), {.wire_size = frame.size()});
  };
  EXPECT_EQ(line(13), " [|ether]");
  EXPECT_EQ(line(30), "IP  [|ip]");
  EXPECT_EQ(line(36), "IP 10.77.0.1 > 10.77.0.2: [|tcp]");
  EXPECT_EQ(line(40), "IP 10.77.0.1.40512 > 10.77.0.2.80:  [|tcp]");
  EXPECT_EQ(line(60),
            "IP 10.77.0.1.40512 > 10.77.0.2.80: Flags [.], seq 0:16, ack 0, win 0, length 16: HTTP [|http]");
}

TEST(Describe, LyingLengths) {
  Octets frame = ip_frame(kClient, kServer, 200, octets("abcd"));
  EXPECT_EQ(describe_frame(frame, {}), "IP 10.77.0.1 > 10.77.0.2:  ip-proto-200 4");
  frame[17] = 60;
  EXPECT_EQ(describe_frame(frame, {}),
            "IP truncated-ip - 36 bytes missing! 10.77.0.1 > 10.77.0.2:  ip-proto-200 40");
  frame[17] = 19;
  EXPECT_EQ(describe_frame(frame, {}), "IP bad-len 19");
  frame[14] = 0x44;
  EXPECT_EQ(describe_frame(frame, {}), "IP bad-hlen 16");
  frame[14] = 0x55;
  EXPECT_EQ(describe_frame(frame, {}), "IP5 (invalid)");
}

TEST(Describe, UnknownFramesAreDumped) {
  EXPECT_EQ(describe_frame(frame_of(0x88b5, octets("hi \x7f!")), {}),
            "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype Unknown (0x88b5), length 19: \n"
            "\t0x0000:  6869 207f 21                             hi..!");
}

TEST(Describe, TheKernelsOwnIpv6Frames) {
  const Octets solicitation = {0x60, 0, 0,   0, 0, 16,   58, 255, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                               0,    0, 0,   0, 1, 0xff, 2,  0,   0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0,
                               0,    2, 133, 0, 0, 0,    0,  0,   0,    0,    1, 1, 2, 0, 0, 0, 0, 1};
  EXPECT_EQ(describe_frame(frame_of(kEtherTypeIpv6, solicitation), {}),
            "IP6 fe80::1 > ff02::2: ICMP6, router solicitation, length 16");
  Octets report = solicitation;
  report.insert(report.begin() + 40, {58, 0, 5, 2, 0, 0, 1, 0});
  report[6] = 0;
  report[5] = 24;
  report[48] = 143;
  report[55] = 1;
  EXPECT_EQ(describe_frame(frame_of(kEtherTypeIpv6, report), {}),
            "IP6 fe80::1 > ff02::2: HBH ICMP6, multicast listener report v2, 1 group record(s), length 16");
  EXPECT_EQ(describe_frame(solicitation, {.link = LinkType::raw_ip}),
            "IP6 fe80::1 > ff02::2: ICMP6, router solicitation, length 16");
}

const IpAddress kClient6 = *parse_address("fd77::1");
const IpAddress kServer6 = *parse_address("fd77::2");

Octets operator+(Octets front, const Octets& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

Octets ip6_frame(std::uint8_t next, const Octets& payload) {
  Octets packet(Ipv6Header::kSize);
  Ipv6Header{.src = kClient6,
             .dst = kServer6,
             .next_header = next,
             .payload_length = static_cast<std::uint16_t>(payload.size())}
      .write(packet.data());
  return frame_of(kEtherTypeIpv6, packet + payload);
}

Octets udp_to_9() {
  Octets datagram(UdpHeader::kSize);
  UdpHeader{.src_port = 5000, .dst_port = 9, .length = 8}.write(datagram.data());
  return datagram;
}

std::string line6(std::uint8_t next, const Octets& payload) {
  const std::string line = describe_frame(ip6_frame(next, payload), {});
  EXPECT_TRUE(line.starts_with("IP6 fd77::1")) << line;
  return line.substr(line.find(": ") + 2);
}

TEST(Describe, ExtensionHeadersInTheirOwnWords) {
  const Octets udp = udp_to_9();
  EXPECT_EQ(describe_frame(ip6_frame(17, udp), {}), "IP6 fd77::1.5000 > fd77::2.9: UDP, length 0");
  EXPECT_EQ(line6(0, Octets{60, 0, 5, 2, 0, 0, 1, 0} + Octets{17, 0, 1, 4, 0, 0, 0, 0} + udp),
            "HBH DSTOPT 5000 > 9: UDP, length 0");
  EXPECT_EQ(line6(44, Octets{17, 0, 0, 1, 0, 0, 0, 7} + udp), "frag (0|8) 5000 > 9: UDP, length 0");
  EXPECT_EQ(line6(44, Octets{17, 0, 5, 0xa9, 0, 0, 0, 7} + udp), "frag (1448|8)");
  EXPECT_EQ(line6(43, Octets{17, 2, 0, 1, 0, 0, 0, 0} + Octets(15) + Octets{1} + udp),
            "RT6 (len=2, type=0 [Deprecated], segleft=1, [0]::1) 5000 > 9: UDP, length 0");
  EXPECT_EQ(line6(43, Octets{17, 0, 4, 0, 0, 0, 0, 0} + udp),
            "RT6 (len=0, type=4, segleft=0, last-entry=0, tag=0) 5000 > 9: UDP, length 0");
  EXPECT_EQ(line6(43, Octets{17, 1, 2, 0, 0, 0, 0, 0} + Octets(8)),
            "RT6 (len=1, type=2, segleft=0 (invalid length 1) (invalid)");
  EXPECT_EQ(line6(43, Octets{17, 0, 9, 0, 0, 0, 0, 0}),
            "RT6 (len=0, type=9, segleft=0 (unknown type) (invalid)");
  EXPECT_EQ(line6(51, Octets{17, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0xab, 0xcd, 0, 0} + udp),
            "AH(spi=0x00000001,seq=0x2,icv=0xabcd0000): 5000 > 9: UDP, length 0");
  EXPECT_EQ(line6(50, {0, 0, 0x12, 0x34, 0, 0, 0, 7, 9, 9}), "ESP(spi=0x00001234,seq=0x7), length 10");
  EXPECT_EQ(line6(108, {6, 0, 0, 2}), "IPComp(cpi=0x0002)");
  EXPECT_EQ(line6(59, {}), "no next header");
  EXPECT_EQ(line6(60, {0, 0, 1, 4, 0, 0, 0, 0}),
            "DSTOPT [The Hop-by-Hop Options header don't follow the IPv6 header] (invalid)");
}

TEST(Describe, ErrorsOfIcmp6SayWhatTheyAreAbout) {
  const Octets quoted = ip6_frame(17, udp_to_9());
  const auto error = [&](std::uint8_t type, std::uint8_t code, std::uint8_t field) {
    return line6(58, Octets{type, code, 0, 0, 0, 0, 0, field} + Octets(quoted.begin() + 14, quoted.end()));
  };
  EXPECT_EQ(error(1, 0, 0), "ICMP6, destination unreachable, unreachable route fd77::2, length 56");
  EXPECT_EQ(error(1, 4, 0),
            "ICMP6, destination unreachable, unreachable port, fd77::2 udp port 9, length 56");
  EXPECT_EQ(error(3, 0, 0), "ICMP6, time exceeded in-transit for fd77::2, length 56");
  EXPECT_EQ(error(4, 0, 40), "ICMP6, parameter problem, erroneous - octet 40, length 56");
  EXPECT_EQ(error(4, 1, 6), "ICMP6, parameter problem, next header - octet 6, length 56");
  EXPECT_EQ(error(4, 2, 42), "ICMP6, parameter problem, option - octet 42, length 56");
  EXPECT_EQ(error(4, 3, 6), "ICMP6, parameter problem, incomplete header chain - octet 6, length 56");
}

}  // namespace
}  // namespace strata
