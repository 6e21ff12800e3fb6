// The seam for congestion control: a concept over value events, held in a closed variant, so that a call is a
// short compare chain and never virtual (STYLE R11).
#pragma once

#include <concepts>
#include <cstdint>
#include <variant>

#include "strata/tcp_settings.hpp"
#include "transport/tcp/cc/cubic.hpp"
#include "transport/tcp/cc/dctcp.hpp"
#include "transport/tcp/cc/events.hpp"
#include "transport/tcp/cc/fixed_window.hpp"
#include "transport/tcp/cc/new_reno.hpp"

namespace strata::tcp {

template <class C>
concept CongestionControl =
    requires(C c, const C cc, const AckEvent& ack, const CongestionEvent& event, std::uint32_t n) {
      c.on_ack(ack);
      c.on_congestion(event);
      c.undo();
      c.set_cwnd(n);
      c.set_ssthresh(n);
      c.on_idle(n);
      c.set_mss(n);
      { cc.cwnd() } -> std::same_as<std::uint32_t>;
      { cc.ssthresh() } -> std::same_as<std::uint32_t>;
      { cc.in_slow_start() } -> std::same_as<bool>;
    };
static_assert(CongestionControl<Cubic> && CongestionControl<NewReno> && CongestionControl<Dctcp> &&
              CongestionControl<FixedWindow>);

class AnyCc {
 public:
  template <CongestionControl C>
  explicit AnyCc(C controller) : controller_(controller) {}

  void on_ack(const AckEvent& ack) {
    std::visit([&](auto& c) { c.on_ack(ack); }, controller_);
  }
  void on_congestion(const CongestionEvent& event) {
    std::visit([&](auto& c) { c.on_congestion(event); }, controller_);
  }
  void undo() {
    std::visit([](auto& c) { c.undo(); }, controller_);
  }
  /// Loss recovery rules the window while it lasts (RFC 9937).
  void set_cwnd(std::uint32_t cwnd) {
    std::visit([&](auto& c) { c.set_cwnd(cwnd); }, controller_);
  }
  /// For a controller that takes over from another.
  void set_ssthresh(std::uint32_t ssthresh) {
    std::visit([&](auto& c) { c.set_ssthresh(ssthresh); }, controller_);
  }
  void on_idle(std::uint32_t restart_window) {
    std::visit([&](auto& c) { c.on_idle(restart_window); }, controller_);
  }
  void set_mss(std::uint32_t mss) {
    std::visit([&](auto& c) { c.set_mss(mss); }, controller_);
  }
  std::uint32_t cwnd() const {
    return std::visit([](const auto& c) { return c.cwnd(); }, controller_);
  }
  std::uint32_t ssthresh() const {
    return std::visit([](const auto& c) { return c.ssthresh(); }, controller_);
  }
  bool in_slow_start() const {
    return std::visit([](const auto& c) { return c.in_slow_start(); }, controller_);
  }

 private:
  std::variant<Cubic, NewReno, Dctcp, FixedWindow> controller_;
};
static_assert(sizeof(AnyCc) <= 72, "each connection has one: an arm over 64 bytes keeps its state in a slab");

/// `fixed`: a window of `initial_window` for good.
inline AnyCc make_controller(CongestionAlgorithm algorithm, std::uint32_t mss, std::uint32_t initial_window) {
  switch (algorithm) {
    case CongestionAlgorithm::cubic: return AnyCc(Cubic(mss, initial_window));
    case CongestionAlgorithm::new_reno: return AnyCc(NewReno(mss, initial_window));
    case CongestionAlgorithm::dctcp: return AnyCc(Dctcp(mss, initial_window));
    case CongestionAlgorithm::fixed: break;
  }
  return AnyCc(FixedWindow(initial_window));
}

}  // namespace strata::tcp
