// NetDevice::open_interface: a packet socket (packet(7)) bound to one interface, speaking about offload as a
// TAP does.
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <bit>
#include <cstring>

#include "base/byte_order.hpp"
#include "device/interface.hpp"
#include "device/last_error.hpp"
#include "device/net_device.hpp"

namespace strata {
namespace {

std::uint16_t network_order(std::uint16_t value) {
  std::uint16_t result = 0;
  store_be(reinterpret_cast<std::uint8_t*>(&result), value);
  return result;
}

bool switch_on(int fd, int option) {
  const int one = 1;
  return ::setsockopt(fd, SOL_PACKET, option, &one, sizeof(one)) == 0;
}

/// Asks the interface to let frames for `mac` through; one without an address filter of its own goes
/// promiscuous.
bool accept_frames_for(int fd, int index, const MacAddress& mac) {
  packet_mreq membership{};
  membership.mr_ifindex = index;
  membership.mr_type = PACKET_MR_UNICAST;
  membership.mr_alen = static_cast<unsigned short>(mac.octets.size());
  std::memcpy(membership.mr_address, mac.octets.data(), mac.octets.size());
  if (::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) == 0) return true;
  membership.mr_type = PACKET_MR_PROMISC;
  return ::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) == 0;
}

SystemResult<Fd> open_socket() {
  // Protocol 0: nothing arrives before bind() has chosen the interface.
  Fd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return last_error("opening a packet socket (it needs root or CAP_NET_RAW)");
  // A veth pair leaves only the pseudo-header sum in the checksum field and passes super-segments whole; the
  // virtio header says so.
  if (!switch_on(fd.get(), PACKET_VNET_HDR))
    return last_error("asking for offload headers on a packet socket");
  if (!switch_on(fd.get(), PACKET_IGNORE_OUTGOING))
    return last_error("hiding our own frames from a packet socket");
  // A 64 KiB frame needs room beside those that wait; without the privilege the system's limit has to do.
  const int buffer = 16 << 20;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) != 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
  }
  return fd;
}

}  // namespace

SystemResult<NetDevice> NetDevice::open_interface(const InterfaceOptions& options) {
  const SystemResult<InterfaceFacts> facts = read_interface(options.name);
  if (!facts) return Err<SystemError>(facts.error());
  if (!facts->is_up) {
    return Err<SystemError>(error_of(
        ENETDOWN, "the " + quoted_interface(options.name) + " (ip link set " + options.name + " up)"));
  }
  SystemResult<Fd> fd = open_socket();
  if (!fd) return Err<SystemError>(fd.error());
  if (options.mac != facts->mac && !accept_frames_for(fd->get(), facts->index, options.mac)) {
    return last_error("asking " + quoted_interface(options.name) + " for frames to " +
                      to_string(options.mac));
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = network_order(ETH_P_ALL);
  address.sll_ifindex = facts->index;
  if (::bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return last_error("binding a packet socket to " + quoted_interface(options.name));
  }
  LinkCapabilities capabilities;
  capabilities.mtu = facts->mtu;
  capabilities.checksum_offload_tx = options.offload;
  capabilities.gso_max = options.offload ? kGsoMax : 0;
  return NetDevice(std::make_unique<State>(std::move(*fd), options.name, true, capabilities));
}

}  // namespace strata
