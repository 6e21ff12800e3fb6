// Objects of one type in chunks, named by {index, generation}: stable addresses, no allocation per object,
// and a stale name finds nothing. The slab has a bound and can say no.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "base/check.hpp"

namespace strata {

template <class T, std::size_t ChunkSize = 64>
class Slab {
 public:
  explicit Slab(std::size_t max)
      : max_(max),
        chunk_max_((max + ChunkSize - 1) / ChunkSize),
        chunks_(new Chunk*[chunk_max_ == 0 ? 1 : chunk_max_]) {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (std::uint32_t i = 0; i < carved_; ++i) {
      if (slot(i).live) std::destroy_at(slot(i).object());
    }
    for (std::size_t i = 0; i < chunk_count_; ++i) delete chunks_[i];
  }

  static constexpr std::uint32_t kNone = 0xffff'ffffU;

  /// The index of a new object, or kNone when the slab is full or memory ran out.
  template <class... Args>
  std::uint32_t emplace(Args&&... args) {
    std::uint32_t index = free_;
    if (index != kNone) {
      free_ = slot(index).next_free;
    } else {
      if (carved_ == max_ || !has_room_for_next()) return kNone;
      index = carved_++;
    }
    Slot& s = slot(index);
    std::construct_at(s.object(), std::forward<Args>(args)...);
    s.live = true;
    ++size_;
    return index;
  }

  void erase(std::uint32_t index) {
    Slot& s = slot(index);
    STRATA_CHECK(s.live);
    std::destroy_at(s.object());
    s.live = false;
    ++s.generation;
    s.next_free = free_;
    free_ = index;
    --size_;
  }

  /// Precondition: `index` is live.
  T& operator[](std::uint32_t index) { return *slot(index).object(); }
  const T& operator[](std::uint32_t index) const { return *const_cast<Slab*>(this)->slot(index).object(); }

  std::uint32_t generation(std::uint32_t index) const {
    return const_cast<Slab*>(this)->slot(index).generation;
  }
  /// The object, or nullptr when the name is stale or was never given out.
  T* find(std::uint32_t index, std::uint32_t generation) {
    if (index >= carved_) return nullptr;
    Slot& s = slot(index);
    return s.live && s.generation == generation ? s.object() : nullptr;
  }

  /// No object has had this index or a higher one.
  std::uint32_t index_end() const { return carved_; }
  T* at_or_null(std::uint32_t index) {
    return index < carved_ && slot(index).live ? slot(index).object() : nullptr;
  }

  std::size_t size() const { return size_; }
  std::size_t max_size() const { return max_; }
  /// Visits every live object by index, in index order.
  template <class F>
  void for_each(F&& visit) {
    for (std::uint32_t i = 0; i < carved_; ++i) {
      if (slot(i).live) visit(i, *slot(i).object());
    }
  }

 private:
  struct Slot {
    std::uint32_t generation = 0;
    std::uint32_t next_free = kNone;
    bool live = false;
    alignas(T) std::byte bytes[sizeof(T)];
    T* object() { return std::launder(reinterpret_cast<T*>(bytes)); }
  };
  struct Chunk {
    Slot slots[ChunkSize];
  };

  Slot& slot(std::uint32_t index) { return chunks_[index / ChunkSize]->slots[index % ChunkSize]; }
  bool has_room_for_next() {
    if (carved_ < chunk_count_ * ChunkSize) return true;
    Chunk* chunk = new (std::nothrow) Chunk;
    if (chunk == nullptr) return false;
    chunks_[chunk_count_++] = chunk;
    return true;
  }

  std::size_t max_;
  std::size_t chunk_max_;
  std::unique_ptr<Chunk*[]> chunks_;
  std::size_t chunk_count_ = 0;
  std::uint32_t carved_ = 0;
  std::uint32_t free_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace strata
