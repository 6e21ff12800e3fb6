// The packets that a script expects: the next that the stack sends has to be the one, at its time.
#include <algorithm>

#include "sim/drill/performance.hpp"
#include "sim/drill/segment_text.hpp"

namespace strata::drill {
namespace {

/// How far beyond the end of a failed script to look for the packet that did not come.
constexpr Duration kLookAhead = Duration::seconds(3600);

std::string described(const Sent& sent, const WireSegment& segment) {
  const std::string text = segment_text(sent.flow == nullptr ? segment : sent.flow->to_script(segment));
  return sent.flow == nullptr ? text + " (of a connection that the script does not know)" : text;
}

/// What the script calls the stamp of this segment.
void learn_timestamp(const TcpSpec& expected, const WireSegment& actual, Flow& flow) {
  const auto said = std::ranges::find(expected.options, Option::Kind::timestamps, &Option::kind);
  const auto seen = std::ranges::find(actual.options, Option::Kind::timestamps, &Option::kind);
  if (said == expected.options.end() || seen == actual.options.end()) return;
  flow.learn_timestamp(said->numbers[0], seen->numbers[0]);
}

}  // namespace

void Performance::expect(const Event& event, const PacketSpec& packet) {
  const When& when = event.when;
  const bool any_time = when.kind == When::Kind::any;
  const Duration due_at = due(when);
  const Duration latest = when.latest ? from_origin_of(when, *when.latest) : due_at;
  const Duration limit = any_time ? now() + kLookAhead : std::max(latest + tolerance_at(due_at), now());
  const auto* tcp = std::get_if<TcpSpec>(&packet.what);
  if (tcp == nullptr) return unsupported(event, "expecting ICMP");
  const auto foreign = std::ranges::find(tcp->options, Option::Kind::other, &Option::kind);
  if (foreign != tcp->options.end())
    return unsupported(event, foreign->at, "the TCP option " + foreign->text);
  const bool arrived = machine_->run_until_sent(1, origin_ + limit);
  judge_pending();
  if (is_over()) return;
  if (!arrived) return report_missing(event);
  const bool alone = settings_.strict_segments;
  judge_packet(event, packet, alone ? 1 : burst_size(machine_->sent(), tcp->sequence.length));
}

void Performance::judge_packet(const Event& event, const PacketSpec& packet, std::size_t burst) {
  std::deque<Sent>& sent = machine_->sent();
  const Sent first = sent.front();
  const WireSegment on_wire = merge(sent, burst);
  sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(burst));
  const Duration at = first.at - origin_;
  if (first.flow != nullptr) learn_timestamp(std::get<TcpSpec>(packet.what), on_wire, *first.flow);
  const WireSegment actual = first.flow == nullptr ? on_wire : first.flow->to_script(on_wire);
  const Duration tolerance = tolerance_at(due(event.when));
  const auto wrong = difference(packet, actual, on_wire, first.flow,
                                {.timestamp_tick = settings_.timestamp_tick,
                                 .timestamp_tolerance = std::max(tolerance, settings_.timestamp_tick)});
  if (wrong) {
    fail(event, *wrong, time_text(at) + " " + described(first, on_wire));
  } else {
    judge_time(event, at, described(first, on_wire));
  }
  last_ = at;
}

void Performance::judge_time(const Event& event, Duration at, std::string_view what) {
  if (event.when.kind == When::Kind::any) return;
  const Duration earliest = due(event.when);
  const Duration latest = event.when.latest ? from_origin_of(event.when, *event.when.latest) : earliest;
  const Duration tolerance = tolerance_at(earliest);
  if (at >= earliest - tolerance && at <= latest + tolerance) return;
  std::string expected = time_text(earliest);
  if (latest != earliest) expected += " to " + time_text(latest);
  fail(event, "sent at " + time_text(at) + ", not at " + expected, time_text(at) + " " + std::string(what));
}

void Performance::report_missing(const Event& event) {
  if (!machine_->run_until_sent(1, machine_->now() + kLookAhead)) {
    return fail(event, "nothing was sent, and nothing would be");
  }
  const Sent& late = machine_->sent().front();
  fail(event, "nothing was sent in time", time_text(late.at - origin_) + " " + described(late, late.segment));
}

/// A script whose last word is an expected packet watches what the stack sends: nothing more may have left by
/// then.
void Performance::judge_leftovers() {
  if (is_over() || last_event_ == nullptr) return;
  if (machine_->foreign_output()) return fail(*last_event_, "the stack sent " + *machine_->foreign_output());
  const auto* packet = std::get_if<PacketSpec>(&last_event_->what);
  const std::deque<Sent>& sent = machine_->sent();
  if (packet == nullptr || packet->direction == Direction::inbound || sent.empty()) return;
  fail(*last_event_, "one more packet was sent",
       time_text(sent.front().at - origin_) + " " + described(sent.front(), sent.front().segment));
}

}  // namespace strata::drill
