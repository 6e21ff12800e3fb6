#include "api/posix/tcp_info.hpp"

#include <linux/inet_diag.h>
#include <linux/tcp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace strata::posix {
namespace {

/// Linux's numbers of the states (TCP_ESTABLISHED is 1).
std::uint8_t number_of(TcpState state) {
  switch (state) {
    case TcpState::established: return 1;
    case TcpState::syn_sent: return 2;
    case TcpState::syn_received: return 3;
    case TcpState::fin_wait_1: return 4;
    case TcpState::fin_wait_2: return 5;
    case TcpState::time_wait: return 6;
    case TcpState::closed: return 7;
    case TcpState::close_wait: return 8;
    case TcpState::last_ack: return 9;
    case TcpState::listen: return 10;
    case TcpState::closing: return 11;
  }
  return 7;
}

std::uint8_t congestion_state(const strata::TcpInfo& info) {
  if (info.retransmits > 0) return TCP_CA_Loss;
  return info.recovering ? TCP_CA_Recovery : TCP_CA_Open;
}

std::uint32_t micros(Duration time) { return static_cast<std::uint32_t>(time.count_micros()); }
std::uint32_t millis(Duration time) {
  return static_cast<std::uint32_t>(std::max(time, Duration{}).count_millis());
}

/// Linux counts the network in segments.
std::uint32_t segments(std::uint32_t bytes, std::uint32_t mss) {
  return mss == 0 ? 0 : (bytes + mss - 1) / mss;
}

void fill_connection(tcp_info& to, const strata::TcpInfo& info) {
  to.tcpi_ca_state = congestion_state(info);
  to.tcpi_retransmits = static_cast<std::uint8_t>(std::min(info.retransmits, 255U));
  to.tcpi_probes = static_cast<std::uint8_t>(std::min(info.probes, 255U));
  to.tcpi_backoff = to.tcpi_retransmits;
  to.tcpi_options = static_cast<std::uint8_t>(
      (info.timestamps ? TCPI_OPT_TIMESTAMPS : 0) | (info.sack ? TCPI_OPT_SACK : 0) |
      (info.window_scaling ? TCPI_OPT_WSCALE : 0) | (info.syn_data_acked ? TCPI_OPT_SYN_DATA : 0) |
      (info.marks.agreed ? TCPI_OPT_ECN : 0) | (info.marks.seen ? TCPI_OPT_ECN_SEEN : 0));
  to.tcpi_snd_wscale = info.snd_shift & 15;
  to.tcpi_rcv_wscale = info.rcv_shift & 15;
  to.tcpi_rto = micros(info.rto);
  to.tcpi_rtt = micros(info.srtt);
  to.tcpi_rttvar = micros(info.rttvar);
  to.tcpi_snd_mss = info.snd_mss;
  to.tcpi_advmss = info.announced_mss;
  to.tcpi_pmtu = info.path_mss + (info.remote.address.is_v4() ? 40 : 60);
  to.tcpi_unacked = segments(info.in_flight, info.snd_mss);
  to.tcpi_snd_cwnd = info.cwnd / std::max(info.snd_mss, 1U);
  // Until the first loss Linux's threshold is "none", and it says so with the largest number of its kind.
  to.tcpi_snd_ssthresh = info.ssthresh >= 1U << 30 ? 0x7fff'ffff : info.ssthresh / std::max(info.snd_mss, 1U);
  to.tcpi_rcv_ssthresh = info.receive_buffer;
  to.tcpi_rcv_space = info.read_per_round;
  to.tcpi_rcv_rtt = micros(info.receive_rtt);
  to.tcpi_reordering = 3;
  to.tcpi_last_data_sent = millis(info.since_data_sent);
  to.tcpi_last_data_recv = millis(info.since_data_received);
  to.tcpi_last_ack_recv = millis(info.since_ack_received);
}

void fill_traffic(tcp_info& to, const strata::TcpInfo& info) {
  const TcpTraffic& traffic = info.traffic;
  to.tcpi_total_retrans = traffic.retransmissions;
  to.tcpi_bytes_acked = traffic.bytes_acked;
  to.tcpi_bytes_received = traffic.bytes_received;
  to.tcpi_bytes_sent = traffic.bytes_sent;
  to.tcpi_bytes_retrans = traffic.bytes_retransmitted;
  to.tcpi_segs_out = traffic.segments_out;
  to.tcpi_segs_in = traffic.segments_in;
  to.tcpi_data_segs_out = traffic.data_segments_out;
  to.tcpi_data_segs_in = traffic.data_segments_in;
  to.tcpi_busy_time = static_cast<std::uint64_t>(info.busy.count_micros());
  to.tcpi_rwnd_limited = static_cast<std::uint64_t>(info.window_limited.count_micros());
  to.tcpi_sndbuf_limited = static_cast<std::uint64_t>(info.buffer_limited.count_micros());
  to.tcpi_notsent_bytes = info.not_sent;
  to.tcpi_snd_wnd = info.snd_wnd;
  to.tcpi_delivered_ce = info.marks.delivered_ce;
}

/// What newer kernels add behind the members that the headers of older ones know, at Linux's offsets.
struct Newer {
  std::size_t offset;
  std::uint32_t value;
};

constexpr std::size_t kNewerSize = 280;

void put_newer(std::span<std::uint8_t> to, const strata::TcpInfo& info) {
  const TcpMarks& marks = info.marks;
  for (const Newer& member :
       {Newer{232, info.rcv_wnd}, Newer{248, marks.received_ce}, Newer{252, marks.delivered.e1b},
        Newer{256, marks.delivered.e0b}, Newer{260, marks.delivered.ceb}, Newer{264, marks.received.e1b},
        Newer{268, marks.received.e0b}, Newer{272, marks.received.ceb}}) {
    std::memcpy(to.data() + member.offset, &member.value, sizeof member.value);
  }
}

void fill_rates(tcp_info& to, const strata::TcpInfo& info) {
  to.tcpi_pacing_rate = info.pacing_rate;
  to.tcpi_max_pacing_rate = info.max_pacing_rate == 0 ? ~0ULL : info.max_pacing_rate;
  to.tcpi_delivery_rate = info.delivery_rate;
  to.tcpi_delivery_rate_app_limited = info.delivery_rate_app_limited ? 1 : 0;
}

/// Linux's fixed point of a gain: 256 is one.
std::uint32_t gain(std::uint32_t percent) { return percent * 256 / 100; }

}  // namespace

