// One budget for the payload of all connections of a stack (Linux's tcp_mem). It reads what the block pool
// has given out, so that it cannot drift, and counts what small pieces pin as well as what they say. Marks
// beyond what the pool holds are cut to it: its last quarter is for frames that come and go, so that an ACK,
// which frees memory, always finds room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "buf/block_pool.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"

namespace strata::tcp {

enum class MemoryLevel : std::uint8_t {
  ample,      ///< buffers may grow
  pressure,   ///< above the second mark, and since then not below the first: none grows, large ones shrink
  full,       ///< above the third: a connection has its least, nothing more is taken in
  exhausted,  ///< almost no block is left: nothing is taken in
};

class MemoryBudget {
 public:
  MemoryBudget(const buf::BlockPool& blocks, const TcpMemory& marks, Counters& counters)
      : blocks_(blocks), counters_(counters) {
    set_marks(marks);
  }

  void set_marks(const TcpMemory& marks) {
    const std::size_t all = blocks_.available() + blocks_.in_use();
    const auto blocks = [&](std::uint32_t pages) {
      return std::size_t{pages} * kPage / blocks_.block_size();
    };
    low_ = std::min(blocks(marks.low), all / 2);
    pressure_ = std::min(blocks(marks.pressure), all / 8 * 5);
    high_ = std::min(blocks(marks.high), all / 4 * 3);
    last_ = all / 16 * 15;
  }

  MemoryLevel level() {
    const std::size_t used = blocks_.in_use();
    if (used <= low_) {
      under_pressure_ = false;
      return MemoryLevel::ample;
    }
    if (used > pressure_ && !under_pressure_) {
      under_pressure_ = true;
      counters_.add(Counter::tcp_memory_pressures);
    }
    if (used > last_) return MemoryLevel::exhausted;
    if (used > high_) return MemoryLevel::full;
    return under_pressure_ ? MemoryLevel::pressure : MemoryLevel::ample;
  }
  bool may_grow() { return level() == MemoryLevel::ample; }
  /// Bytes that one buffer may grow to: its peer, or its reader, cannot take the stack's memory alone.
  std::uint32_t share() const {
    return static_cast<std::uint32_t>(std::min<std::size_t>(high_ * blocks_.block_size() / 4, 0x7fff'ffff));
  }
  /// Bytes of blocks below the third mark.
  std::size_t room() const { return (high_ - std::min(high_, blocks_.in_use())) * blocks_.block_size(); }

 private:
  static constexpr std::size_t kPage = 4096;

  const buf::BlockPool& blocks_;
  Counters& counters_;
  std::size_t low_ = 0;
  std::size_t pressure_ = 0;
  std::size_t high_ = 0;
  std::size_t last_ = 0;
  bool under_pressure_ = false;
};

}  // namespace strata::tcp
