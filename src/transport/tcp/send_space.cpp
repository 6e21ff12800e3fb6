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

/// Own sizes do not grow (`SO_SNDBUF`).
std::uint32_t grown_size(const Tcb& tcb, const TcpConfig& config) {
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

/// What may be under way twice over: while one half is acknowledged the other leaves. By memory with all that
/// Linux keeps beside a segment.
std::uint64_t wanted_send_buffer(const Tcb& tcb, const TcpConfig& config) {
  if (!by_memory(config)) return std::uint64_t{2} * tcb.cc.cwnd();
  const std::uint32_t segments = std::max(tcb.cc.cwnd() / tcb.snd_mss, config.initial_window_segments);
  return std::uint64_t{2} * segments * (std::bit_ceil(tcb.snd_mss + kSegmentOverhead) + kBookOverhead);
}

void trace_grown(const Tcb& tcb, const Context& context) {
  if (!context.tracing()) return;
  TraceEvent event;
  event.at = context.now;
  event.flow = tcb.flow_number;
  event.kind = TraceKind::buffer_grew;
  event.cause = Cause::app_send;
  event.buffer = {.bytes = tcb.grown_send_buffer, .per_round = tcb.cc.cwnd()};
  context.trace.function(context.trace.context, event);
}

/// A burst may begin while any memory is left, and is then filled. Whenever the last one is full, what can
/// leave does, which makes room in it.
SendSpace space_by_memory(const Tcb& tcb, const Context& context, std::uint32_t wanted) {
  const TcpConfig& config = context.config;
  const std::uint32_t buffer = send_buffer_size(tcb, context);
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

std::uint32_t send_buffer_size(const Tcb& tcb, const Context& context) {
  const std::uint32_t size = grown_size(tcb, context.config);
  switch (context.memory.level()) {
    case MemoryLevel::ample: return size;
    case MemoryLevel::pressure: return std::min(size, send_buffer(*tcb.settings, context.config));
    case MemoryLevel::full: return std::min(size, context.config.send_buffer_min);
    case MemoryLevel::exhausted: break;
  }
  return 0;
}

SendSpace send_space(const Tcb& tcb, const Context& context, std::uint32_t wanted) {
  if (by_memory(context.config)) return space_by_memory(tcb, context, wanted);
  const auto queued = static_cast<std::uint32_t>(tcb.send_queue.size());
  const std::uint32_t buffer = send_buffer_size(tcb, context);
  const std::uint32_t low = tcb.settings->notsent_lowat;
  std::uint32_t room = buffer - std::min(buffer, queued);
  if (low != 0) room = std::min(room, low - std::min(low, unsent_of(tcb)));
  return {.room = std::min(room, wanted), .tail = 0};
}

bool has_ample_room(const Tcb& tcb, const Context& context) {
  const std::uint64_t used = taken_memory(tcb, context.config);
  const std::uint32_t buffer = send_buffer_size(tcb, context);
  const std::uint32_t low = tcb.settings->notsent_lowat;
  const bool little_waits = low == 0 || std::uint64_t{2} * unsent_of(tcb) < low;
  return buffer > 0 && used + used / 2 <= buffer && little_waits;
}

void wait_for_room(Tcb& tcb, const Context& context) {
  tcb.send_blocked = true;
  if (tcb.waits_for_memory || context.memory.level() < MemoryLevel::full) return;
  tcb.waits_for_memory = true;
  context.count(Counter::tcp_memory_refused_out);
}

void signal_send_room(Tcb& tcb, const Context& context) {
  if (!tcb.send_blocked || !has_ample_room(tcb, context)) return;
  tcb.send_blocked = false;
  tcb.signal(Ready::writable);
}

void grow_send_buffer(Tcb& tcb, const Context& context) {
  const TcpConfig& config = context.config;
  if (tcb.settings->send_buffer != 0 || !tcb.send_blocked || !context.memory.may_grow()) return;
  const std::uint64_t most = std::min(config.send_buffer_max, context.memory.share());
  const auto wanted = static_cast<std::uint32_t>(std::min(wanted_send_buffer(tcb, config), most));
  if (wanted <= grown_size(tcb, config)) return;
  tcb.grown_send_buffer = wanted;
  context.count(Counter::tcp_send_buffers_grown);
  trace_grown(tcb, context);
}

void make_send_room(Tcb& tcb, const Context& context) {
  // By the memory rule only a sender that has run dry grows (output.cpp).
  if (!by_memory(context.config)) grow_send_buffer(tcb, context);
  signal_send_room(tcb, context);
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
