#include "transport/tcp/options.hpp"

#include <algorithm>

namespace strata::tcp {
namespace {

/// RFC 7323 §2.3: the scale is fixed by the SYN, so it has to do for the largest window there may ever be.
WindowShift our_shift(const TcpConfig& config, std::uint32_t largest_window) {
  return WindowShift::for_buffer(std::max(largest_window, config.window_scale_room));
}

}  // namespace

TcpOptions syn_options(const TcpConfig& config, std::uint32_t largest_window, std::uint16_t mss,
                       const TcpOptions* peer, TcpTimestamps timestamps) {
  const bool first = peer == nullptr;
  TcpOptions options;
  options.mss = mss;
  options.order = config.option_order;
  if (config.window_scaling && (first || peer->wscale)) {
    options.wscale = our_shift(config, largest_window).value();
  }
  options.sack_permitted = config.sack && (first || peer->sack_permitted);
  if (config.timestamps && (first || peer->timestamps)) options.timestamps = timestamps;
  return options;
}

Agreement agree(const TcpConfig& config, std::uint32_t largest_window, const TcpOptions& peer_syn) {
  Agreement result;
  // A peer that announces a tiny MSS would make us send headers only; mss_min bounds the cost.
  if (peer_syn.mss) result.peer_mss = std::max(*peer_syn.mss, config.mss_min);
  if (config.window_scaling && peer_syn.wscale) {
    result.window_scaling = true;
    result.snd_shift = WindowShift(*peer_syn.wscale);
    result.rcv_shift = our_shift(config, largest_window);
  }
  result.timestamps = config.timestamps && peer_syn.timestamps.has_value();
  result.sack = config.sack && peer_syn.sack_permitted;
  return result;
}

}  // namespace strata::tcp
