#include "transport/tcp/path_mtu.hpp"

#include <algorithm>

#include "transport/tcp/recovery.hpp"
#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

/// A probe needs so many segments behind it, that its loss shows (RFC 4821 §7.4).
constexpr std::uint32_t kSegmentsBehind = 4;

/// Every segment has them (RFC 9293 §3.7.1).
std::uint16_t options_size(const Tcb& tcb) { return tcb.timestamps_on ? 12 : 0; }

/// What nobody forbids.
std::uint16_t allowed_mss(const Tcb& tcb, const TcpConfig& config) {
  const std::uint16_t ends = std::min(tcb.peer_mss, mss_limit(*tcb.settings, tcb.path.mss));
  const bool is_told = tcb.path.carried != 0 && believes_routers(path_mtu_discovery(*tcb.settings, config));
  return is_told ? std::min(ends, tcb.path.carried) : ends;
}

std::uint16_t payload_of_segment(const Tcb& tcb, const TcpConfig& config) {
  const PathSearch* search = tcb.settings.path_search();
  const std::uint16_t mss = allowed_mss(tcb, config);
  return static_cast<std::uint16_t>((search != nullptr ? std::min(mss, search->low()) : mss) -
                                    options_size(tcb));
}

void fit_mss(Tcb& tcb, const Context& context, Cause cause) {
  const std::uint16_t payload = payload_of_segment(tcb, context.config);
  if (payload == tcb.snd_mss) return;
  trace_mss(tcb, context, payload, cause);
  tcb.snd_mss = payload;
  tcb.mss_proven = false;
  tcb.cc.set_mss(payload);  // the window is in bytes, and stays
}

/// The last record ends with our FIN.
bool ends_with_fin(const Tcb& tcb) { return tcb.fin_sent && tcb.loss.board.end() == tcb.queue_end() + 1; }

bool is_too_big(const Tcb& tcb, Scoreboard::Position at) {
  const Scoreboard& board = tcb.loss.board;
  const std::uint32_t fin = at == board.last() && ends_with_fin(tcb) ? 1 : 0;
  return board.range(at).size() > tcb.snd_mss + fin;
}

/// RFC 1191 §6.4, RFC 4821 §7.6.1: a repair that takes nothing off the congestion window.
void repair_without_reduction(Tcb& tcb, const Context& context) {
  LossRecovery& loss = tcb.loss;
  tcb.retransmit_cause = Cause::retransmit_path_mtu;
  tcb.rtt_start = Instant::never();  // Karn
  arm(tcb, context, Timer::retransmit, tcb.rtt.rto());
  if (loss.repairs()) return;
  loss.phase = LossPhase::loss;
  loss.doubt = TimeoutDoubt::none;
  loss.alarm.end();
  loss.probe.forget();
  loss.duplicates = 0;
  loss.high = tcb.snd_nxt;
  loss.has_high = true;
  tcb.timers.stop(Timer::reordering);
  tcb.timers.stop(Timer::tail_probe);
}

}  // namespace

void begin_mss(Tcb& tcb, const Context& context) {
  const TcpConfig& config = context.config;
  const std::uint16_t most = allowed_mss(tcb, config);
  if (config.mtu_probing == MtuProbing::always && config.base_mss < most) {
    (void)tcb.settings.begin_path_search(config.base_mss, most);
  }
  tcb.snd_mss = payload_of_segment(tcb, config);
}

void on_path(Tcb& tcb, const Context& context, const PathInfo& path, Cause cause) {
  tcb.path = path;
  if (is_in(tcb.state, State::closed, State::listen, State::syn_sent)) return;
  if (PathSearch* search = tcb.settings.path_search()) search->limit(allowed_mss(tcb, context.config));
  fit_mss(tcb, context, cause);
}

std::optional<std::uint16_t> outstanding_mss(const Tcb& tcb, SeqNum seq) {
  const auto at = tcb.loss.board.find(seq);
  if (!at) return std::nullopt;
  const std::uint32_t fin = *at == tcb.loss.board.last() && ends_with_fin(tcb) ? 1 : 0;
  return static_cast<std::uint16_t>(tcb.loss.board.range(*at).size() - fin + options_size(tcb));
}

bool contradicts_experience(const Tcb& tcb, const TcpConfig& config, SeqNum seq) {
  if (!config.confirm_path_mtu || !tcb.mss_proven) return false;
  const auto at = tcb.loss.board.find(seq);
  return at && !tcb.loss.board.at(*at).ever_resent && !tcb.loss.board.at(*at).lost;
}

