// A hierarchical timing wheel (Varghese, Lauck 1987), used lazily: a node is filed at its owner's earliest
// deadline and filed again only when that moves earlier; a wake-up that comes too early is harmless, the
// owner looks at its own table. Filing, removing and finding the next slot are constant time. One tick is one
// nanosecond, so deadlines are exact: nothing fires early, and in virtual time nothing fires late. Coarse
// deadlines wait on coarse levels and pay for that precision only when they come near.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "strata/time.hpp"

namespace strata {

struct WheelNode {
  WheelNode* prev = nullptr;
  WheelNode* next = nullptr;
  Instant filed = Instant::never();
  std::uint32_t owner = 0;  ///< whatever lets the owner be found again
  std::uint16_t slot = 0;
  bool linked = false;
};

class TimerWheel {
 public:
  TimerWheel() = default;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Files `node` to come due at `when`, moving it if it is filed already.
  void file(WheelNode& node, Instant when);
  void remove(WheelNode& node);
  /// Files unless the node is due no later than `want` already; `never()` leaves it alone.
  void file_if_earlier(WheelNode& node, Instant want) {
    if (want.is_never() || (node.linked && node.filed <= want)) return;
    file(node, want);
  }

  /// Takes out one node that is due at `now`; nullptr when none is left.
  WheelNode* pop_due(Instant now);
  /// No node is due before this. Exact within 64 ns, else rounded down to the start of a slot: never late.
  Instant next_deadline() const;
  std::size_t size() const { return size_; }

 private:
  static constexpr unsigned kSlotBits = 6;
  static constexpr unsigned kSlots = 1U << kSlotBits;
  static constexpr unsigned kLevels = 10;  // 64^10 ns are 36 years

  static std::uint64_t tick_of(Instant t);
  void link(WheelNode& node, std::uint64_t tick);
  void unlink(WheelNode& node);
  void advance_to(std::uint64_t tick);
  std::uint64_t next_tick() const;
  void cascade(unsigned level, unsigned slot);

  std::uint64_t now_tick_ = 0;  // every node filed before this tick is in due_
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<std::array<WheelNode*, kSlots>, kLevels> slots_{};
  WheelNode* due_ = nullptr;
  WheelNode* due_tail_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace strata
