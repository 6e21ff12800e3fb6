// A range of a block that keeps the block alive. Move-only: the only way to have two is to say share().
#pragma once

#include <cstdint>
#include <utility>

#include "base/check.hpp"
#include "buf/block_pool.hpp"
#include "strata/bytes.hpp"

namespace strata::buf {

class Slice {
 public:
  Slice() = default;
  /// Takes over one reference of `block`.
  static Slice adopt(Block* block, std::uint32_t offset, std::uint32_t size) {
    return Slice(block, offset, size);
  }
  /// Adds a reference to `block`.
  static Slice of(Block* block, std::uint32_t offset, std::uint32_t size) {
    ++block->references;
    return Slice(block, offset, size);
  }

  Slice(Slice&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        offset_(other.offset_),
        size_(std::exchange(other.size_, 0)) {}
  Slice& operator=(Slice&& other) noexcept {
    if (this != &other) {
      reset();
      block_ = std::exchange(other.block_, nullptr);
      offset_ = other.offset_;
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  Slice(const Slice&) = delete;
  Slice& operator=(const Slice&) = delete;
  ~Slice() { reset(); }

  void reset() {
    if (block_ == nullptr) return;
    if (--block_->references == 0) block_->release(block_->context, block_);
    block_ = nullptr;
    size_ = 0;
  }

  Slice share() const { return share(0, size_); }
  Slice share(std::uint32_t from, std::uint32_t size) const {
    STRATA_CHECK(from + size <= size_);
    return of(block_, offset_ + from, size);
  }

  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::uint8_t* data() const { return block_ == nullptr ? nullptr : block_->data + offset_; }
  Bytes bytes() const { return {data(), size_}; }
  Block* block() const { return block_; }

  void trim_front(std::uint32_t n) {
    STRATA_CHECK(n <= size_);
    offset_ += n;
    size_ -= n;
  }
  void trim_to(std::uint32_t n) {
    STRATA_CHECK(n <= size_);
    size_ = n;
  }

  /// Takes over `next` when its bytes follow this slice's in the same block; false, with nothing changed,
  /// when not.
  bool join(Slice& next) {
    if (block_ == nullptr || block_ != next.block_ || offset_ + size_ != next.offset_) return false;
    size_ += next.size_;
    next.reset();
    return true;
  }

  /// True when bytes can be appended to the block right behind this slice without touching what others may
  /// see.
  bool can_grow() const {
    return block_ != nullptr && offset_ + size_ == block_->filled && block_->filled < block_->capacity;
  }
  /// Copies as much of `data` as fits behind this slice; returns how much. Precondition: can_grow().
  std::uint32_t grow(Bytes data) {
    const std::uint32_t room = block_->capacity - block_->filled;
    const std::uint32_t n = data.size() < room ? static_cast<std::uint32_t>(data.size()) : room;
    std::memcpy(block_->data + block_->filled, data.data(), n);
    block_->filled += n;
    size_ += n;
    return n;
  }

 private:
  Slice(Block* block, std::uint32_t offset, std::uint32_t size)
      : block_(block), offset_(offset), size_(size) {}

  Block* block_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace strata::buf
