// Fixed-size blocks of bytes from one region, with plain-integer reference counts (one thread owns a pool).
// The region is carved on demand, so memory that was never needed is never touched; the pool can say no.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "strata/bytes.hpp"

namespace strata::buf {

/// Describes one block; the bytes lie in the region. A foreign block (not from a pool) has its own release
/// function.
struct Block {
  std::uint8_t* data = nullptr;
  std::uint32_t capacity = 0;
  std::uint32_t references = 0;
  std::uint32_t filled = 0;  ///< bytes written so far; what lies beyond may still be appended to
  Block* next_free = nullptr;
  void (*release)(void* context, Block* block) = nullptr;
  void* context = nullptr;
};

class BlockPool {
 public:
  /// Uses `block_count` * `block_size` bytes of address space.
  BlockPool(std::size_t block_size, std::size_t block_count);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  /// Blocks that others still hold (a peer whose frames change hands in memory) stay valid until they are
  /// given back.
  ~BlockPool();

  /// A block with one reference, nothing filled; nullptr when all are in use.
  Block* allocate();
  std::size_t block_size() const { return block_size_; }
  std::size_t in_use() const { return in_use_; }
  std::size_t available() const { return block_count_ - in_use_; }

  struct FreeMemory {
    void operator()(void* memory) const { std::free(memory); }
  };
  template <class T>
  using Memory = std::unique_ptr<T, FreeMemory>;

 private:
  static void take_back(void* context, Block* block);

  std::size_t block_size_;
  std::size_t block_count_;
  Memory<std::uint8_t> region_;
  Memory<Block> descriptors_;
  std::size_t carved_ = 0;
  std::size_t in_use_ = 0;
  Block* free_ = nullptr;
};

}  // namespace strata::buf
