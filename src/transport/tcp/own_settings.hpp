// What most connections never have: settings that their application chose, and a search for the path's MTU.
// They pay for a pointer.
#pragma once

#include <new>
#include <utility>

#include "strata/tcp_settings.hpp"
#include "transport/tcp/path_search.hpp"

namespace strata::tcp {

class OwnSettings {
 public:
  OwnSettings() = default;
  OwnSettings(const OwnSettings&) = delete;
  OwnSettings& operator=(const OwnSettings&) = delete;
  ~OwnSettings() { delete own_; }

  const TcpSettings& operator*() const { return own_ == nullptr ? kNone : own_->settings; }
  const TcpSettings* operator->() const { return &**this; }
  /// Without memory for them the old ones stay.
  void set(const TcpSettings& settings) {
    if (settings == kNone && path_search() == nullptr) {
      delete std::exchange(own_, nullptr);
    } else if (make()) {
      own_->settings = settings;
    }
  }

  /// nullptr: none is on.
  PathSearch* path_search() { return own_ != nullptr && own_->search.is_on() ? &own_->search : nullptr; }
  const PathSearch* path_search() const { return const_cast<OwnSettings*>(this)->path_search(); }
  /// nullptr: there is no memory for it.
  PathSearch* begin_path_search(std::uint16_t low, std::uint16_t high) {
    if (!make()) return nullptr;
    own_->search.begin(low, high);
    return &own_->search;
  }

 private:
  struct Own {
    TcpSettings settings;
    PathSearch search;
  };
  bool make() {
    if (own_ == nullptr) own_ = new (std::nothrow) Own;
    return own_ != nullptr;
  }

  static constexpr TcpSettings kNone{};
  Own* own_ = nullptr;
};

}  // namespace strata::tcp
