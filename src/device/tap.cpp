// NetDevice::open_tap: the character device, the offload that both sides agree on, and the kernel's end of
// the wire.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cstring>

#include "device/interface.hpp"
#include "device/last_error.hpp"
#include "device/net_device.hpp"
#include "device/netlink.hpp"
#include "device/vnet_header.hpp"

namespace strata {
namespace {

constexpr const char* kTunDevice = "/dev/net/tun";

Err<SystemError> explain_open(int error) {
  std::string what = std::string("opening ") + kTunDevice;
  if (error == ENOENT) what += " (is the kernel module loaded? modprobe tun)";
  if (error == EACCES || error == EPERM) what += " (run as root)";
  return Err<SystemError>(error_of(error, what));
}

Err<SystemError> explain_attach(int error, const std::string& name) {
  std::string what = "attaching to the TAP " + quoted_interface(name);
  if (error == EPERM)
    what += " (run as root, or let root do: ip tuntap add " + name + " mode tap user $USER)";
  if (error == EBUSY) what += " (another program has it open)";
  if (error == EINVAL) what += " (an interface of another kind has this name)";
  return Err<SystemError>(error_of(error, what));
}

SystemResult<void> attach(int fd, const TapOptions& options) {
  ifreq request{};
  if (!set_interface_name(request, options.name)) {
    return Err<SystemError>({EINVAL, "\"" + options.name + "\" is no interface name: 1 to 15 characters"});
  }
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | (options.offload ? IFF_VNET_HDR : 0));
  if (::ioctl(fd, TUNSETIFF, &request) != 0) return explain_attach(errno, options.name);
  return {};
}

/// Asks for as much as the kernel grants; a TAP that outlived its last program may still have what that one
/// asked for.
LinkCapabilities negotiate(int fd, bool offload) {
  LinkCapabilities capabilities;
  if (offload) {
    int header_size = sizeof(VnetHeader);
    if (::ioctl(fd, TUNSETVNETHDRSZ, &header_size) == 0) {
      capabilities.checksum_offload_tx = true;
      capabilities.gso_max = kGsoMax;
    }
  }
  // What we accept from the kernel. What the kernel accepts from us needs only the header.
  const unsigned wanted = offload ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0;
  if (::ioctl(fd, TUNSETOFFLOAD, wanted) != 0) ::ioctl(fd, TUNSETOFFLOAD, 0);
  return capabilities;
}

SystemResult<void> set_up_kernel_end(const TapOptions& options) {
  const SystemResult<InterfaceFacts> facts = read_interface(options.name);
  if (!facts) return Err<SystemError>(facts.error());
  SystemResult<Netlink> netlink = Netlink::open();
  if (!netlink) return Err<SystemError>(netlink.error());
  // A TAP that root prepared for an ordinary user is up already, and that user may not touch it.
  if (!facts->is_up || (options.mtu && *options.mtu != facts->mtu)) {
    if (auto done = netlink->bring_up(options.name, options.mtu); !done) return done;
  }
  if (auto done = netlink->wait_until_in_service(options.name, true); !done) return done;
  if (options.kernel_address) return netlink->add_address(options.name, *options.kernel_address);
  return {};
}

}  // namespace

SystemResult<NetDevice> NetDevice::open_tap(const TapOptions& options) {
  Fd fd(::open(kTunDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return explain_open(errno);
  if (auto attached = attach(fd.get(), options); !attached) return Err<SystemError>(attached.error());
  LinkCapabilities capabilities = negotiate(fd.get(), options.offload);
  if (auto done = set_up_kernel_end(options); !done) return Err<SystemError>(done.error());
  const SystemResult<InterfaceFacts> facts = read_interface(options.name);
  if (!facts) return Err<SystemError>(facts.error());
  capabilities.mtu = facts->mtu;
  return NetDevice(std::make_unique<State>(std::move(fd), options.name, options.offload, capabilities));
}

}  // namespace strata