std::size_t copy_tcp_info(const StreamSocket& socket, void* to, std::size_t size) {
  tcp_info linux_info{};
  std::array<std::uint8_t, std::max(kNewerSize, sizeof linux_info)> bytes{};
  linux_info.tcpi_state = number_of(socket.state());
  strata::TcpInfo info;
  if (socket.stream()) {
    info = socket.stream().info();
    fill_connection(linux_info, info);
    fill_traffic(linux_info, info);
    fill_rates(linux_info, info);
  }
  std::memcpy(bytes.data(), &linux_info, sizeof linux_info);
  put_newer(bytes, info);
  const std::size_t copied = std::min(size, bytes.size());
  std::memcpy(to, bytes.data(), copied);
  return copied;
}

std::size_t copy_cc_info(const StreamSocket& socket, void* to, std::size_t size) {
  const TcpPathModel model = socket.stream() ? socket.stream().info().model : TcpPathModel{};
  if (model.cwnd_gain_percent == 0) return 0;  // as Linux for a controller that tells nothing
  const tcp_bbr_info linux_info{.bbr_bw_lo = static_cast<std::uint32_t>(model.bandwidth),
                                .bbr_bw_hi = static_cast<std::uint32_t>(model.bandwidth >> 32),
                                .bbr_min_rtt = micros(model.min_rtt),
                                .bbr_pacing_gain = gain(model.pacing_gain_percent),
                                .bbr_cwnd_gain = gain(model.cwnd_gain_percent)};
  const std::size_t copied = std::min(size, sizeof linux_info);
  std::memcpy(to, &linux_info, copied);
  return copied;
}

}  // namespace strata::posix
