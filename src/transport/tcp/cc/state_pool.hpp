// Where the state of a controller lives that is too large for a connection: a slab with a bound, so that a
// connection without it pays for a pointer, in an arm of AnyCc that is there anyway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/slab.hpp"

namespace strata::tcp {

template <class T>
class StatePool;

/// Owns one T of a pool, or nothing.
template <class T>
class Pooled {
 public:
  Pooled() = default;
  Pooled(Pooled&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Pooled& operator=(Pooled&& other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Pooled();

  explicit operator bool() const { return node_ != nullptr; }
  T& operator*() const { return node_->state; }
  T* operator->() const { return &node_->state; }

 private:
  friend class StatePool<T>;
  struct Node {
    T state;
    StatePool<T>* pool;
    std::uint32_t index;
  };
  explicit Pooled(Node* node) : node_(node) {}
  Node* node_ = nullptr;
};

/// Must outlive what it gave.
template <class T>
class StatePool {
 public:
  explicit StatePool(std::size_t max) : slab_(max) {}

  /// Nothing when the pool is at its bound, or memory ran out.
  template <class... Args>
  Pooled<T> make(Args&&... args) {
    const std::uint32_t index = slab_.emplace(T(std::forward<Args>(args)...), this, 0U);
    if (index == Nodes::kNone) return {};
    slab_[index].index = index;
    return Pooled<T>(&slab_[index]);
  }
  std::size_t used() const { return slab_.size(); }

 private:
  friend class Pooled<T>;
  using Nodes = Slab<typename Pooled<T>::Node, 16>;
  Nodes slab_;
};

template <class T>
Pooled<T>::~Pooled() {
  if (node_ != nullptr) node_->pool->slab_.erase(node_->index);
}

}  // namespace strata::tcp
