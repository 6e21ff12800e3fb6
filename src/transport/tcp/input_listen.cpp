#include "transport/tcp/input.hpp"

namespace strata::tcp {

std::optional<TxSegment> reset_for(const Segment& segment, Cause cause) {
  using namespace tcp_flag;
  if (segment.has(kRst)) return std::nullopt;
  TxSegment reset;
  reset.cause = cause;
  if (segment.has(kAck)) {
    reset.seq = segment.ack;
    reset.flags = kRst;
  } else {
    reset.ack = segment.seq + segment.length();
    reset.flags = kRst | kAck;
  }
  return reset;
}

ListenVerdict process_listen(const TcpConfig& config, const Segment& segment) {
  using namespace tcp_flag;
  if (segment.has(kRst)) return ListenVerdict::ignore;  // first: RST
  if (segment.has(kAck)) {                              // second: ACK
    return segment.has(kSyn) && !config.reset_syn_ack ? ListenVerdict::ignore : ListenVerdict::reset;
  }
  if (!segment.has(kSyn)) return ListenVerdict::ignore;  // fourth: anything else without SYN
  // DEVIATION: a SYN with FIN opens nothing that an honest peer would want; see
  // docs/deviations.md#syn-with-fin.
  const bool drops = segment.has(kFin) && config.syn_fin != TcpSynFin::taken;
  return drops ? ListenVerdict::ignore : ListenVerdict::open;  // third: SYN
}

}  // namespace strata::tcp
