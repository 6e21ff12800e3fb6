#include "base/timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "base/check.hpp"

namespace strata {
namespace {

constexpr std::uint16_t kDueSlot = 0xffff;
constexpr std::uint64_t kNoTick = ~std::uint64_t{0};

}  // namespace

std::uint64_t TimerWheel::tick_of(Instant t) {
  return t.count_nanos() < 0 ? 0 : static_cast<std::uint64_t>(t.count_nanos());
}

void TimerWheel::file(WheelNode& node, Instant when) {
  if (node.linked) remove(node);
  node.filed = when;
  link(node, tick_of(when));
  ++size_;
}

void TimerWheel::remove(WheelNode& node) {
  STRATA_CHECK(node.linked);
  unlink(node);
  --size_;
}

// A node lies on the level whose slots are just wide enough to tell its tick from now. Slots of the current
// position are only ever used on level 0, so that a cascade never files a node into the slot that it came
// from.
void TimerWheel::link(WheelNode& node, std::uint64_t tick) {
  node.linked = true;
  if (tick <= now_tick_) {
    node.slot = kDueSlot;
    node.next = nullptr;
    node.prev = due_tail_;
    (due_tail_ == nullptr ? due_ : due_tail_->next) = &node;
    due_tail_ = &node;
    return;
  }
  const unsigned top_bit = 63U - static_cast<unsigned>(std::countl_zero(tick ^ now_tick_));
  unsigned level = top_bit / kSlotBits;
  if (level >=
      kLevels) {  // across the end of the top level, or beyond its reach: cascade again there at the latest
    level = kLevels - 1;
    tick = std::min(tick, now_tick_ + (std::uint64_t{kSlots - 1} << (kSlotBits * level)));
  }
  const unsigned slot = static_cast<unsigned>(tick >> (kSlotBits * level)) % kSlots;
  node.slot = static_cast<std::uint16_t>(level * kSlots + slot);
  node.prev = nullptr;
  node.next = slots_[level][slot];
  if (node.next != nullptr) node.next->prev = &node;
  slots_[level][slot] = &node;
  occupied_[level] |= std::uint64_t{1} << slot;
}

void TimerWheel::unlink(WheelNode& node) {
  if (node.slot == kDueSlot) {
    (node.prev == nullptr ? due_ : node.prev->next) = node.next;
    (node.next == nullptr ? due_tail_ : node.next->prev) = node.prev;
  } else {
    const unsigned level = node.slot / kSlots;
    const unsigned slot = node.slot % kSlots;
    (node.prev == nullptr ? slots_[level][slot] : node.prev->next) = node.next;
    if (node.next != nullptr) node.next->prev = node.prev;
    if (slots_[level][slot] == nullptr) occupied_[level] &= ~(std::uint64_t{1} << slot);
  }
  node.prev = node.next = nullptr;
  node.linked = false;
}

void TimerWheel::cascade(unsigned level, unsigned slot) {
  WheelNode* node = slots_[level][slot];
  slots_[level][slot] = nullptr;
  occupied_[level] &= ~(std::uint64_t{1} << slot);
  while (node != nullptr) {
    WheelNode* next = node->next;
    link(*node, tick_of(node->filed));
    node = next;
  }
}

// The first tick at which some slot must be emptied: on each level the nearest occupied slot ahead of the
// current position.
std::uint64_t TimerWheel::next_tick() const {
  std::uint64_t best = kNoTick;
  for (unsigned level = 0; level < kLevels; ++level) {
    if (occupied_[level] == 0) continue;
    const unsigned shift = kSlotBits * level;
    const std::uint64_t position = now_tick_ >> shift;
    const unsigned here = static_cast<unsigned>(position % kSlots);
    const std::uint64_t ahead = std::rotr(occupied_[level], static_cast<int>((here + 1) % kSlots));
    const std::uint64_t distance = static_cast<std::uint64_t>(std::countr_zero(ahead)) + 1;
    const std::uint64_t tick = (position + distance) << shift;
    if (tick < best) best = tick;
  }
  return best;
}

void TimerWheel::advance_to(std::uint64_t tick) {
  while (true) {
    const std::uint64_t next = next_tick();
    if (next > tick) break;
    now_tick_ = next;
    for (unsigned level = 0; level < kLevels; ++level) {
      const unsigned shift = kSlotBits * level;
      if (level > 0 && (next & ((std::uint64_t{1} << shift) - 1)) != 0) break;
      const unsigned slot = static_cast<unsigned>(next >> shift) % kSlots;
      if ((occupied_[level] >> slot & 1) != 0) cascade(level, slot);
    }
  }
  now_tick_ = tick > now_tick_ ? tick : now_tick_;
}

WheelNode* TimerWheel::pop_due(Instant now) {
  if (due_ == nullptr) {
    const std::uint64_t tick = tick_of(now);
    if (tick > now_tick_) advance_to(tick);
  }
  WheelNode* node = due_;
  if (node != nullptr) remove(*node);
  return node;
}

Instant TimerWheel::next_deadline() const {
  if (due_ != nullptr) return Instant::from_nanos(static_cast<std::int64_t>(now_tick_));
  const std::uint64_t tick = next_tick();
  if (tick == kNoTick) return Instant::never();
  return Instant::from_nanos(static_cast<std::int64_t>(tick));
}

}  // namespace strata
