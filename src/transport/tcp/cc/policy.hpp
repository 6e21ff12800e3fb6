// The seam for congestion control: a concept over value events, held in a closed variant, so that a call is a
// short compare chain and never virtual (STYLE R11).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "strata/tcp_settings.hpp"
#include "transport/tcp/cc/bbr.hpp"
#include "transport/tcp/cc/cubic.hpp"
#include "transport/tcp/cc/dctcp.hpp"
#include "transport/tcp/cc/events.hpp"
#include "transport/tcp/cc/external.hpp"
#include "transport/tcp/cc/fixed_window.hpp"
#include "transport/tcp/cc/new_reno.hpp"
#include "transport/tcp/cc/state_pool.hpp"
#include "transport/tcp/rate_sample.hpp"

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
/// One that models the path: it wants rate samples, says how fast to send, and rules its window during loss
/// recovery, too.
template <class C>
concept PathModel = CongestionControl<C> && requires(C c, const C cc, const RateSample& sample,
                                                     const LostSegment& lost, Instant now, Duration srtt) {
  { c.on_rate(sample) } -> std::same_as<bool>;
  c.on_lost(lost);
  c.on_restart(now);
  c.on_recovery_end();
  { cc.pacing_rate(srtt) } -> std::same_as<std::uint64_t>;
  { cc.phase() } -> std::same_as<Cause>;
};
static_assert(CongestionControl<Cubic> && CongestionControl<NewReno> && CongestionControl<Dctcp> &&
              CongestionControl<FixedWindow> && CongestionControl<External> && PathModel<Bbr>);

/// What only some connections have.
struct ControllerPools {
  explicit ControllerPools(std::size_t connections_max)
      : bbr(connections_max), external(connections_max), rates(connections_max) {}
  StatePool<Bbr> bbr;
  StatePool<External> external;
  StatePool<RateSampler> rates;
};

class AnyCc {
  template <class C>
  static C& target(C* arm) {
    return *arm;
  }
  template <class C>
  static C& target(Pooled<C>* arm) {
    return **arm;
  }
  template <class C>
  static const C& target(const Pooled<C>* arm) {
    return **arm;
  }
  template <class Function>
  decltype(auto) visit(Function&& function) {
    return std::visit([&](auto& arm) { return function(target(&arm)); }, controller_);
  }
  template <class Function>
  decltype(auto) visit(Function&& function) const {
    return std::visit([&](const auto& arm) { return function(target(&arm)); }, controller_);
  }
  template <class Self, class Function>
  static void model(Self& self, Function&& function) {
    self.visit([&]<class C>(C& c) {
      if constexpr (PathModel<std::remove_const_t<C>>) function(c);
    });
  }

 public:
  template <class Arm>
  explicit AnyCc(Arm arm) : controller_(std::move(arm)) {}

  void on_ack(const AckEvent& ack) {
    visit([&](auto& c) { c.on_ack(ack); });
  }
  void on_congestion(const CongestionEvent& event) {
    visit([&](auto& c) { c.on_congestion(event); });
  }
  void undo() {
    visit([](auto& c) { c.undo(); });
  }
  /// Loss recovery rules the window while it lasts (RFC 9937).
  void set_cwnd(std::uint32_t cwnd) {
    visit([&](auto& c) { c.set_cwnd(cwnd); });
  }
  /// For a controller that takes over from another.
  void set_ssthresh(std::uint32_t ssthresh) {
    visit([&](auto& c) { c.set_ssthresh(ssthresh); });
  }
  void on_idle(std::uint32_t restart_window) {
    visit([&](auto& c) { c.on_idle(restart_window); });
  }
  void set_mss(std::uint32_t mss) {
    visit([&](auto& c) { c.set_mss(mss); });
  }
  std::uint32_t cwnd() const {
    return visit([](const auto& c) { return c.cwnd(); });
  }
  std::uint32_t ssthresh() const {
    return visit([](const auto& c) { return c.ssthresh(); });
  }
  bool in_slow_start() const {
    return visit([](const auto& c) { return c.in_slow_start(); });
  }

  // Of a PathModel; for any other they do nothing.
  bool models_path() const {
    return visit([]<class C>(const C&) { return PathModel<C>; });
  }
  /// True: what leaves now says little about the path.
  bool on_rate(const RateSample& sample) {
    bool holds_back = false;
    model(*this, [&](auto& c) { holds_back = c.on_rate(sample); });
    return holds_back;
  }
  void on_lost(const LostSegment& lost) {
    model(*this, [&](auto& c) { c.on_lost(lost); });
  }
  void on_restart(Instant now) {
    model(*this, [&](auto& c) { c.on_restart(now); });
  }
  void on_recovery_end() {
    model(*this, [](auto& c) { c.on_recovery_end(); });
  }
  /// Bytes per second; zero: its window in a round trip.
  std::uint64_t pacing_rate(Duration srtt) const {
    std::uint64_t rate = 0;
    model(*this, [&](const auto& c) { rate = c.pacing_rate(srtt); });
    return rate;
  }
  /// What it is about, for the trace.
  Cause phase() const {
    Cause phase = in_slow_start() ? Cause::slow_start : Cause::congestion_avoidance;
    model(*this, [&](const auto& c) { phase = c.phase(); });
    return phase;
  }
  const Bbr* bbr() const {
    const auto* const arm = std::get_if<Pooled<Bbr>>(&controller_);
    return arm == nullptr ? nullptr : &**arm;
  }

 private:
  std::variant<Cubic, NewReno, Dctcp, FixedWindow, Pooled<Bbr>, Pooled<External>> controller_;
};
static_assert(sizeof(AnyCc) <= 72, "each connection has one: an arm over 64 bytes keeps its state in a slab");

struct ControllerSeed {
  std::uint32_t mss;
  std::uint32_t initial_window;
  std::uint32_t random = 1;
  const ExternalController* external = nullptr;  ///< for `own_1` and what follows it
};

template <class C>
std::optional<AnyCc> pooled(Pooled<C> state) {
  return state ? std::optional(AnyCc(std::move(state))) : std::nullopt;
}

/// `fixed`: a window of `initial_window` for good. Nothing: there is no memory for one of this size.
inline std::optional<AnyCc> make_controller(CongestionAlgorithm algorithm, const ControllerSeed& seed,
                                            ControllerPools& pools) {
  switch (algorithm) {
    case CongestionAlgorithm::cubic: return AnyCc(Cubic(seed.mss, seed.initial_window));
    case CongestionAlgorithm::new_reno: return AnyCc(NewReno(seed.mss, seed.initial_window));
    case CongestionAlgorithm::dctcp: return AnyCc(Dctcp(seed.mss, seed.initial_window));
    case CongestionAlgorithm::fixed: return AnyCc(FixedWindow(seed.initial_window));
    case CongestionAlgorithm::bbr: return pooled(pools.bbr.make(seed.mss, seed.initial_window, seed.random));
    case CongestionAlgorithm::own_1: break;
  }
  if (seed.external == nullptr) return std::nullopt;
  return pooled(pools.external.make(*seed.external, seed.mss, seed.initial_window));
}

}  // namespace strata::tcp
