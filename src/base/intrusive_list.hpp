// A doubly linked list through a member of its elements: no allocation, removal in constant time from
// anywhere.
#pragma once

#include "base/check.hpp"

namespace strata {

template <class T>
struct ListHook {
  T* prev = nullptr;
  T* next = nullptr;  ///< the item itself: it is the last; nullptr: it is in no list

  bool linked() const { return next != nullptr; }
};

/// `IntrusiveList<Conn, &Conn::dirty_hook>`
template <class T, ListHook<T> T::* Hook>
class IntrusiveList {
 public:
  bool empty() const { return head_ == nullptr; }
  T* front() const { return head_; }
  static T* next(const T& item) { return (item.*Hook).next == &item ? nullptr : (item.*Hook).next; }
  static bool contains(const T& item) { return (item.*Hook).linked(); }

  void push_back(T& item) {
    ListHook<T>& hook = item.*Hook;
    STRATA_CHECK(!hook.linked());
    hook = {.prev = tail_, .next = &item};
    (tail_ == nullptr ? head_ : (tail_->*Hook).next) = &item;
    tail_ = &item;
  }

  void remove(T& item) {
    ListHook<T>& hook = item.*Hook;
    STRATA_CHECK(hook.linked());
    T* const after = next(item);
    if (hook.prev == nullptr) {
      head_ = after;
    } else {
      (hook.prev->*Hook).next = after == nullptr ? hook.prev : after;
    }
    (after == nullptr ? tail_ : (after->*Hook).prev) = hook.prev;
    hook = {};
  }

  T* pop_front() {
    T* item = head_;
    if (item != nullptr) remove(*item);
    return item;
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
};

}  // namespace strata
