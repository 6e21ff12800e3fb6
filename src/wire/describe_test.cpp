// Lines exactly as tcpdump 4.99.3 prints them with -nn; those of whole conversations were copied from its
// output.
#include "wire/describe.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/arp.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"
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

}  // namespace
}  // namespace strata
