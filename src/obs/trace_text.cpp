// Trace events as lines of text.
#include "obs/trace_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "wire/tcp.hpp"

namespace strata::obs {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

/// The order in which tcpdump prints them.
constexpr std::array<std::pair<std::uint16_t, char>, 9> kFlagLetters{{
    {tcp_flag::kFin, 'F'},
    {tcp_flag::kSyn, 'S'},
    {tcp_flag::kRst, 'R'},
    {tcp_flag::kPsh, 'P'},
    {tcp_flag::kAck, '.'},
    {tcp_flag::kUrg, 'U'},
    {tcp_flag::kEce, 'E'},
    {tcp_flag::kCwr, 'W'},
    {tcp_flag::kAe, 'e'},
}};

std::string time_text(std::int64_t nanos) {
  if (nanos == Instant::never().count_nanos()) return "never";
  return fmt::format("{}.{:09}", nanos / kNanosPerSecond, nanos % kNanosPerSecond);
}

/// What stands between `flow N` and the cause.
template <class Out>
Out write_fields(Out out, const TraceEvent& e) {
  switch (e.kind) {
    case TraceKind::segment_sent:
    case TraceKind::segment_received:
      out = fmt::format_to(
          out, "{} {} seq {} ack {} len {} win {}", e.kind == TraceKind::segment_sent ? "sent" : "received",
          tcp_flag_letters(e.segment.flags), e.segment.seq, e.segment.ack, e.segment.length, e.segment.wnd);
      return e.segment.gso_size == 0 ? out : fmt::format_to(out, " gso {}", e.segment.gso_size);
    case TraceKind::segment_dropped: return fmt::format_to(out, "dropped {}", name(e.drop.counter));
    case TraceKind::state_changed:
      return fmt::format_to(out, "state {} -> {}", name(e.state.old_state), name(e.state.new_state));
    case TraceKind::timer_armed:
      return fmt::format_to(out, "timer {} armed until {}", name(e.timer.timer),
                            time_text(e.timer.deadline_nanos));
    case TraceKind::timer_fired: return fmt::format_to(out, "timer {} fired", name(e.timer.timer));
    case TraceKind::cwnd_changed:
      return fmt::format_to(out, "cwnd {} ssthresh {} in_flight {}", e.cwnd.cwnd, e.cwnd.ssthresh,
                            e.cwnd.in_flight);
    case TraceKind::rtt_sampled:
      return fmt::format_to(out, "rtt {} srtt {} rto {} us", e.rtt.rtt_us, e.rtt.srtt_us, e.rtt.rto_us);
    case TraceKind::app_call: return fmt::format_to(out, "call length {}", e.call.length);
    case TraceKind::mss_changed: return fmt::format_to(out, "mss {} -> {}", e.mss.old_mss, e.mss.new_mss);
    case TraceKind::buffer_grew:
      return fmt::format_to(out, "buffer {} per_round {}", e.buffer.bytes, e.buffer.per_round);
    case TraceKind::established_flow:
      return fmt::format_to(out, "is {} to {}",
                            to_string(Endpoint{e.endpoints.local, 0, e.endpoints.local_port}),
                            to_string(Endpoint{e.endpoints.remote, 0, e.endpoints.remote_port}));
  }
  return out;
}

}  // namespace

std::string tcp_flag_letters(std::uint16_t flags) {
  std::string letters;
  for (const auto& [bit, letter] : kFlagLetters) {
    if ((flags & bit) != 0) letters += letter;
  }
  return letters.empty() ? "none" : letters;
}

std::optional<std::uint16_t> parse_tcp_flag_letters(std::string_view letters) {
  std::uint16_t flags = 0;
  if (letters == "none") return flags;
  for (const char letter : letters) {
    const auto* const known = std::find_if(kFlagLetters.begin(), kFlagLetters.end(),
                                           [&](const auto& flag) { return flag.second == letter; });
    if (known == kFlagLetters.end()) return std::nullopt;
    flags = static_cast<std::uint16_t>(flags | known->first);
  }
  return flags;
}

void append_trace_line(std::string& to, const TraceEvent& event, std::string_view host) {
  auto out = std::back_inserter(to);
  out = fmt::format_to(out, "{} ", time_text(event.at.count_nanos()));
  if (!host.empty()) out = fmt::format_to(out, "{} ", host);
  out = write_fields(fmt::format_to(out, "flow {} ", event.flow), event);
  if (event.cause != Cause::none) fmt::format_to(out, " ({})", name(event.cause));
  to += '\n';
}

std::string note_line(std::string_view key, std::string_view value) {
  return fmt::format("# {}: {}\n", key, value);
}

}  // namespace strata::obs
