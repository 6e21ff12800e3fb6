// Why a received header was refused: one value per reason, each with its own counter (STYLE R7 a).
// `*_truncated`: the header itself is not all there. `*_bad_*`: all there, but a field is impossible.
#pragma once

#include <cstdint>
#include <expected>
#include <utility>

#include "strata/counters.hpp"
#include "strata/error.hpp"

namespace strata {

enum class ParseError : std::uint8_t {
  eth_runt,
  arp_truncated,
  arp_bad_format,
  ip_truncated,
  ip_bad_version,
  ip_bad_header_length,
  ip_bad_total_length,
  ip_bad_checksum,
  ip_bad_option,
  ip6_bad_extension,
  ip6_chain_too_long,
  ip6_misplaced_header,
  ip6_nested_fragment,
  ip6_routed,
  ip6_bad_option,
  ip6_unknown_option,
  icmp_truncated,
  nd_truncated,
  nd_bad_option,
  mld_truncated,
  udp_truncated,
  udp_bad_length,
  tcp_truncated,
  tcp_bad_data_offset,
  tcp_bad_option,
};

constexpr Counter counter_of(ParseError error) {
  switch (error) {
    case ParseError::eth_runt: return Counter::eth_runt;
    case ParseError::arp_truncated: return Counter::arp_truncated;
    case ParseError::arp_bad_format: return Counter::arp_bad_format;
    case ParseError::ip_truncated: return Counter::ip_truncated;
    case ParseError::ip_bad_version: return Counter::ip_bad_version;
    case ParseError::ip_bad_header_length: return Counter::ip_bad_header_length;
    case ParseError::ip_bad_total_length: return Counter::ip_bad_total_length;
    case ParseError::ip_bad_checksum: return Counter::ip_bad_checksum;
    case ParseError::ip_bad_option: return Counter::ip_bad_option;
    case ParseError::ip6_bad_extension: return Counter::ip6_bad_extension;
    case ParseError::ip6_chain_too_long: return Counter::ip6_chain_too_long;
    case ParseError::ip6_misplaced_header: return Counter::ip6_misplaced_header;
    case ParseError::ip6_nested_fragment: return Counter::ip6_nested_fragment;
    case ParseError::ip6_routed: return Counter::ip6_routed;
    case ParseError::ip6_bad_option: return Counter::ip6_bad_option;
    case ParseError::ip6_unknown_option: return Counter::ip6_unknown_option;
    case ParseError::icmp_truncated: return Counter::icmp_truncated;
    case ParseError::nd_truncated: return Counter::nd_truncated;
    case ParseError::nd_bad_option: return Counter::nd_bad_option;
    case ParseError::mld_truncated: return Counter::mld_truncated;
    case ParseError::udp_truncated: return Counter::udp_truncated;
    case ParseError::udp_bad_length: return Counter::udp_bad_length;
    case ParseError::tcp_truncated: return Counter::tcp_truncated;
    case ParseError::tcp_bad_data_offset: return Counter::tcp_bad_data_offset;
    case ParseError::tcp_bad_option: return Counter::tcp_bad_option;
  }
  std::unreachable();
}

}  // namespace strata
