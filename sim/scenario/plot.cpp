#include "sim/scenario/plot.hpp"

#include <algorithm>
#include <initializer_list>

#include "sim/machine.hpp"

namespace strata::sim {
namespace {

constexpr std::int64_t kWidth = 960;
constexpr std::int64_t kLeft = 90;
constexpr std::int64_t kRight = 20;
constexpr std::int64_t kPanelHeight = 240;
constexpr std::int64_t kPanelGap = 76;
constexpr std::int64_t kTop = 64;
/// Connections that are drawn: those that sent most.
constexpr std::size_t kSendersMax = 3;
/// Points of one line that are drawn: more cannot be told apart.
constexpr std::size_t kPointsMax = 3000;
constexpr std::uint16_t kSynBit = 2;

struct Colour {
  static constexpr const char* kSent = "#1f6fb4";
  static constexpr const char* kAgain = "#c8322b";
  static constexpr const char* kAcknowledged = "#2b8a4b";
  static constexpr const char* kFlight = "#e08a1e";
  static constexpr const char* kGrid = "#d8dce2";
  static constexpr const char* kText = "#2b3038";
};

bool is_repetition(Cause cause) {
  return cause == Cause::retransmit_rto || cause == Cause::retransmit_fast ||
         cause == Cause::retransmit_partial_ack || cause == Cause::retransmit_syn ||
         cause == Cause::probe_tail;
}

std::string number(std::int64_t value) { return std::to_string(value); }

std::string text_at(std::int64_t x, std::int64_t y, const std::string& text, const char* anchor, int size,
                    const char* colour) {
  std::string safe;
  for (const char c : text) safe += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\" font-size=\"" +
         number(size) + "\" fill=\"" + colour + "\">" + safe + "</text>\n";
}

std::string line_at(std::int64_t x1, std::int64_t y1, std::int64_t x2, std::int64_t y2, const char* colour) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" +
         number(y2) + "\" stroke=\"" + colour + "\"/>\n";
}

/// 1, 2 or 5 times a power of ten, so that about five of them make `span`.
std::int64_t step_for(std::int64_t span) {
  std::int64_t step = 1;
  while (true) {
    for (const std::int64_t factor : {1, 2, 5}) {
      if (span / (step * factor) <= 6) return step * factor;
    }
    step *= 10;
  }
}

std::string amount_text(std::int64_t value) {
  if (value >= 10'000'000) return number(value / 1'000'000) + " MB";
  if (value >= 10'000) return number(value / 1'000) + " kB";
  return number(value);
}

}  // namespace

/// One picture with axes.
struct Plot::Panel {
  std::int64_t top;
  Duration span;
  std::int64_t most;  ///< at the upper edge
  std::string svg;

  std::int64_t x(Instant at) const {
    const std::int64_t width = kWidth - kLeft - kRight;
    return kLeft + (at - Instant()).count_micros() * width / std::max<std::int64_t>(1, span.count_micros());
  }
  std::int64_t y(std::uint64_t value) const {
    return top + kPanelHeight -
           static_cast<std::int64_t>(value) * kPanelHeight / std::max<std::int64_t>(1, most);
  }

  template <class Label>
  void axes(const std::string& title, Label label) {
    svg += text_at(kLeft, top - 28, title, "start", 15, Colour::kText);
    const std::int64_t step = step_for(most);
    for (std::int64_t value = 0; value <= most; value += step) {
      const std::int64_t at = y(static_cast<std::uint64_t>(value));
      svg += line_at(kLeft, at, kWidth - kRight, at, Colour::kGrid);
      svg += text_at(kLeft - 8, at + 4, label(value), "end", 11, Colour::kText);
    }
    const std::int64_t millis = step_for(span.count_millis());
    for (std::int64_t at = 0; at <= span.count_millis(); at += millis) {
      const std::int64_t place = x(Instant() + Duration::millis(at));
      svg += line_at(place, top + kPanelHeight, place, top + kPanelHeight + 5, Colour::kText);
      const std::string text = millis >= 1'000 ? number(at / 1'000) + " s" : number(at) + " ms";
      svg += text_at(place, top + kPanelHeight + 18, text, "middle", 11, Colour::kText);
    }
  }
  void legend(std::initializer_list<std::pair<const char*, const char*>> rows) {
    std::int64_t at = kLeft;
    for (const auto& [name, colour] : rows) {
      svg += "<rect x=\"" + number(at) + "\" y=\"" + number(top - 19) +
             "\" width=\"10\" height=\"10\" fill=\"" + colour + "\"/>\n";
      svg += text_at(at + 14, top - 10, name, "start", 11, Colour::kText);
      at += 150;
    }
  }
  void dots(const std::vector<Point>& points, const char* colour, int size) {
    const std::size_t stride = points.size() / kPointsMax + 1;
    svg += "<path stroke=\"" + std::string(colour) + "\" stroke-width=\"" + number(size) +
           "\" stroke-linecap=\"round\" d=\"";
    for (std::size_t i = 0; i < points.size(); i += stride)
      svg += "M" + number(x(points[i].at)) + " " + number(y(points[i].value)) + "h0";
    svg += "\"/>\n";
  }
  /// Stays where it is until it changes.
  void steps(const std::vector<Point>& points, const char* colour) {
    if (points.empty()) return;
    const std::size_t stride = points.size() / kPointsMax + 1;
    svg += "<path fill=\"none\" stroke=\"" + std::string(colour) + "\" stroke-width=\"1.5\" d=\"";
    for (std::size_t i = 0; i < points.size(); i += stride) {
      const std::string place = number(x(points[i].at));
      svg += i == 0 ? "M" + place + " " + number(y(points[i].value))
                    : "H" + place + "V" + number(y(points[i].value));
    }
    svg += "\"/>\n";
  }
};

