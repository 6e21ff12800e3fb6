// A captured frame seen through the views of all its layers.
#pragma once

#include <cstddef>
#include <optional>

#include "obs/capture_reader.hpp"
#include "strata/bytes.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata::obs {

/// The headers of a TCP segment in an IPv4 packet in an Ethernet frame. Looks into the frame, which must
/// outlive it.
struct FrameLayers {
  EthernetView ethernet;
  Ipv4View ip;
  TcpView tcp;
  Bytes frame;

  std::size_t ip_at() const { return EthernetView::kSize; }
  std::size_t tcp_at() const { return ip_at() + ip.header_size(); }
  std::size_t data_at() const { return tcp_at() + tcp.header_size(); }
  std::size_t data_size() const { return ip.payload_size() - tcp.header_size(); }
  /// RFC 9293 §3.1: over the pseudo header, the header and the data.
  bool tcp_checksum_ok() const;

  static std::optional<FrameLayers> parse(const CapturedFrame& frame);
};

}  // namespace strata::obs
