// What the application chose for one connection. Most choose nothing: they pay for a pointer.
#pragma once

#include <memory>
#include <new>

#include "strata/tcp_settings.hpp"

namespace strata::tcp {

class OwnSettings {
 public:
  const TcpSettings& operator*() const { return own_ == nullptr ? kNone : *own_; }
  const TcpSettings* operator->() const { return &**this; }
  /// Without memory for them the old ones stay.
  void set(const TcpSettings& settings) {
    if (settings == kNone) {
      own_.reset();
    } else if (own_ != nullptr) {
      *own_ = settings;
    } else {
      own_.reset(new (std::nothrow) TcpSettings(settings));
    }
  }

 private:
  static constexpr TcpSettings kNone{};
  std::unique_ptr<TcpSettings> own_;
};

}  // namespace strata::tcp
