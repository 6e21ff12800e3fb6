#include "transport/tcp/path_model.hpp"

#include <algorithm>

namespace strata::tcp {

void stamp_sent(Tcb& tcb, const Context& context, Scoreboard::Position at) {
  const std::uint32_t size = tcb.loss.board.range(at).size();
  const std::uint32_t in_flight = tcb.in_flight();
  tcb.loss.board.stamp(at, tcb.rates->on_sent(context.now, in_flight - std::min(in_flight, size), size));
}

void note_restart(Tcb& tcb, const Context& context) {
  if (tcb.loss.board.empty() && tcb.rates->app_limited()) tcb.cc.on_restart(context.now);
}

void note_delivered(Tcb& tcb, const Context& context, const TransmitRecord& record) {
  const SendStamp* const stamp = tcb.loss.board.stamp_of(record);
  if (stamp != nullptr) tcb.rates->on_delivered(*stamp, record.sent, record.end, context.now);
}

void tell_lost(Tcb& tcb, const Context& context) {
  Scoreboard& board = tcb.loss.board;
  board.take_newly_lost([&](Scoreboard::Position at) {
    const SendStamp& stamp = *board.stamp_of(board.at(at));
    LostSegment lost = tcb.rates->on_lost(stamp, board.range(at), context.now);
    lost.sack = tcb.sack_on;
    tcb.cc.on_lost(lost);
  });
}

void tell_sample(Tcb& tcb, const Context& context, const AckReport& report) {
  RateSample sample = tcb.rates->sample(context.now, report.delivered, tcb.rtt.min_rtt());
  sample.rtt = report.rtt;
  sample.srtt = tcb.rtt.srtt();
  sample.in_flight = tcb.in_flight();
  sample.cwnd_limited = tcb.window_use.allows_growth(tcb.cc.cwnd(), false);
  sample.recovering = tcb.loss.phase == LossPhase::recovery;
  sample.sack = tcb.sack_on;
  if (tcb.cc.on_rate(sample)) tcb.rates->mark_app_limited(sample.in_flight);
  if (tcb.cc.models_path() && report.delivered > 0) trace_cwnd(tcb, context, tcb.cc.phase());
}

}  // namespace strata::tcp
