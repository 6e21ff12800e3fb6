// Lines of a trace back into events: the inverse of trace_text.cpp.
#include <algorithm>
#include <charconv>
#include <limits>

#include "obs/trace_text.hpp"

namespace strata::obs {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

/// The value whose name() is `text`, among those up to `last`.
template <class Enum>
std::optional<Enum> enum_named(std::string_view text, Enum last) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    if (name(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum>
Enum last_before(Enum count) {
  return static_cast<Enum>(static_cast<std::size_t>(count) - 1);
}

/// Takes words off a line from the left. After the first wrong word everything fails.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view peek() const { return rest_.substr(0, rest_.find(' ')); }
  std::string_view next() {
    const std::string_view word = peek();
    rest_.remove_prefix(std::min(rest_.size(), word.size() + 1));
    if (word.empty()) ok_ = false;
    return word;
  }
  void expect(std::string_view word) { require(next() == word); }
  bool accept(std::string_view word) {
    if (peek() != word) return false;
    next();
    return true;
  }
  template <class T>
  void number(T& to) {
    parse_number(next(), to);
  }
  template <class T>
  void labelled(std::string_view label, T& to) {
    expect(label);
    number(to);
  }
  template <class Enum>
  void named(Enum& to, Enum last) {
    const auto value = enum_named(next(), last);
    require(value.has_value());
    if (value) to = *value;
  }
  void time(std::int64_t& nanos) {
    const std::string_view word = next();
    if (word == "never") {
      nanos = Instant::never().count_nanos();
      return;
    }
    const std::size_t dot = word.find('.');
    std::int64_t seconds = 0;
    std::int64_t fraction = 0;
    parse_number(word.substr(0, dot), seconds);
    require(dot != word.npos && word.size() - dot - 1 == 9);
    if (ok_) parse_number(word.substr(dot + 1), fraction);
    require(fraction >= 0 && seconds >= 0 &&
            seconds < std::numeric_limits<std::int64_t>::max() / kNanosPerSecond);
    if (ok_) nanos = seconds * kNanosPerSecond + fraction;
  }
  void flags(std::uint16_t& to) {
    const auto parsed = parse_tcp_flag_letters(next());
    require(parsed.has_value());
    if (parsed) to = *parsed;
  }
  void endpoint(IpAddress& address, std::uint16_t& port) {
    std::string_view word = next();
    const std::size_t colon = word.rfind(':');
    require(colon != word.npos);
    if (!ok_) return;
    parse_number(word.substr(colon + 1), port);
    word = word.substr(0, colon);
    if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
    const auto parsed = parse_address(word);
    require(parsed.has_value());
    if (parsed) address = *parsed;
  }

 private:
  void require(bool condition) { ok_ = ok_ && condition; }
  template <class T>
  void parse_number(std::string_view text, T& to) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    require(error == std::errc() && end == text.data() + text.size());
  }

  std::string_view rest_;
  bool ok_ = true;
};

void parse_segment(Words& words, TraceEvent& e, TraceKind kind) {
  e.kind = kind;
  words.flags(e.segment.flags);
  words.labelled("seq", e.segment.seq);
  words.labelled("ack", e.segment.ack);
  words.labelled("len", e.segment.length);
  words.labelled("win", e.segment.wnd);
  if (words.accept("gso")) words.number(e.segment.gso_size);
}

void parse_state(Words& words, TraceEvent& e) {
  e.kind = TraceKind::state_changed;
  e.state = {};
  words.named(e.state.old_state, TcpState::time_wait);
  words.expect("->");
  words.named(e.state.new_state, TcpState::time_wait);
}

void parse_timer(Words& words, TraceEvent& e) {
  e.timer = {};
  words.named(e.timer.timer, last_before(TcpTimer::count_));
  if (words.accept("fired")) {
    e.kind = TraceKind::timer_fired;
    return;
  }
  e.kind = TraceKind::timer_armed;
  words.expect("armed");
  words.expect("until");
  words.time(e.timer.deadline_nanos);
}

void parse_cwnd(Words& words, TraceEvent& e) {
  e.kind = TraceKind::cwnd_changed;
  e.cwnd = {};
  words.number(e.cwnd.cwnd);
  words.labelled("ssthresh", e.cwnd.ssthresh);
  words.labelled("in_flight", e.cwnd.in_flight);
}

void parse_rtt(Words& words, TraceEvent& e) {
  e.kind = TraceKind::rtt_sampled;
  e.rtt = {};
  words.number(e.rtt.rtt_us);
  words.labelled("srtt", e.rtt.srtt_us);
  words.labelled("rto", e.rtt.rto_us);
  words.expect("us");
}

void parse_mss(Words& words, TraceEvent& e) {
  e.kind = TraceKind::mss_changed;
  e.mss = {};
  words.number(e.mss.old_mss);
  words.expect("->");
  words.number(e.mss.new_mss);
}

void parse_buffer(Words& words, TraceEvent& e) {
  e.kind = TraceKind::buffer_grew;
  e.buffer = {};
  words.number(e.buffer.bytes);
  words.labelled("per_round", e.buffer.per_round);
}

void parse_flow(Words& words, TraceEvent& e) {
  e.kind = TraceKind::established_flow;
  e.endpoints = {};
  words.endpoint(e.endpoints.local, e.endpoints.local_port);
  words.expect("to");
  words.endpoint(e.endpoints.remote, e.endpoints.remote_port);
}

void parse_fields(Words& words, TraceEvent& e) {
  if (words.accept("sent")) {
    parse_segment(words, e, TraceKind::segment_sent);
  } else if (words.accept("received")) {
    parse_segment(words, e, TraceKind::segment_received);
  } else if (words.accept("dropped")) {
    e.kind = TraceKind::segment_dropped;
    e.drop = {};
    words.named(e.drop.counter, last_before(Counter::count_));
  } else if (words.accept("state")) {
    parse_state(words, e);
  } else if (words.accept("timer")) {
    parse_timer(words, e);
  } else if (words.accept("cwnd")) {
    parse_cwnd(words, e);
  } else if (words.accept("rtt")) {
    parse_rtt(words, e);
  } else if (words.accept("mss")) {
    parse_mss(words, e);
  } else if (words.accept("buffer")) {
    parse_buffer(words, e);
  } else if (words.accept("call")) {
    e.kind = TraceKind::app_call;
    e.call = {};
    words.labelled("length", e.call.length);
  } else {
    words.expect("is");
    parse_flow(words, e);
  }
}

bool parse_cause(Words& words, TraceEvent& e) {
  std::string_view word = words.next();
  if (!word.starts_with('(') || !word.ends_with(')')) return false;
  word = word.substr(1, word.size() - 2);
  const auto cause = enum_named(word, Cause::idle_restart);
  if (cause) e.cause = *cause;
  return cause.has_value();
}

void parse_note(std::string_view line, Trace& trace) {
  const std::size_t colon = line.find(": ");
  if (!line.starts_with("# ") || colon == line.npos) return;
  trace.notes.emplace_back(line.substr(2, colon - 2), line.substr(colon + 2));
}

}  // namespace

std::optional<TraceRecord> parse_trace_line(std::string_view line) {
  TraceRecord record;
  Words words(line);
  std::int64_t nanos = 0;
  words.time(nanos);
  record.event.at = Instant::from_nanos(nanos);
  if (words.peek() != "flow") record.host = words.next();
  words.labelled("flow", record.event.flow);
  parse_fields(words, record.event);
  const bool cause_ok = words.at_end() || parse_cause(words, record.event);
  if (!words.ok() || !cause_ok || !words.at_end()) return std::nullopt;
  return record;
}

std::string_view Trace::note(std::string_view key) const {
  for (const auto& [k, value] : notes) {
    if (k == key) return value;
  }
  return {};
}

Trace parse_trace(std::string_view text) {
  Trace trace;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    if (line.starts_with('#')) {
      parse_note(line, trace);
    } else if (auto record = parse_trace_line(line)) {
      trace.records.push_back(std::move(*record));
    } else {
      ++trace.bad_lines;
    }
  }
  return trace;
}

}  // namespace strata::obs