void resend_too_big(Tcb& tcb, const Context& context) {
  Scoreboard& board = tcb.loss.board;
  bool any = false;
  for (std::uint32_t i = 0; i < board.size(); ++i) {
    const Scoreboard::Position at = board.head() + i;
    if (board.at(at).sacked || !is_too_big(tcb, at)) continue;
    board.mark_lost(at);
    any = true;
  }
  if (!any) return;
  if (PathSearch* search = tcb.settings.path_search()) search->on_lost(false);
  repair_without_reduction(tcb, context);
}

void suspect_black_hole(Tcb& tcb, const Context& context) {
  const TcpConfig& config = context.config;
  const Scoreboard& board = tcb.loss.board;
  const bool possible = config.mtu_probing != MtuProbing::never && tcb.retransmits >= config.retries1 &&
                        sets_dont_fragment(path_mtu_discovery(*tcb.settings, config)) && !board.empty();
  if (!possible) return;
  const PathSearch* search = tcb.settings.path_search();
  const std::uint16_t half = search != nullptr ? search->low() / 2 : config.base_mss;
  const std::uint16_t low = std::max(std::min(config.base_mss, half), config.mtu_probe_floor);
  if (board.range(board.head()).size() + options_size(tcb) <= low) return;
  if (tcb.settings.begin_path_search(low, allowed_mss(tcb, config)) == nullptr) return;
  context.count(Counter::tcp_black_holes);
  fit_mss(tcb, context, Cause::black_hole);
}

std::uint16_t path_probe_size(Tcb& tcb, const Context& context) {
  PathSearch* const search = tcb.settings.path_search();
  if (search == nullptr || search->is_probing()) return 0;
  const LossRecovery& loss = tcb.loss;
  const bool all_is_well = loss.phase == LossPhase::open && !loss.probe.outstanding() &&
                           !loss.board.has_waiting() && tcb.snd_nxt == tcb.snd_max;
  if (!all_is_well || !sets_dont_fragment(path_mtu_discovery(*tcb.settings, context.config))) return 0;
  const std::uint32_t waiting =
      static_cast<std::uint32_t>(std::max<std::int32_t>(tcb.queue_end() - tcb.snd_nxt, 0));
  const std::uint32_t behind = kSegmentsBehind * tcb.snd_mss;
  if (waiting <= behind || tcb.snd_wnd <= tcb.flight_size() + behind) return 0;
  const PathSearch::Rules rules{.threshold = context.config.probe_threshold,
                                .high = allowed_mss(tcb, context.config),
                                .interval = context.config.probe_interval};
  const std::uint16_t size = search->next(rules, context.now);
  if (size == 0) return 0;
  const auto payload = static_cast<std::uint16_t>(size - options_size(tcb));
  const bool fits = waiting >= payload + behind && tcb.snd_wnd >= tcb.flight_size() + payload + behind &&
                    tcb.cc.cwnd() >= tcb.in_flight() + payload;
  return fits && payload > tcb.snd_mss ? payload : 0;
}

void on_path_probe_sent(Tcb& tcb, SeqRange what) {
  const auto size = static_cast<std::uint16_t>(what.size() + options_size(tcb));
  tcb.settings.path_search()->on_sent(size, what);
}

void judge_path_probe(Tcb& tcb, const Context& context) {
  PathSearch* const search = tcb.settings.path_search();
  if (search == nullptr || !search->is_probing()) return;
  const Scoreboard& board = tcb.loss.board;
  const auto at = board.find(search->what().begin);
  if (!at || board.at(*at).sacked) {
    context.count(Counter::tcp_mtup_success);
    search->on_passed();
    return fit_mss(tcb, context, Cause::probe_path_mtu);
  }
  if (!board.at(*at).lost) return;
  const bool alone = board.lost_bytes() == board.range(*at).size();
  context.count(Counter::tcp_mtup_fail);
  search->on_lost(alone);
  if (alone) repair_without_reduction(tcb, context);
}

bool fit_waiting(Tcb& tcb, const Context& context) {
  Scoreboard& board = tcb.loss.board;
  const auto lost = board.next_lost();
  if (!lost || !is_too_big(tcb, *lost) || board.recut(context.records, tcb.snd_mss, ends_with_fin(tcb))) {
    return true;
  }
  context.count(Counter::tcp_no_record);
  go_back(tcb, context);
  return false;
}

}  // namespace strata::tcp
