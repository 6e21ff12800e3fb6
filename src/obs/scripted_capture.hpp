// For tests: a conversation written down segment by segment, as frames of a capture.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "obs/capture_reader.hpp"
#include "strata/bytes.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata::obs {

inline constexpr std::uint32_t kClientIss = 1000;
inline constexpr std::uint32_t kServerIss = 0xffff'fffe;  ///< wraps with the first byte of data

/// Relative numbers; 0 is the SYN of each end.
struct ScriptedSegment {
  bool from_client = true;
  std::uint16_t flags = tcp_flag::kAck;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::string_view payload = {};
};

class ScriptedCapture {
 public:
  /// One more segment, 100 microseconds after the one before.
  ScriptedCapture& add(const ScriptedSegment& s) {
    const TcpHeader tcp{
        .src_port = port(s.from_client),
        .dst_port = port(!s.from_client),
        .seq = SeqNum((s.from_client ? kClientIss : kServerIss) + s.seq),
        .ack =
            SeqNum((s.flags & tcp_flag::kAck) == 0 ? 0 : (s.from_client ? kServerIss : kClientIss) + s.ack),
        .flags = s.flags,
        .window = 65535,
        .urgent = 0,
        .options = {}};
    const std::size_t tcp_at = EthernetHeader::kSize + Ipv4Header::kSize;
    std::vector<std::uint8_t> bytes(tcp_at + tcp.size() + s.payload.size());
    EthernetHeader{}.write(bytes.data());
    const Ipv4Header ip{.src = address(s.from_client),
                        .dst = address(!s.from_client),
                        .protocol = kProtocolTcp,
                        .total_length = static_cast<std::uint16_t>(bytes.size() - EthernetHeader::kSize)};
    ip.write(bytes.data() + EthernetHeader::kSize);
    tcp.write(bytes.data() + tcp_at);
    std::copy(s.payload.begin(), s.payload.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(tcp_at + tcp.size()));
    set_checksum(bytes, tcp_at);
    const Instant at = Instant::from_nanos(static_cast<std::int64_t>(frames_.size()) * 100'000);
    frames_.push_back({at, bytes.size(), std::move(bytes)});
    return *this;
  }
  /// SYN, SYN-ACK, ACK.
  ScriptedCapture& handshake() {
    add({.from_client = true, .flags = tcp_flag::kSyn});
    add({.from_client = false, .flags = tcp_flag::kSyn | tcp_flag::kAck, .ack = 1});
    return add({.from_client = true, .seq = 1, .ack = 1});
  }
  const std::vector<CapturedFrame>& frames() const { return frames_; }

 private:
  static IpAddress address(bool client) { return IpAddress::v4(10, 77, 0, client ? 1 : 2); }
  static std::uint16_t port(bool client) { return client ? 40000 : 80; }
  static void set_checksum(std::vector<std::uint8_t>& frame, std::size_t tcp_at) {
    const Bytes segment = Bytes(frame).subspan(tcp_at);
    const Ipv4View ip = *Ipv4View::parse(Bytes(frame).subspan(EthernetHeader::kSize));
    InternetChecksum sum =
        pseudo_header(ip.src(), ip.dst(), kProtocolTcp, static_cast<std::uint32_t>(segment.size()));
    sum.add(segment);
    store_be(frame.data() + tcp_at + TcpHeader::kChecksumOffset, sum.finish());
  }

  std::vector<CapturedFrame> frames_;
};

}  // namespace strata::obs
