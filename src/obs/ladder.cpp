#include "obs/ladder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "obs/end_history.hpp"
#include "obs/paint.hpp"
#include "wire/tcp.hpp"

namespace strata::obs {
namespace {

//  seconds 10 | state 13 | 1 | life line | 58 | life line | 1 | state 13
constexpr std::size_t kTimeWidth = 10;
constexpr std::size_t kStateWidth = 13;
constexpr std::size_t kSpan = 58;
constexpr std::size_t kLeftOfLine = kTimeWidth + 1 + kStateWidth + 1;
/// Shorter runs of plain data are not worth a fold.
constexpr std::size_t kFoldAtLeast = 3;
/// Retransmissions and the like are shown one by one up to this number.
constexpr std::size_t kRemarksShown = 16;

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

bool is_remarkable(Cause cause) {
  switch (cause) {
    case Cause::retransmit_rto:
    case Cause::retransmit_fast:
    case Cause::retransmit_partial_ack:
    case Cause::retransmit_syn:
    case Cause::probe_zero_window:
    case Cause::probe_keepalive:
    case Cause::ack_window_update:
    case Cause::ack_challenge: return true;
    default: return false;
  }
}

class Ladder {
 public:
  Ladder(const Conversation& conversation, const Trace& trace, bool colour)
      : conversation_(conversation),
        trace_(trace),
        paint_(colour),
        ends_{history_of(conversation, Side::client, trace), history_of(conversation, Side::server, trace)} {}

  std::string render() {
    choose_rows();
    heading();
    for (std::size_t row = 0; row < conversation_.segments.size();) {
      const std::size_t fold = foldable_from(row);
      if (fold >= kFoldAtLeast) {
        folded(row, fold);
        row += fold;
      } else {
        segment(row);
        interludes_after(row);
        ++row;
      }
    }
    legend();
    return std::move(out_);
  }

 private:
  const EndHistory& end(Side side) const { return ends_[static_cast<std::size_t>(side)]; }
  const SeenSegment& at(std::size_t row) const { return conversation_.segments[row]; }

  bool is_remarkable_row(std::size_t row) const {
    return is_remarkable(end(at(row).from).causes[row]) || !end(Side::client).remarks[row].empty() ||
           !end(Side::server).remarks[row].empty();
  }
  bool changes_state(std::size_t row) const {
    return std::any_of(ends_.begin(), ends_.end(), [&](const EndHistory& history) {
      return history.after[row] != (row == 0 ? history.before : history.after[row - 1]);
    });
  }

  /// Open, close, every change of state, the first data each way with its acknowledgment, and what went
  /// wrong.
  void choose_rows() {
    const std::size_t rows = conversation_.segments.size();
    shown_.assign(rows, false);
    std::array<bool, 2> data_seen{};
    std::array<bool, 2> ack_seen{};
    std::size_t remarks = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const SeenSegment& s = at(row);
      const auto from = static_cast<std::size_t>(s.from);
      bool show =
          s.has(tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst) || changes_state(row) || row + 1 == rows;
      if (s.length != 0 && !data_seen[from]) show = data_seen[from] = true;
      if (s.length == 0 && data_seen[1 - from] && !ack_seen[from]) show = ack_seen[from] = true;
      if (is_remarkable_row(row) && ++remarks <= kRemarksShown) show = true;
      shown_[row] = show;
    }
  }

  std::size_t foldable_from(std::size_t row) const {
    std::size_t count = 0;
    while (row + count < shown_.size() && !shown_[row + count]) ++count;
    return count;
  }

  std::string state_text(Side side, TcpState state) const {
    return (end(side).exact ? "" : "~") + std::string(name(state));
  }

  void line(std::string_view time, std::string_view left, std::string_view drawing, std::string_view right) {
    fmt::format_to(std::back_inserter(out_), "{:>{}} {:>{}} {}{}{}\n", time, kTimeWidth, left, kStateWidth,
                   drawing, right.empty() ? "" : " ", right);
  }
  /// Text between the life lines; `width` counts its columns where paint or other letters hide them.
  std::string between(std::string_view text, std::size_t width) const {
    return fmt::format("│{}{}│", text, std::string(kSpan - std::min(width, kSpan), ' '));
  }

  void heading() {
    const auto both = [&](std::string_view left, std::string_view right) {
      const std::size_t total = kLeftOfLine + kSpan + 2 + 1 + kStateWidth;
      const std::size_t used = kTimeWidth + 1 + left.size() + right.size();
      fmt::format_to(std::back_inserter(out_), "{:>{}} {}{}{}\n", "", kTimeWidth, left,
                     std::string(total - std::min(used, total), ' '), right);
    };
    both(to_string(conversation_.client), to_string(conversation_.server));
    const std::string client = printable(trace_.note("client"));
    const std::string server = printable(trace_.note("server"));
    if (!client.empty() || !server.empty()) both(client, server);
    line("seconds", state_text(Side::client, end(Side::client).before), between("", 0),
         state_text(Side::server, end(Side::server).before));
  }