struct Plot::Page {
  std::int64_t top = kTop;
  std::string body;

  void add(const Panel& panel) {
    body += panel.svg;
    top += kPanelHeight + kPanelGap;
  }
};

void Plot::on_trace(const Machine& machine, const TraceEvent& event, Instant at) {
  if (event.flow == 0) return;
  Sender& sender = senders_[{machine.name(), event.flow}];
  switch (event.kind) {
    case TraceKind::segment_sent: {
      if ((event.segment.flags & kSynBit) != 0) sender.first_seq = event.segment.seq + 1;
      if (event.segment.length == 0) return;
      const std::uint64_t end = event.segment.seq + event.segment.length - sender.first_seq;
      (is_repetition(event.cause) ? sender.sent_again : sender.sent).push_back({at, end});
      sender.bytes = std::max(sender.bytes, end);
      return;
    }
    case TraceKind::segment_received: {
      const std::uint32_t acknowledged = event.segment.ack - sender.first_seq;
      if (acknowledged <= sender.bytes) sender.acknowledged.push_back({at, acknowledged});
      return;
    }
    case TraceKind::cwnd_changed:
      sender.cwnd.push_back({at, event.cwnd.cwnd});
      sender.in_flight.push_back({at, event.cwnd.in_flight});
      return;
    default: return;
  }
}

std::string Plot::svg(const Scenario& scenario, const RunReport& report) const {
  Page page;
  for (const auto& [name, sender] : largest()) draw_sender(page, name, *sender);
  for (const auto& [name, record] : report.voice_records) {
    const auto plan = std::ranges::find(scenario.programs, name, &ProgramPlan::name);
    const Duration playout = plan == scenario.programs.end() ? VoicePlan().playout : plan->voice.playout;
    if (!record.frames.empty()) draw_voice(page, name, record, playout);
  }
  const std::string size = "width=\"" + number(kWidth) + "\" height=\"" + number(page.top) + "\"";
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + " font-family=\"sans-serif\">\n<rect " + size +
         " fill=\"white\"/>\n" + text_at(kLeft, 22, scenario.title, "start", 16, Colour::kText) + page.body +
         "</svg>\n";
}

std::vector<std::pair<std::string, const Plot::Sender*>> Plot::largest() const {
  std::vector<std::pair<std::string, const Sender*>> all;
  for (const auto& [who, sender] : senders_) {
    if (sender.bytes > 0) all.emplace_back(who.first + ", connection " + std::to_string(who.second), &sender);
  }
  std::ranges::sort(all, [](const auto& a, const auto& b) {
    return a.second->bytes != b.second->bytes ? a.second->bytes > b.second->bytes : a.first < b.first;
  });
  if (all.size() > kSendersMax) all.resize(kSendersMax);
  return all;
}

void Plot::draw_sender(Page& page, const std::string& name, const Sender& sender) {
  Instant last;
  for (const auto* points : {&sender.sent, &sender.sent_again, &sender.acknowledged}) {
    if (!points->empty()) last = std::max(last, points->back().at);
  }
  const Duration span = last - Instant();
  Panel sequence{.top = page.top, .span = span, .most = static_cast<std::int64_t>(sender.bytes), .svg = {}};
  sequence.axes(name + ": sequence numbers", amount_text);
  sequence.legend(
      {{"sent", Colour::kSent}, {"sent again", Colour::kAgain}, {"acknowledged", Colour::kAcknowledged}});
  sequence.steps(sender.acknowledged, Colour::kAcknowledged);
  sequence.dots(sender.sent, Colour::kSent, 2);
  sequence.dots(sender.sent_again, Colour::kAgain, 4);
  page.add(sequence);
  if (sender.cwnd.empty()) return;
  std::uint64_t most = 1;
  for (const auto* points : {&sender.cwnd, &sender.in_flight}) {
    for (const Point& point : *points) most = std::max(most, point.value);
  }
  Panel windows{.top = page.top, .span = span, .most = static_cast<std::int64_t>(most), .svg = {}};
  windows.axes(name + ": windows", amount_text);
  windows.legend({{"cwnd", Colour::kSent}, {"in flight", Colour::kFlight}});
  windows.steps(sender.in_flight, Colour::kFlight);
  windows.steps(sender.cwnd, Colour::kSent);
  page.add(windows);
}

void Plot::draw_voice(Page& page, const std::string& name, const VoiceRecord& record, Duration playout) {
  std::vector<Point> ways;
  std::vector<Point> lost;
  const auto limit = static_cast<std::uint64_t>(playout.count_micros());
  std::uint64_t most = 2 * limit;
  for (const VoiceRecord::Frame& frame : record.frames) {
    const bool arrived = !frame.arrived.is_never();
    const Duration took = arrived ? frame.arrived - frame.sent : Duration();
    const auto way = static_cast<std::uint64_t>(took.count_micros());
    (arrived ? ways : lost).push_back({frame.sent, way});
    most = std::max(most, way);
  }
  const Duration span = record.frames.back().sent - Instant();
  Panel panel{.top = page.top, .span = span, .most = static_cast<std::int64_t>(most), .svg = {}};
  panel.axes("voice over " + name + ": time on the way, frame by frame",
             [](std::int64_t micros) { return number(micros / 1'000) + " ms"; });
  panel.legend({{"arrived", Colour::kSent}, {"lost", Colour::kAgain}, {"too late above", Colour::kFlight}});
  panel.svg += line_at(kLeft, panel.y(limit), kWidth - kRight, panel.y(limit), Colour::kFlight);
  panel.dots(ways, Colour::kSent, 3);
  panel.dots(lost, Colour::kAgain, 5);
  page.add(panel);
}

}  // namespace strata::sim
