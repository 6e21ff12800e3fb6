// The inside of a NetDevice: the descriptor, how frames are framed on it, and what it has run into.
#pragma once

#include <sys/uio.h>

#include <optional>
#include <string>

#include "device/fd.hpp"
#include "device/receive_blocks.hpp"
#include "strata/net_device.hpp"

namespace strata {

class NetDevice::State {
 public:
  /// `fd` is non-blocking and exchanges one frame a call, with a VnetHeader in front if `vnet_header`.
  State(Fd fd, std::string name, bool vnet_header, const LinkCapabilities& capabilities)
      : fd_(std::move(fd)), name_(std::move(name)), vnet_header_(vnet_header), capabilities_(capabilities) {}

  Packet receive(Stack& stack, Instant now);
  bool transmit(const Packet& packet);

  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }
  const LinkCapabilities& capabilities() const { return capabilities_; }
  std::uint64_t frames_lost() const { return frames_lost_; }
  SystemResult<void> status() const;

 private:
  /// True when a frame should be tried again later; an error that will stay is remembered.
  bool is_transient(int error);

  Fd fd_;
  std::string name_;
  bool vnet_header_;
  LinkCapabilities capabilities_;
  ReceiveBlocks blocks_;
  std::uint64_t frames_lost_ = 0;
  std::optional<SystemError> error_;
};

/// The device an administrator's words stand for: `interface "tap0"`.
std::string quoted_interface(const std::string& name);

/// Payload of the largest super-segment: 65535 bytes of IP packet less the longest IP and TCP headers.
inline constexpr std::size_t kGsoMax = 65535 - 60 - 60;

}  // namespace strata