  std::string numbers(const SeenSegment& s) const {
    const std::uint32_t seq = conversation_.relative_seq(s);
    std::string text = fmt::format("seq {}", seq);
    if (s.length != 0) text += fmt::format(":{}", seq + s.length);
    if (s.has(tcp_flag::kAck)) text += fmt::format(" ack {}", conversation_.relative_ack(s));
    text += fmt::format(" win {}", s.window);
    if (s.length != 0) text += fmt::format(" len {}", s.length);
    return text;
  }

  std::string reason(std::size_t row) const {
    const SeenSegment& s = at(row);
    const Cause cause = end(s.from).causes[row];
    std::string text = cause == Cause::none ? "" : std::string(describe(cause));
    for (const EndHistory& history : ends_) {
      if (!history.remarks[row].empty()) text += (text.empty() ? "" : "; ") + history.remarks[row];
    }
    return text;
  }

  void segment(std::size_t row) {
    const SeenSegment& s = at(row);
    const std::string letters = fmt::format("{:<3}", tcp_flag_letters(s.flags));
    const std::string text = numbers(s);
    const std::size_t used = 3 + letters.size() + 1 + text.size() + 1;
    const std::string shaft = repeat("─", kSpan - std::min(used + 2, kSpan));
    const std::string body = paint_.bold(letters) + " " + text;
    const std::string drawing = s.from == Side::client ? fmt::format("├─ {} {}─▶│", body, shaft)
                                                       : fmt::format("│◀─ {} {}─┤", body, shaft);
    const std::int64_t nanos = (s.at - conversation_.segments.front().at).count_nanos();
    const std::string time = fmt::format("{}.{:06}", nanos / 1'000'000'000, nanos / 1'000 % 1'000'000);
    line(time, state_text(Side::client, end(Side::client).after[row]), drawing,
         state_text(Side::server, end(Side::server).after[row]));
    absolute_line(row);
  }

  /// The absolute numbers, and why the segment was sent: beside them if there is room, else below.
  void absolute_line(std::size_t row) {
    const SeenSegment& s = at(row);
    std::string numbers = fmt::format("      seq {}", s.seq.raw());
    if (s.has(tcp_flag::kAck)) numbers += fmt::format(" ack {}", s.ack.raw());
    const std::string why = reason(row).substr(0, kSpan - 6);
    const std::string painted = is_remarkable_row(row) ? paint_.alarm(why) : paint_.note(why);
    const bool fits = numbers.size() + 2 + why.size() <= kSpan;
    const std::string beside = fits && !why.empty() ? "  " + painted : "";
    line("", "",
         between(paint_.dim(numbers) + beside, numbers.size() + (beside.empty() ? 0 : 2 + why.size())), "");
    if (!fits) line("", "", between("      " + painted, 6 + why.size()), "");
  }

  void interludes_after(std::size_t row) {
    for (const Side side : {Side::client, Side::server}) {
      for (const Interlude& pause : end(side).interludes) {
        if (pause.after_row != row) continue;
        const std::string why(describe(pause.cause));
        const std::size_t pad = side == Side::client ? 2 : kSpan - std::min(kSpan, why.size() + 2);
        const std::string state = state_text(side, pause.state);
        line("", side == Side::client ? state : "",
             between(std::string(pad, ' ') + paint_.note(why), pad + why.size()),
             side == Side::server ? state : "");
      }
    }
  }

  void folded(std::size_t first, std::size_t count) {
    std::uint64_t bytes = 0;
    for (std::size_t row = first; row < first + count; ++row) bytes += at(row).length;
    const std::string text =
        fmt::format("      ... {} segments, {} bytes ...", grouped(count), grouped(bytes));
    line("", "", between(paint_.dim(text), text.size()), "");
    for (std::size_t row = first; row < first + count; ++row) interludes_after(row);
  }

  void legend() {
    const bool client = end(Side::client).exact;
    const bool server = end(Side::server).exact;
    if (client && server) return;
    std::string text = "~ inferred from the segments (RFC 9293)";
    if (client || server) text += "; the other end's states are its own trace";
    out_ += std::string(kTimeWidth + 1, ' ') + paint_.dim(text) + "\n";
  }

  const Conversation& conversation_;
  const Trace& trace_;
  Paint paint_;
  std::array<EndHistory, 2> ends_;
  std::vector<bool> shown_;
  std::string out_;
};

}  // namespace

std::string render_ladder(const Conversation& conversation, const Trace& trace, bool colour) {
  return Ladder(conversation, trace, colour).render();
}

}  // namespace strata::obs
