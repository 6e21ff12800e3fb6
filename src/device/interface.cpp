#include "device/interface.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "device/fd.hpp"
#include "device/last_error.hpp"

namespace strata {

bool set_interface_name(ifreq& request, const std::string& name) {
  if (name.empty() || name.size() >= sizeof(request.ifr_name)) return false;
  std::memcpy(request.ifr_name, name.c_str(), name.size() + 1);
  return true;
}

SystemResult<InterfaceFacts> read_interface(const std::string& name) {
  const std::string what = "asking about the interface \"" + name + "\"";
  ifreq request{};
  if (!set_interface_name(request, name)) return Err<SystemError>(error_of(ENODEV, what));
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return last_error("opening a socket");
  InterfaceFacts facts;
  if (::ioctl(fd.get(), SIOCGIFINDEX, &request) != 0) return last_error(what);
  facts.index = request.ifr_ifindex;
  if (::ioctl(fd.get(), SIOCGIFMTU, &request) != 0) return last_error(what);
  facts.mtu = static_cast<std::size_t>(request.ifr_mtu);
  if (::ioctl(fd.get(), SIOCGIFFLAGS, &request) != 0) return last_error(what);
  facts.is_up = (request.ifr_flags & IFF_UP) != 0;
  if (::ioctl(fd.get(), SIOCGIFHWADDR, &request) != 0) return last_error(what);
  std::memcpy(facts.mac.octets.data(), request.ifr_hwaddr.sa_data, facts.mac.octets.size());
  return facts;
}

}  // namespace strata
