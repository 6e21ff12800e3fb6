#include "transport/tcp/send_space.hpp"

#include <algorithm>
#include <bit>

#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

// As Linux 6.x on 64 bits has them.
constexpr std::uint32_t kBurstMax = 65'215;      // payload of the largest burst
constexpr std::uint32_t kBurstOverhead = 1280;   // memory of a burst beside its payload
constexpr std::uint32_t kSegmentOverhead = 640;  // of a segment, when a buffer grows
constexpr std::uint32_t kBookOverhead = 256;

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

bool by_memory(const TcpConfig& config) { return config.send_rule == TcpSendRule::memory; }

std::uint32_t buffer_of(const Tcb& tcb, const TcpConfig& config) {
  const std::uint32_t buffer = send_buffer(*tcb.settings, config);
  return tcb.settings->send_buffer != 0 ? buffer : std::max(buffer, tcb.grown_send_buffer);
}

std::uint32_t unsent_of(const Tcb& tcb) {
  const auto queued = static_cast<std::uint32_t>(tcb.send_queue.size());
  return queued - std::min(queued, tcb.flight_size());
}

/// Data is queued in bursts of this size: half of the peer's largest window, in whole segments.
std::uint32_t queued_burst(const Tcb& tcb) {
  const std::uint32_t most = std::min(kBurstMax, tcb.snd_wnd_max / 2);
  return std::max(most / tcb.snd_mss, 1U) * tcb.snd_mss;
}

std::uint64_t taken_memory(const Tcb& tcb, const TcpConfig& config) {
  const auto queued = static_cast<std::uint32_t>(tcb.send_queue.size());
  if (!by_memory(config)) return queued;
  const std::uint32_t unsent = unsent_of(tcb);
  const std::uint32_t tail = std::min(tcb.tail_burst, unsent);
  const std::uint32_t bursts = ceil_div(queued - unsent, std::min(burst_limit(tcb, config), kBurstMax)) +
                               ceil_div(unsent - tail, queued_burst(tcb)) + (tail > 0 ? 1 : 0);
  return queued + std::uint64_t{bursts} * kBurstOverhead;
}

/// What the windows would let go at once.
std::uint32_t sendable(const Tcb& tcb) {
  const std::uint32_t by_cwnd = tcb.cc.cwnd() - std::min(tcb.cc.cwnd(), tcb.in_flight());
  const std::uint32_t by_peer = tcb.snd_wnd - std::min(tcb.snd_wnd, tcb.flight_size());
  const std::uint32_t rest = std::min(by_cwnd, by_peer);
  return is_synchronized(tcb.state) ? rest - rest % tcb.snd_mss : 0;
}

/// A burst may begin while any memory is left, and is then filled. Whenever the last one is full, what can
/// leave does, which makes room in it.
SendSpace space_by_memory(const Tcb& tcb, const TcpConfig& config, std::uint32_t wanted) {
  const std::uint32_t buffer = buffer_of(tcb, config);
  const std::uint32_t low = tcb.settings->notsent_lowat;
  const std::uint32_t burst = queued_burst(tcb);
  std::uint64_t used = taken_memory(tcb, config);
  std::uint32_t unsent = unsent_of(tcb);
  std::uint32_t may_leave = sendable(tcb);
  SendSpace space{.room = 0, .tail = std::min(tcb.tail_burst, unsent)};
  while (space.room < wanted) {
    const std::uint32_t leaves = std::min(may_leave, unsent);
    may_leave -= leaves;
    unsent -= leaves;
    space.tail = std::min(space.tail, unsent);
    if (space.tail == 0 || space.tail >= burst) {
      if (used >= buffer || (low != 0 && unsent >= low)) break;
      used += kBurstOverhead;
      space.tail = 0;
    }
    const std::uint32_t piece = std::min(wanted - space.room, burst - space.tail);
    space.tail += piece;
    unsent += piece;
    used += piece;
    space.room += piece;
  }
  return space;
}

}  // namespace

SendSpace send_space(const Tcb& tcb, const TcpConfig& config, std::uint32_t wanted) {
  if (by_memory(config)) return space_by_memory(tcb, config, wanted);
  const auto queued = static_cast<std::uint32_t>(tcb.send_queue.size());
  const std::uint32_t buffer = buffer_of(tcb, config);
  const std::uint32_t low = tcb.settings->notsent_lowat;
  std::uint32_t room = buffer - std::min(buffer, queued);
  if (low != 0) room = std::min(room, low - std::min(low, unsent_of(tcb)));
  return {.room = std::min(room, wanted), .tail = 0};
}

bool has_ample_room(const Tcb& tcb, const TcpConfig& config) {
  const std::uint64_t used = taken_memory(tcb, config);
  const std::uint32_t low = tcb.settings->notsent_lowat;
  const bool little_waits = low == 0 || std::uint64_t{2} * unsent_of(tcb) < low;
  return used + used / 2 <= buffer_of(tcb, config) && little_waits;
}

void signal_send_room(Tcb& tcb, const TcpConfig& config) {
  if (!tcb.send_blocked || !has_ample_room(tcb, config)) return;
  tcb.send_blocked = false;
  tcb.signal(Ready::writable);
}

void grow_send_buffer(Tcb& tcb, const TcpConfig& config) {
  if (!by_memory(config) || tcb.settings->send_buffer != 0 || !tcb.send_blocked) return;
  const std::uint32_t segments = std::max(tcb.cc.cwnd() / tcb.snd_mss, config.initial_window_segments);
  const std::uint64_t per_segment = std::bit_ceil(tcb.snd_mss + kSegmentOverhead) + kBookOverhead;
  const std::uint64_t wanted = std::min<std::uint64_t>(2 * segments * per_segment, config.send_buffer_max);
  tcb.grown_send_buffer = std::max(tcb.grown_send_buffer, static_cast<std::uint32_t>(wanted));
}

// A millisecond of what the path carries, and much more where the way is short, so that devices cut large
// pieces; never more than half of cwnd, so that ACKs come evenly.
std::uint32_t burst_limit(const Tcb& tcb, const TcpConfig& config) {
  const auto srtt = static_cast<std::uint64_t>(tcb.rtt.srtt().count_micros());
  if (!config.push_bursts || srtt == 0) return kBurstMax;
  const std::uint32_t cwnd = tcb.cc.cwnd();
  const std::uint64_t percent = cwnd < tcb.cc.ssthresh() / 2 ? 200 : 120;
  std::uint64_t bytes = cwnd * percent * 10'000 / srtt / 1024;
  if (srtt / 512 < 32) bytes += std::uint64_t{65'536} >> (srtt / 512);
  const std::uint64_t by_rate = std::max<std::uint64_t>(
      std::min<std::uint64_t>(bytes, kBurstMax) / tcb.snd_mss, config.burst_segments_min);
  const std::uint64_t by_window = std::max(cwnd / tcb.snd_mss / 2, 1U);
  return static_cast<std::uint32_t>(std::min(by_rate, by_window)) * tcb.snd_mss;
}

}  // namespace strata::tcp
