// A balanced search tree through a member of its elements (A. Andersson 1993: all red links lean right): no
// allocation, and finding, inserting and erasing are logarithmic however the elements come.
#pragma once

#include <algorithm>
#include <utility>

namespace strata {

template <class T>
struct TreeHook {
  T* left = nullptr;
  T* right = nullptr;
  unsigned level = 0;
};

/// `Before{}(a, b)`: a strict order of the elements, which must not change while they are in the tree.
template <class T, TreeHook<T> T::* Hook, class Before>
class OrderedTree {
 public:
  bool empty() const { return root_ == nullptr; }
  T* first() const {
    T* at = root_;
    while (at != nullptr && left(at) != nullptr) at = left(at);
    return at;
  }
  T* last() const {
    T* at = root_;
    while (at != nullptr && right(at) != nullptr) at = right(at);
    return at;
  }
  void insert(T& item) { root_ = insert(root_, item); }
  /// Precondition: it is in the tree.
  void erase(T& item) { root_ = erase(root_, item); }
  /// The last element that `is_at_or_before(element)`, which holds up to some place and not behind it.
  template <class Predicate>
  T* last_that(Predicate&& is_at_or_before) const {
    T* found = nullptr;
    for (T* at = root_; at != nullptr;) {
      const bool holds = is_at_or_before(*at);
      if (holds) found = at;
      at = holds ? right(at) : left(at);
    }
    return found;
  }

 private:
  static T*& left(T* item) { return (item->*Hook).left; }
  static T*& right(T* item) { return (item->*Hook).right; }
  static unsigned level(const T* item) { return item == nullptr ? 0 : (item->*Hook).level; }

  /// A left child of the same level becomes the parent.
  static T* skew(T* top) {
    if (top == nullptr || level(left(top)) != level(top)) return top;
    T* const child = left(top);
    left(top) = std::exchange(right(child), top);
    return child;
  }
  /// Of two right links of the same level the middle rises.
  static T* split(T* top) {
    if (top == nullptr || right(top) == nullptr || level(right(right(top))) != level(top)) return top;
    T* const child = right(top);
    right(top) = std::exchange(left(child), top);
    ++(child->*Hook).level;
    return child;
  }
  static T* insert(T* top, T& item) {
    if (top == nullptr) {
      item.*Hook = {.level = 1};
      return &item;
    }
    T*& side = Before{}(item, *top) ? left(top) : right(top);
    side = insert(side, item);
    return split(skew(top));
  }
  static T* erase(T* top, T& item) {
    if (top != &item) {
      T*& side = Before{}(item, *top) ? left(top) : right(top);
      side = erase(side, item);
      return balance(top);
    }
    if (left(top) == nullptr && right(top) == nullptr) return nullptr;
    const bool by_left = left(top) != nullptr;
    T* heir = by_left ? left(top) : right(top);
    while (T* const next = by_left ? right(heir) : left(heir)) heir = next;
    T*& side = by_left ? left(top) : right(top);
    side = erase(side, *heir);
    heir->*Hook = top->*Hook;
    return balance(heir);
  }
  /// After an element below it has gone.
  static T* balance(T* top) {
    const unsigned fitting = std::min(level(left(top)), level(right(top))) + 1;
    if (fitting < level(top)) {
      (top->*Hook).level = fitting;
      if (fitting < level(right(top))) (right(top)->*Hook).level = fitting;
    }
    top = skew(top);
    right(top) = skew(right(top));
    if (right(top) != nullptr) right(right(top)) = skew(right(right(top)));
    top = split(top);
    right(top) = split(right(top));
    return top;
  }

  T* root_ = nullptr;
};

}  // namespace strata
