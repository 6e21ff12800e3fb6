// `--private`: a network of our own that needs no set-up and no privilege, and of which nothing stays. A
// namespace holds the kernel's end, 10.77.0.1 and fd77::1; ours is a NetDevice in this process, which itself
// stays where it is. Programs run inside as peers.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "device/process.hpp"
#include "strata/address.hpp"
#include "strata/net_device.hpp"
#include "strata/system_error.hpp"

namespace strata {

struct PrivateNetworkOptions {
  Prefix kernel_address{IpAddress::v4(10, 77, 0, 1), 24};
  Prefix address{IpAddress::v4(10, 77, 0, 2), 24};  ///< ours
  Prefix kernel_address6{IpAddress::v6({0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 64};
  Prefix address6{IpAddress::v6({0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}), 64};
  bool ipv6 = true;  ///< as far as the kernel has it
  MacAddress mac{{0x02, 0x00, 0x0a, 0x4d, 0x00, 0x02}};
  bool offload = true;
  bool use_tap = true;  ///< false: straight to the veth pair
};

class PrivateNetwork {
 public:
  /// The error names every way that was tried and what would help.
  static SystemResult<PrivateNetwork> create(const PrivateNetworkOptions& options = {});
  PrivateNetwork(PrivateNetwork&&) noexcept;
  PrivateNetwork& operator=(PrivateNetwork&&) noexcept;
  /// Ends all processes inside; the namespace and its interfaces go with the last one.
  ~PrivateNetwork();

  /// The way that was taken, for people: `a network namespace with the TAP device strata0`.
  const std::string& description() const;
  const PrivateNetworkOptions& options() const;
  NetDevice& device();

  /// Starts a program inside, with our standard input and output.
  SystemResult<Process> run(std::span<const std::string> argv) const;
  /// Whether somebody inside listens on this TCP port of one of the kernel's addresses.
  bool is_listening(std::uint16_t port) const;
  /// Waits until the port is listened on; an error when `limit` passes or `peer` ends before.
  SystemResult<void> wait_for_port(std::uint16_t port, Process& peer, Duration limit) const;

  struct Handover;

 private:
  struct State;
  explicit PrivateNetwork(std::unique_ptr<State> state);
  static std::unique_ptr<State> assemble(const PrivateNetworkOptions& options, const Handover& handover,
                                         std::span<Fd> descriptors);
  std::unique_ptr<State> state_;
};

}  // namespace strata
