// States from segments alone. Sound for a peer that follows RFC 9293; blind to what its application does and
// to what the network lost behind the point of capture.
#include "obs/end_history.hpp"
#include "wire/tcp.hpp"

namespace strata::obs {
namespace {

class Observer {
 public:
  /// `fins_cross`: this end sent its FIN before the peer's had arrived.
  Observer(TcpState state, SeqNum iss, bool fins_cross)
      : state_(state), iss_(iss), snd_max_(iss), fins_cross_(fins_cross) {}

  TcpState state() const { return state_; }

  /// True when the segment repeats sequence numbers that were sent before.
  bool on_sent(const SeenSegment& s) {
    const bool repeats = s.end() != s.seq && s.end().at_or_before(snd_max_);
    snd_max_ = later(snd_max_, s.end());
    if (s.has(tcp_flag::kRst)) {
      state_ = TcpState::closed;
      return repeats;
    }
    if (s.has(tcp_flag::kSyn)) on_syn_sent(s);
    // Who acknowledges a FIN has taken it, whatever order the capture saw.
    if (peer_fin_end_ && s.has(tcp_flag::kAck) && s.ack.at_or_after(*peer_fin_end_)) take_fin();
    if (s.has(tcp_flag::kFin) && !repeats) on_fin_sent(s);
    return repeats;
  }

  void on_received(const SeenSegment& s) {
    if (s.has(tcp_flag::kRst)) {
      if (state_ != TcpState::listen) state_ = TcpState::closed;
      return;
    }
    if (s.has(tcp_flag::kSyn)) on_syn_received(s);
    if (s.has(tcp_flag::kAck)) on_ack_received(s.ack);
    const bool in_order = s.seq.at_or_before(rcv_nxt_);
    if (in_order) rcv_nxt_ = later(rcv_nxt_, s.end());
    if (s.has(tcp_flag::kFin)) {
      peer_fin_end_ = s.end();
      if (in_order && !(fins_cross_ && !fin_end_)) take_fin();
    }
  }

 private:
  void on_syn_sent(const SeenSegment& s) {
    if (s.has(tcp_flag::kAck)) {
      if (state_ == TcpState::syn_sent || state_ == TcpState::listen) state_ = TcpState::syn_received;
    } else if (state_ == TcpState::closed) {
      state_ = TcpState::syn_sent;
    }
  }
  void on_fin_sent(const SeenSegment& s) {
    fin_end_ = s.end();
    state_ = state_ == TcpState::close_wait ? TcpState::last_ack : TcpState::fin_wait_1;
    if (fins_cross_ && peer_fin_end_) take_fin();
  }
  void on_syn_received(const SeenSegment& s) {
    rcv_nxt_ = s.seq;
    if (state_ == TcpState::listen) state_ = TcpState::syn_received;
    if (state_ == TcpState::syn_sent)
      state_ = s.has(tcp_flag::kAck) ? TcpState::established : TcpState::syn_received;
  }
  void on_ack_received(SeqNum ack) {
    if (state_ == TcpState::syn_received && ack.after(iss_)) state_ = TcpState::established;
    if (!fin_end_ || ack.before(*fin_end_)) return;
    if (state_ == TcpState::fin_wait_1) state_ = TcpState::fin_wait_2;
    if (state_ == TcpState::closing) state_ = TcpState::time_wait;
    if (state_ == TcpState::last_ack) state_ = TcpState::closed;
  }
  void take_fin() {
    if (state_ == TcpState::established || state_ == TcpState::syn_received) state_ = TcpState::close_wait;
    if (state_ == TcpState::fin_wait_1) state_ = TcpState::closing;
    if (state_ == TcpState::fin_wait_2) state_ = TcpState::time_wait;
  }

  TcpState state_;
  SeqNum iss_;
  SeqNum snd_max_;
  SeqNum rcv_nxt_;
  bool fins_cross_;
  std::optional<SeqNum> fin_end_;
  std::optional<SeqNum> peer_fin_end_;
};

TcpState first_state(const Conversation& conversation, Side side) {
  if (conversation.segments.empty() || !conversation.segments.front().has(tcp_flag::kSyn))
    return TcpState::established;
  return side == Side::client ? TcpState::closed : TcpState::listen;
}

const SeenSegment* first_fin(const Conversation& conversation, Side side) {
  for (const SeenSegment& s : conversation.segments) {
    if (s.from == side && s.has(tcp_flag::kFin)) return &s;
  }
  return nullptr;
}

/// Simultaneous close (RFC 9293 §3.6, case 3): the FIN of `side` does not acknowledge the peer's.
bool fins_cross(const Conversation& conversation, Side side) {
  const SeenSegment* const ours = first_fin(conversation, side);
  const SeenSegment* const theirs = first_fin(conversation, other(side));
  return ours != nullptr && theirs != nullptr && ours->ack.before(theirs->end());
}

}  // namespace

EndHistory infer_history(const Conversation& conversation, Side side) {
  EndHistory history;
  history.before = first_state(conversation, side);
  Observer observer(history.before, conversation.iss(side), fins_cross(conversation, side));
  for (const SeenSegment& s : conversation.segments) {
    std::string remark;
    if (s.from != side) {
      observer.on_received(s);
    } else if (observer.on_sent(s)) {
      remark = "retransmission";
    }
    history.after.push_back(observer.state());
    history.causes.push_back(Cause::none);
    history.remarks.push_back(std::move(remark));
  }
  return history;
}

EndHistory history_of(const Conversation& conversation, Side side, const Trace& trace) {
  auto traced = trace_history(conversation, side, trace);
  return traced ? std::move(*traced) : infer_history(conversation, side);
}

}  // namespace strata::obs
