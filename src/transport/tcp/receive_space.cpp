#include "transport/tcp/receive_space.hpp"

#include <algorithm>

#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

/// What a sender that does not know the path sends at least (RFC 3390 §1): a window begins to grow above
/// this.
constexpr std::uint32_t kFirstSegments = 4;
/// Under pressure: enough for a sender's ACK clock to go on.
constexpr std::uint32_t kSegmentsUnderPressure = 4;
/// After this long without data a sender begins anew, and so do we.
constexpr Duration kIdle = Duration::seconds(10);

std::uint32_t clamped(const TcpSettings& own, std::uint32_t window) {
  return own.window_clamp != 0 ? std::min(window, own.window_clamp) : window;
}

bool is_tuned(const Tcb& tcb, const TcpConfig& config) {
  return config.moderate_receive_buffer && tcb.settings->receive_buffer == 0;
}

std::uint32_t segment_max(const Tcb& tcb) { return mss_limit(*tcb.settings, tcb.path.mss); }

/// Behind what the application has read. Our count of the peer's FIN is not data.
SeqNum read_end(const Tcb& tcb) {
  const auto unread = static_cast<std::uint32_t>(tcb.receive_queue.size());
  return tcb.rcv_nxt - unread - (tcb.fin_received ? 1U : 0U);
}

void start_tuning(Tcb& tcb, const Context& context) {
  const std::uint32_t window = first_window(tcb, context.config);
  // A connection that brings little never needs more than it begins with.
  if (tcb.traffic.bytes_received < window / 8) return;
  const std::uint32_t at_once = std::min(window / 2, kFirstSegments * segment_max(tcb));
  ReceiveTuning* const tuning = tcb.tuning.make();
  if (tuning == nullptr) return;
  *tuning = ReceiveTuning({.read = read_end(tcb),
                           .window = window,
                           .per_round = at_once,
                           .rtt = tcb.rtt.srtt(),
                           .now = context.now});
}

void trace_grown(const Tcb& tcb, const Context& context) {
  if (!context.tracing()) return;
  TraceEvent event;
  event.at = context.now;
  event.flow = tcb.flow_number;
  event.kind = TraceKind::buffer_grew;
  event.cause = Cause::app_receive;
  event.buffer = {.bytes = tcb.tuning->window(), .per_round = tcb.tuning->per_round()};
  context.trace.function(context.trace.context, event);
}

}  // namespace

std::uint32_t first_window(const Tcb& tcb, const TcpConfig& config) {
  return receive_buffer(*tcb.settings, config);
}

std::uint32_t largest_window(const Tcb& tcb, const TcpConfig& config) {
  const std::uint32_t first = first_window(tcb, config);
  return is_tuned(tcb, config) ? std::max(first, clamped(*tcb.settings, config.receive_buffer_max)) : first;
}

std::uint32_t window_limit(const Tcb& tcb, const Context& context) {
  const std::uint32_t first = first_window(tcb, context.config);
  if (context.memory.level() != MemoryLevel::ample)
    return std::min(first, kSegmentsUnderPressure * segment_max(tcb));
  if (!tcb.tuning || !is_tuned(tcb, context.config)) return first;
  return std::max(first, clamped(*tcb.settings, tcb.tuning->window()));
}

std::uint32_t receive_room(const Tcb& tcb, const Context& context) {
  const std::uint32_t limit = window_limit(tcb, context);
  return limit - static_cast<std::uint32_t>(std::min<std::size_t>(tcb.receive_queue.size(), limit));
}

void measure_receive_rtt(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!tcb.tuning) return;
  const Duration silence = context.now - tcb.last_data_received;
  if (silence >= kIdle) return tcb.tuning.reset();
  if (!tcb.timestamps_on || !segment.options.timestamps) {
    return tcb.tuning->on_data(segment.seq, tcb.rcv_edge, context.now);
  }
  // After a pause of the sender's the echo is as old as the pause.
  const bool may_have_paused = silence > tcb.tuning->rtt();
  if (segment.payload_size < tcb.snd_mss || may_have_paused) return;
  const std::uint32_t echo = segment.options.timestamps->echo;
  tcb.tuning->on_echo(echo, timestamp_value(context.now, tcb.ts_offset) - echo);
}

void tune_on_read(Tcb& tcb, const Context& context) {
  if (!is_tuned(tcb, context.config)) return tcb.tuning.reset();
  if (!tcb.tuning) return start_tuning(tcb, context);
  const std::uint32_t most = std::min(largest_window(tcb, context.config), context.memory.share());
  const bool grew = tcb.tuning->on_read({.upto = read_end(tcb),
                                         .unread = static_cast<std::uint32_t>(tcb.receive_queue.size()),
                                         .mss = segment_max(tcb),
                                         .window_max = context.memory.may_grow() ? most : 0,
                                         .now = context.now});
  if (!grew) return;
  context.count(Counter::tcp_receive_buffers_grown);
  trace_grown(tcb, context);
}

bool has_memory_for_text(Tcb& tcb, const Context& context, bool in_order) {
  MemoryLevel level = context.memory.level();
  if (level < MemoryLevel::full) return true;
  while (in_order && level >= MemoryLevel::full && !tcb.reassembly.empty()) {
    tcb.reassembly.drop_last(context.reassembly_memory());
    context.count(Counter::tcp_out_of_order_pruned);
    level = context.memory.level();
  }
  const bool reader_keeps_up = tcb.receive_queue.size() < context.config.receive_buffer_min;
  if (level < MemoryLevel::full || (in_order && level == MemoryLevel::full && reader_keeps_up)) return true;
  context.count(Counter::tcp_memory_refused_in);
  return false;
}

void give_back_if_idle(Tcb& tcb, Instant now) {
  const bool holds_data = !tcb.send_queue.empty() || !tcb.receive_queue.empty() || !tcb.reassembly.empty();
  if (holds_data || now - std::max(tcb.last_data_received, tcb.last_sent) < kIdle) return;
  tcb.tuning.reset();
  tcb.grown_send_buffer = 0;
}

}  // namespace strata::tcp
