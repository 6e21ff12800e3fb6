// A wire between two stacks, with faults of its own in each direction. What arrives is a copy in the
// receiver's memory, as on a real wire: the stacks share nothing, and either may go first. An end can be cut
// off, as if its machine had lost power.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "link/impairment.hpp"
#include "sim/narrow_link.hpp"
#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/stack.hpp"
#include "strata/time.hpp"

namespace strata::sim {

/// The two ends of a wire.
enum class Side : std::uint8_t { a, b };
constexpr Side other(Side side) { return side == Side::a ? Side::b : Side::a; }
constexpr std::size_t index(Side side) { return static_cast<std::size_t>(side); }

struct WireConfig {
  std::size_t mtu = 1500;
  ImpairmentConfig a_to_b{.delay = Duration::millis(5)};
  ImpairmentConfig b_to_a{.delay = Duration::millis(5)};
};

/// What both ends offer: super-segments are cut and checksums completed on the way.
LinkCapabilities capabilities(const WireConfig& config);

class Wire {
 public:
  /// A strata::Device.
  class End {
   public:
    Packet receive(Stack& stack, Instant now);
    bool transmit(Packet& frame, Instant now);
    void flush() {}
    const LinkCapabilities& capabilities() const { return wire_->link_; }

   private:
    friend class Wire;
    End(Wire& wire, Side side) : wire_(&wire), side_(side) {}
    bool passes(Stack& stack, Instant now);
    Wire* wire_;
    Side side_;
  };

  /// Called for every frame that arrives, before the stack sees it.
  using ArrivalHook = std::function<void(Side to, Bytes frame, Instant at)>;

  Wire(const WireConfig& config, std::uint64_t seed);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  End& end(Side side) { return ends_[index(side)]; }
  void set_arrival_hook(ArrivalHook hook) { on_arrival_ = std::move(hook); }
  /// From now on a narrower link lies before `to`.
  void narrow(Side to, const NarrowConfig& config) { narrow_[index(to)].set(config); }
  /// From now on nothing leaves this end and nothing arrives there.
  void cut(Side side);
  bool is_cut(Side side) const { return is_cut_[index(side)]; }
  Instant next_deadline() const;
  /// The faults on the way to `side`.
  const Impairment& towards(Side side) const { return towards_[index(side)]; }

 private:
  LinkCapabilities link_;
  std::array<Impairment, 2> towards_;
  std::array<NarrowLink, 2> narrow_;  ///< at the end of each direction
  std::array<End, 2> ends_{End(*this, Side::a), End(*this, Side::b)};
  std::array<bool, 2> is_cut_{};
  ArrivalHook on_arrival_;
  std::vector<std::uint8_t> arrived_;
};

}  // namespace strata::sim
