// A name for everything that a stack counts; above all, one for every reason to drop. Names follow RFC 4022
// and /proc/net/snmp where those have one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

// clang-format off
#define STRATA_COUNTERS(X)                                                                              \
  /* layer 1 */                                                                                         \
  X(frames_in) X(frames_out) X(eth_runt) X(eth_not_for_us) X(eth_unknown_type) X(eth_source_multicast)  \
  /* ARP */                                                                                             \
  X(arp_in) X(arp_out) X(arp_truncated) X(arp_bad_format) X(arp_bad_source) X(arp_not_for_us)           \
  X(arp_unsolicited) X(neighbor_table_full) X(neighbor_queue_full) X(neighbor_failed)                   \
  /* IP */                                                                                              \
  X(ip_in) X(ip_out) X(ip_truncated) X(ip_bad_version) X(ip_bad_header_length) X(ip_bad_total_length)   \
  X(ip_bad_checksum) X(ip_bad_option) X(ip_bad_source) X(ip_bad_destination) X(ip_not_for_us)           \
  X(ip_fragment) X(ip_source_routed) X(ip_unknown_protocol) X(ip_no_route) X(ip_output_queue_full)      \
  X(ip_too_big) X(ip_ce_in)                                                                             \
  /* IPv6: what IPv4 does not have */                                                                   \
  X(ip6_disabled) X(ip6_bad_scope) X(ip6_bad_extension) X(ip6_chain_too_long) X(ip6_misplaced_header)   \
  X(ip6_nested_fragment) X(ip6_routed) X(ip6_bad_option) X(ip6_unknown_option) X(ip6_no_next_header)    \
  /* ICMP */                                                                                            \
  X(icmp_in) X(icmp_out) X(icmp_truncated) X(icmp_bad_checksum) X(icmp_unknown_type) X(icmp_echo_in)    \
  X(icmp_echo_reply_in) X(icmp_error_in) X(icmp_error_bad_quote) X(icmp_error_no_socket)                \
  X(icmp_rate_limited) X(icmp_echo_to_group)                                                            \
  /* neighbour discovery and multicast listeners */                                                     \
  X(nd_in) X(nd_out) X(nd_truncated) X(nd_bad_option) X(nd_bad_hop_limit) X(nd_bad_code)                \
  X(nd_bad_source) X(nd_bad_target) X(nd_fragmented) X(nd_not_for_us) X(nd_unsolicited)                 \
  X(nd_too_long) X(nd_looped_back) X(nd_table_full) X(nd_bad_prefix) X(nd_bad_redirect)                 \
  X(address_conflict)                                                                                   \
  X(mld_in) X(mld_out) X(mld_truncated)                                                                 \
  /* fragments */                                                                                       \
  X(frag_in) X(frag_whole) X(frag_split) X(frag_out) X(frag_empty) X(frag_bad_length) X(frag_too_long)  \
  X(frag_bad_ecn) X(frag_bad_end) X(frag_overlap) X(frag_duplicate) X(frag_too_many) X(frag_of_dead)    \
  X(frag_no_room) X(frag_evicted) X(frag_timeout)                                                       \
  /* path MTU */                                                                                        \
  X(path_mtu_lowered) X(path_mtu_expired) X(path_mtu_evicted) X(path_mtu_ignored) X(path_mtu_not_less)  \
  X(path_mtu_too_small) X(path_mtu_unconfirmed) X(path_mtu_limited)                                     \
  /* UDP */                                                                                             \
  X(udp_in) X(udp_out) X(udp_truncated) X(udp_bad_length) X(udp_bad_checksum) X(udp_bad_port)           \
  X(udp_no_port) X(udp_queue_full)                                                                      \
  /* TCP */                                                                                             \
  X(tcp_in) X(tcp_out) X(tcp_truncated) X(tcp_bad_data_offset) X(tcp_bad_checksum) X(tcp_bad_option)    \
  X(tcp_bad_flags) X(tcp_bad_port) X(tcp_to_group) X(tcp_no_port) X(tcp_rst_out) X(tcp_rst_in)          \
  X(tcp_active_opens) X(tcp_passive_opens) X(tcp_attempt_fails) X(tcp_estab_resets) X(tcp_retrans_segs) \
  X(tcp_fast_retransmits) X(tcp_rto_fired) X(tcp_out_of_window) X(tcp_paws_rejected) X(tcp_bad_ack)     \
  X(tcp_challenge_acks) X(tcp_challenge_limited) X(tcp_rst_in_window) X(tcp_syn_in_window)              \
  X(tcp_no_ack_flag) X(tcp_duplicate_data) X(tcp_out_of_order) X(tcp_reassembly_full)                   \
  X(tcp_receive_overrun) X(tcp_data_after_close) X(tcp_data_after_fin) X(tcp_listen_overflow)           \
  X(tcp_syn_queue_full) X(tcp_connection_table_full) X(tcp_time_wait_overflow) X(tcp_time_wait_reused)  \
  X(tcp_time_wait_in) X(tcp_time_wait_rst_ignored) X(tcp_zero_window_probes) X(tcp_keepalives)          \
  X(tcp_fin_wait_2_timeouts) X(tcp_user_timeouts) X(tcp_delayed_acks) X(tcp_orphans_killed)             \
  X(tcp_duplicate_acks) X(tcp_partial_acks) X(tcp_tail_probes) X(tcp_tail_losses)                        \
  X(tcp_dsacks_received) X(tcp_sack_reneging) X(tcp_spurious_recoveries) X(tcp_spurious_timeouts)        \
  X(tcp_no_record) X(tcp_urgent_in) X(tcp_urgent_old) X(tcp_urgent_ignored) X(tcp_stalled)              \
  X(tcp_fast_open_syns) X(tcp_fast_open_active) X(tcp_fast_open_failed)                                 \
  X(tcp_ecn_accepted) X(tcp_ecn_confirmed) X(tcp_ecn_refused) X(tcp_ecn_fallbacks)                      \
  X(tcp_ecn_reductions) X(tcp_ce_received) X(tcp_ce_delivered) X(tcp_accecn_accepted)                   \
  X(tcp_accecn_confirmed) X(tcp_accecn_option_lost) X(tcp_ecn_mangled) X(tcp_ecn_bleached)              \
  X(tcp_ecn_zeroed)                                                                                     \
  X(tcp_mtup_success) X(tcp_mtup_fail) X(tcp_black_holes)                                               \
  X(tcp_receive_buffers_grown) X(tcp_send_buffers_grown) X(tcp_memory_pressures)                        \
  X(tcp_memory_refused_in) X(tcp_memory_refused_out) X(tcp_out_of_order_pruned)                         \
  X(tcp_no_controller)                                                                                  \
  /* memory */                                                                                          \
  X(no_packet) X(no_block) X(no_queue_node)                                                             \
  /* link: faults and offload */                                                                        \
  X(link_lost) X(link_duplicated) X(link_reordered) X(link_corrupted) X(link_marked) X(link_queue_full) \
  X(device_full)
// clang-format on

enum class Counter : std::uint16_t {
#define STRATA_COUNTER_ENUM(n) n,
  STRATA_COUNTERS(STRATA_COUNTER_ENUM)
#undef STRATA_COUNTER_ENUM
      count_
};

inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::count_);

/// The counter's name as in the list above.
std::string_view name(Counter counter);

class Counters {
 public:
  void add(Counter counter, std::uint64_t n = 1) { values_[static_cast<std::size_t>(counter)] += n; }
  std::uint64_t operator[](Counter counter) const { return values_[static_cast<std::size_t>(counter)]; }

 private:
  std::array<std::uint64_t, kCounterCount> values_{};
};

}  // namespace strata
