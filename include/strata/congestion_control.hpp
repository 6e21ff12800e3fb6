// A congestion controller of one's own: a class with four functions and at most 64 bytes of state, given to a
// stack by name (TcpConfig::controllers). Then TCP_CONGESTION finds it, or TcpSettings::congestion_control.
//
//   struct Gentle {
//     void begin(strata::ControllerWindow& window);
//     void on_ack(strata::ControllerWindow& window, const strata::ControllerAck& ack);
//     void on_congestion(strata::ControllerWindow& window, strata::ControllerSignal signal,
//                        std::uint32_t in_flight);
//     void undo(strata::ControllerWindow& window);
//   };
//   constexpr strata::ExternalController kGentle = strata::external_controller<Gentle>("gentle");
//   config.tcp.controllers[0] = &kGentle;
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>

#include "strata/config.hpp"
#include "strata/time.hpp"

namespace strata {

/// In bytes. The controller sets cwnd and ssthresh; below ssthresh a sender counts as in slow start. While
/// losses are repaired the stack brings cwnd down to ssthresh by itself (RFC 9937).
struct ControllerWindow {
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = 0;
  std::uint32_t mss = 0;
};

/// New data reached the peer, and nothing is being repaired.
struct ControllerAck {
  Instant now;
  std::uint32_t acked = 0;
  std::uint32_t ecn_marked = 0;  ///< of these, with a congestion mark
  std::uint32_t in_flight = 0;   ///< before this ACK
  Duration rtt;                  ///< measured by this ACK; zero: none
  Duration srtt;
  Duration min_rtt;
  bool cwnd_limited = false;  ///< the window, not the application, held us back
};

enum class ControllerSignal : std::uint8_t { loss, timeout, ecn };

inline constexpr std::size_t kControllerState = 64;

struct ExternalController {
  std::string_view name;  ///< 15 characters at most, as TCP_CONGESTION has it
  /// `window` is the initial one. `state`: kControllerState bytes that belong to this connection.
  void (*begin)(void* state, ControllerWindow& window) = nullptr;
  void (*on_ack)(void* state, ControllerWindow& window, const ControllerAck& ack) = nullptr;
  /// Once for each round of loss or marks: sets ssthresh.
  void (*on_congestion)(void* state, ControllerWindow& window, ControllerSignal signal,
                        std::uint32_t in_flight) = nullptr;
  /// The last on_congestion() was a false alarm.
  void (*undo)(void* state, ControllerWindow& window) = nullptr;
};

/// The table of a class.
template <class C>
constexpr ExternalController external_controller(std::string_view name) {
  static_assert(sizeof(C) <= kControllerState && alignof(C) <= alignof(std::uint64_t));
  static_assert(std::is_trivially_destructible_v<C> && std::is_default_constructible_v<C>);
  return {
      .name = name,
      .begin = [](void* state, ControllerWindow& window) { (new (state) C())->begin(window); },
      .on_ack = [](void* state, ControllerWindow& window,
                   const ControllerAck& ack) { static_cast<C*>(state)->on_ack(window, ack); },
      .on_congestion =
          [](void* state, ControllerWindow& window, ControllerSignal signal, std::uint32_t in_flight) {
            static_cast<C*>(state)->on_congestion(window, signal, in_flight);
          },
      .undo = [](void* state, ControllerWindow& window) { static_cast<C*>(state)->undo(window); },
  };
}

/// One of TcpConfig::controllers; nullptr for those that the stack has itself.
constexpr const ExternalController* own_controller(const TcpConfig& config, CongestionAlgorithm algorithm) {
  const auto number = static_cast<std::size_t>(algorithm);
  const auto first = static_cast<std::size_t>(CongestionAlgorithm::own_1);
  return number >= first && number - first < kControllersMax ? config.controllers[number - first] : nullptr;
}
/// By name: the stack's and the application's.
constexpr std::optional<CongestionAlgorithm> find_controller(const TcpConfig& config, std::string_view name) {
  for (std::size_t i = 0; i < kCongestionNames.size() + kControllersMax; ++i) {
    const auto algorithm = static_cast<CongestionAlgorithm>(i);
    const ExternalController* const own = own_controller(config, algorithm);
    const bool built_in = i < kCongestionNames.size() && kCongestionNames[i] == name;
    if (built_in || (own != nullptr && own->name == name)) return algorithm;
  }
  return std::nullopt;
}
constexpr std::string_view controller_name(const TcpConfig& config, CongestionAlgorithm algorithm) {
  const ExternalController* const own = own_controller(config, algorithm);
  if (own != nullptr) return own->name;
  const auto number = static_cast<std::size_t>(algorithm);
  return number < kCongestionNames.size() ? kCongestionNames[number] : std::string_view("unknown");
}

}  // namespace strata
