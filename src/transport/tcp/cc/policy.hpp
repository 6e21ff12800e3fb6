// The seam for congestion control: a concept over value events, held in a closed variant, so that a call is a
// short compare chain and never virtual (STYLE R11).
#pragma once

#include <concepts>
#include <cstdint>
#include <variant>

#include "transport/tcp/cc/events.hpp"
#include "transport/tcp/cc/fixed_window.hpp"
#include "transport/tcp/cc/new_reno.hpp"

namespace strata::tcp {

template <class C>
concept CongestionControl =
    requires(C c, const C cc, const AckEvent& a, const LossEvent& l, std::uint32_t n) {
      c.on_ack(a);
      c.on_loss(l);
      c.on_duplicate_ack();
      c.on_partial_ack(n);
      c.on_recovery_end(n);
      c.on_rto(l, true);
      c.on_idle(n);
      c.set_mss(n);
      { cc.cwnd() } -> std::same_as<std::uint32_t>;
      { cc.ssthresh() } -> std::same_as<std::uint32_t>;
      { cc.in_slow_start() } -> std::same_as<bool>;
    };
static_assert(CongestionControl<NewReno> && CongestionControl<FixedWindow>);

class AnyCc {
 public:
  template <CongestionControl C>
  explicit AnyCc(C controller) : controller_(controller) {}

  void on_ack(const AckEvent& ack) {
    std::visit([&](auto& c) { c.on_ack(ack); }, controller_);
  }
  void on_loss(const LossEvent& loss) {
    std::visit([&](auto& c) { c.on_loss(loss); }, controller_);
  }
  void on_duplicate_ack() {
    std::visit([](auto& c) { c.on_duplicate_ack(); }, controller_);
  }
  void on_partial_ack(std::uint32_t acked) {
    std::visit([&](auto& c) { c.on_partial_ack(acked); }, controller_);
  }
  void on_recovery_end(std::uint32_t in_flight) {
    std::visit([&](auto& c) { c.on_recovery_end(in_flight); }, controller_);
  }
  void on_rto(const LossEvent& loss, bool first) {
    std::visit([&](auto& c) { c.on_rto(loss, first); }, controller_);
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
  std::variant<NewReno, FixedWindow> controller_;
};

}  // namespace strata::tcp
