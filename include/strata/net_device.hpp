// A network interface of Linux, opened for whole Ethernet frames: a TAP device, whose other end is the
// kernel's own stack, or a packet socket on any interface. Satisfies strata::Device. Frames are read straight
// into the stack's blocks; with offload, frames of up to 64 KiB pass in one call and the kernel cuts them and
// completes their checksums.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "strata/address.hpp"
#include "strata/packet.hpp"
#include "strata/stack.hpp"
#include "strata/system_error.hpp"
#include "strata/time.hpp"

namespace strata {

/// The kernel's end is switched on in any case.
struct TapOptions {
  std::string name;                ///< an existing TAP device, else it is created and ends with this object
  bool offload = true;             ///< exchange super-segments and partial checksums
  std::optional<std::size_t> mtu;  ///< nothing: as it is
  std::optional<Prefix> kernel_address;  ///< give the kernel's end this address
};

struct InterfaceOptions {
  std::string name;
  MacAddress mac;       ///< ours; the interface is asked to accept frames for it
  bool offload = true;  ///< send super-segments and partial checksums; received ones are always understood
};

/// A device keeps a few dozen blocks of the first stack it serves: it must be destroyed before that stack.
class NetDevice {
 public:
  static SystemResult<NetDevice> open_tap(const TapOptions& options);
  static SystemResult<NetDevice> open_interface(const InterfaceOptions& options);
  NetDevice(NetDevice&&) noexcept;
  NetDevice& operator=(NetDevice&&) noexcept;
  ~NetDevice();

  Packet receive(Stack& stack, Instant now);
  bool transmit(Packet& packet, Instant now);
  void flush() {}
  LinkCapabilities capabilities() const;

  /// For epoll: readable when a frame waits.
  int fd() const;
  const std::string& name() const;
  /// An error once the interface is gone or down; from then on nothing is received and everything sent is
  /// lost.
  SystemResult<void> status() const;
  /// Frames that were lost here: no block was free, or the kernel refused them.
  std::uint64_t frames_lost() const;

  class State;
  explicit NetDevice(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace strata
