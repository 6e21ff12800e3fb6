// What the application chose for one connection. Most choose nothing: they pay for a pointer.
#pragma once

#include <new>
#include <utility>

#include "strata/tcp_settings.hpp"

namespace strata::tcp {

class OwnSettings {
 public:
  OwnSettings() = default;
  OwnSettings(const OwnSettings&) = delete;
  OwnSettings& operator=(const OwnSettings&) = delete;
  ~OwnSettings() { delete own_; }

  const TcpSettings& operator*() const { return own_ == nullptr ? kNone : *own_; }
  const TcpSettings* operator->() const { return &**this; }
  /// Without memory for them the old ones stay.
  void set(const TcpSettings& settings) {
    if (settings == kNone) {
      delete std::exchange(own_, nullptr);
    } else if (own_ != nullptr) {
      *own_ = settings;
    } else {
      own_ = new (std::nothrow) TcpSettings(settings);
    }
  }

 private:
  static constexpr TcpSettings kNone{};
  TcpSettings* own_ = nullptr;
};

}  // namespace strata::tcp
