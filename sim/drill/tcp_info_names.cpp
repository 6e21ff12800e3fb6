#include "sim/drill/tcp_info_names.hpp"

#include <linux/tcp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace strata::drill {
namespace {

struct Member {
  std::string_view name;
  std::size_t offset;
  std::size_t size;
};

// clang-format off
#define STRATA_DRILL_MEMBERS(X) \
  X(state) X(ca_state) X(retransmits) X(probes) X(backoff) X(options) X(rto) X(ato) X(snd_mss) \
  X(rcv_mss) X(unacked) X(sacked) X(lost) X(retrans) X(fackets) X(last_data_sent) X(last_ack_sent) \
  X(last_data_recv) X(last_ack_recv) X(pmtu) X(rcv_ssthresh) X(rtt) X(rttvar) X(snd_ssthresh) \
  X(snd_cwnd) X(advmss) X(reordering) X(rcv_rtt) X(rcv_space) X(total_retrans) X(pacing_rate) \
  X(max_pacing_rate) X(bytes_acked) X(bytes_received) X(segs_out) X(segs_in) X(notsent_bytes) \
  X(min_rtt) X(data_segs_in) X(data_segs_out) X(delivery_rate) X(busy_time) X(rwnd_limited) \
  X(sndbuf_limited) X(delivered) X(delivered_ce) X(bytes_sent) X(bytes_retrans) X(dsack_dups) \
  X(reord_seen) X(rcv_ooopack) X(snd_wnd)
// clang-format on

constexpr Member kMembers[] = {
#define STRATA_DRILL_ROW(member)                                                         \
  {"tcpi_" #member, offsetof(tcp_info, tcpi_##member), sizeof(tcp_info::tcpi_##member)},
    STRATA_DRILL_MEMBERS(STRATA_DRILL_ROW)
#undef STRATA_DRILL_ROW
    // Behind what older headers know, at Linux's offsets.
    {"tcpi_rcv_wnd", 232, 4},
    {"tcpi_received_ce", 248, 4},
    {"tcpi_delivered_e1_bytes", 252, 4},
    {"tcpi_delivered_e0_bytes", 256, 4},
    {"tcpi_delivered_ce_bytes", 260, 4},
    {"tcpi_received_e1_bytes", 264, 4},
    {"tcpi_received_e0_bytes", 268, 4},
    {"tcpi_received_ce_bytes", 272, 4},
};

/// The members that are narrower than a byte share the one behind tcpi_options.
std::optional<std::int64_t> bit_field(std::string_view name, const tcp_info& info) {
  if (name == "tcpi_snd_wscale") return info.tcpi_snd_wscale;
  if (name == "tcpi_rcv_wscale") return info.tcpi_rcv_wscale;
  if (name == "tcpi_delivery_rate_app_limited") return info.tcpi_delivery_rate_app_limited;
  if (name == "tcpi_fastopen_client_fail") return info.tcpi_fastopen_client_fail;
  return std::nullopt;
}

}  // namespace

std::size_t tcp_info_size() { return std::max<std::size_t>(sizeof(tcp_info), 280); }

std::optional<std::int64_t> tcp_info_value(std::string_view name, Bytes info) {
  tcp_info values{};
  std::memcpy(&values, info.data(), std::min(info.size(), sizeof values));
  if (const auto value = bit_field(name, values)) return value;
  const auto row = std::ranges::find(kMembers, name, &Member::name);
  if (row == std::end(kMembers) || row->offset + row->size > info.size()) return std::nullopt;
  std::uint64_t value = 0;  // little-endian or not, the member is read at its own width
  const std::uint8_t* at = info.data() + row->offset;
  if (row->size == 1) value = *at;
  if (row->size == 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof word);
    value = word;
  }
  if (row->size == 8) std::memcpy(&value, at, sizeof value);
  return static_cast<std::int64_t>(value);
}

}  // namespace strata::drill
