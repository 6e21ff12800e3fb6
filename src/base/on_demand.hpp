// A value that most owners never need: they pay for a pointer. Of standard layout, which std::unique_ptr is
// not, so that offsets in its owner can be checked.
#pragma once

#include <new>
#include <utility>

namespace strata {

template <class T>
class OnDemand {
 public:
  OnDemand() = default;
  OnDemand(const OnDemand&) = delete;
  OnDemand& operator=(const OnDemand&) = delete;
  ~OnDemand() { reset(); }

  explicit operator bool() const { return value_ != nullptr; }
  T& operator*() const { return *value_; }
  T* operator->() const { return value_; }
  /// The value, made now if there is none yet; nullptr without memory.
  T* make() {
    if (value_ == nullptr) value_ = new (std::nothrow) T;
    return value_;
  }
  void reset() { delete std::exchange(value_, nullptr); }

 private:
  T* value_ = nullptr;
};

}  // namespace strata
