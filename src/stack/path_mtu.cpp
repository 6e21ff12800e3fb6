// A router could not forward one of our segments (RFC 1191 §3, RFC 8201 §4): is it to be believed (RFC 5927
// §7), and then the path, and every connection on it, is narrower.
#include <algorithm>

#include "base/byte_order.hpp"
#include "stack/stack_core.hpp"
#include "transport/tcp/path_mtu.hpp"
#include "transport/tcp/settings.hpp"

namespace strata {
namespace {

/// What the router says that fits; old ones do not say it (RFC 1191 §5).
std::uint32_t claimed_mtu(const internet::IcmpError& error, std::uint32_t packet_size,
                          const TcpConfig& config) {
  const std::uint32_t claim = error.mtu != 0 ? error.mtu : internet::plateau_below(packet_size);
  return config.path_mtu_rule == PathMtuRule::min_only ? std::min(claim, config.min_pmtu) : claim;
}

/// As the socket and the stack want it.
bool listens_to_routers(PathMtuDiscovery wish, PathMtuRule rule) {
  if (rule == PathMtuRule::ignore || !believes_routers(wish)) return false;
  return wish != PathMtuDiscovery::dont || rule == PathMtuRule::min_only;
}

}  // namespace

void TcpHost::on_too_big(Flow& flow, const internet::IcmpError& error) {
  tcp::Tcb& tcb = flow.tcb();
  const SeqNum quoted(load_be<std::uint32_t>(error.transport.data() + 4));
  const std::optional<std::uint16_t> mss = tcp::outstanding_mss(tcb, quoted);
  if (!mss) return context_.count(Counter::icmp_error_bad_quote);
  if (!listens_to_routers(tcp::path_mtu_discovery(*tcb.settings, config_), config_.path_mtu_rule))
    return context_.count(Counter::path_mtu_ignored);
  // The size is that of the segment as it is now; the error may be about a larger one that was there before.
  const std::uint32_t size = *mss + tcp_headers_size(error.dst);
  const std::uint32_t claim = claimed_mtu(error, std::max(size, error.size), config_);
  if (claim >= size) return context_.count(Counter::path_mtu_not_less);
  if (tcp::contradicts_experience(tcb, config_, quoted)) return context_.count(Counter::path_mtu_unconfirmed);
  internet_.narrow_path(error.dst, claim, context_.now);
  // Another connection may have learnt it first; then only the repair is left to do.
  const auto choice = internet_.route(tcb.flow.remote.address, tcb.flow.local.address);
  if (!choice) return;
  tcp::on_path(tcb, context_, path_of(*choice, tcb.flow.remote.address), Cause::icmp_too_big);
  tcp::resend_too_big(tcb, context_);
  touch(flow);
}

/// A datagram has no number that only its receiver knows. What can be checked is that the socket sends so
/// much.
void StackCore::on_datagram_too_big(const internet::IcmpError& error, const Endpoint& local,
                                    const Endpoint& remote) {
  const auto sender = udp_.sender(local, remote);
  if (!sender) return counters_.add(Counter::icmp_error_no_socket);
  const PathMtuRule rule = config_.tcp.path_mtu_rule;
  const PathMtuDiscovery wish = sender->wish.value_or(default_discovery(rule));
  if (rule == PathMtuRule::verified || !listens_to_routers(wish, rule))
    return counters_.add(Counter::path_mtu_ignored);
  const std::size_t headers = error.dst.is_v4() ? 28 : 48;
  if (error.size > sender->largest_sent + headers) return counters_.add(Counter::icmp_error_bad_quote);
  const std::uint32_t claim = claimed_mtu(error, error.size, config_.tcp);
  if (claim >= error.size) return counters_.add(Counter::path_mtu_not_less);
  internet_.narrow_path(error.dst, claim, now_);
  (void)udp_.on_icmp_error(local, remote, Errc::message_too_large);  // a connected socket hears of it
}

}  // namespace strata
