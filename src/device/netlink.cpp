#include "device/netlink.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/check.hpp"
#include "device/last_error.hpp"

namespace strata {
namespace {

// IF_OPER_* of <linux/if.h>, which cannot be included beside <net/if.h>.
constexpr std::uint8_t kOperUnknown = 0;
constexpr std::uint8_t kOperUp = 6;

}  // namespace

/// One request: a header, a body and attributes, each padded to four bytes.
class NetlinkMessage {
 public:
  explicit NetlinkMessage(std::uint16_t type, std::uint16_t flags = 0) {
    const nlmsghdr header{.nlmsg_len = 0,
                          .nlmsg_type = type,
                          .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags),
                          .nlmsg_seq = 1,
                          .nlmsg_pid = 0};
    put(&header, sizeof(header));
  }

  template <class T>
  void body(const T& value) {
    put(&value, sizeof(value));
  }
  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const rtattr header{.rta_len = static_cast<std::uint16_t>(sizeof(rtattr) + size), .rta_type = type};
    put(&header, sizeof(header));
    put(data, size);
  }
  void attribute(std::uint16_t type, std::string_view text) { attribute(type, text.data(), text.size()); }
  /// Opens an attribute that holds what follows up to end(); returns its place.
  std::size_t begin(std::uint16_t type) {
    const std::size_t at = size_;
    const rtattr header{.rta_len = 0, .rta_type = type};
    put(&header, sizeof(header));
    return at;
  }
  void end(std::size_t at) {
    const auto length = static_cast<std::uint16_t>(size_ - at);
    std::memcpy(bytes_.data() + at + offsetof(rtattr, rta_len), &length, sizeof(length));
  }
  std::span<const std::uint8_t> finish() {
    const auto length = static_cast<std::uint32_t>(size_);
    std::memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_len), &length, sizeof(length));
    return {bytes_.data(), size_};
  }

 private:
  void put(const void* data, std::size_t size) {
    const std::size_t padded = (size + 3) / 4 * 4;
    STRATA_CHECK(size_ + padded <= bytes_.size());
    if (size > 0) std::memcpy(bytes_.data() + size_, data, size);
    size_ += padded;
  }

  std::array<std::uint8_t, 512> bytes_{};
  std::size_t size_ = 0;
};

SystemResult<Netlink> Netlink::open() {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd) return last_error("opening a netlink socket");
  return Netlink(std::move(fd));
}

int Netlink::transact(NetlinkMessage& message, std::vector<std::uint8_t>* answer) {
  const auto request = message.finish();
  if (::send(fd_.get(), request.data(), request.size(), 0) < 0) return errno;
  std::vector<std::uint8_t> received(32 * 1024);
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), received.data(), received.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    nlmsghdr header;
    if (static_cast<std::size_t>(got) < sizeof(header)) return EPROTO;
    std::memcpy(&header, received.data(), sizeof(header));
    if (header.nlmsg_type != NLMSG_ERROR) {
      if (answer != nullptr) answer->assign(received.begin() + sizeof(header), received.begin() + got);
      continue;
    }
    nlmsgerr verdict;
    if (static_cast<std::size_t>(got) < sizeof(header) + sizeof(verdict)) return EPROTO;
    std::memcpy(&verdict, received.data() + sizeof(header), sizeof(verdict));
    return -verdict.error;
  }
}

SystemResult<void> Netlink::add_veth_pair(const std::string& name, const std::string& peer) {
  NetlinkMessage message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.body(ifinfomsg{});
  message.attribute(IFLA_IFNAME, name);
  const std::size_t link_info = message.begin(IFLA_LINKINFO);
  message.attribute(IFLA_INFO_KIND, "veth");
  const std::size_t data = message.begin(IFLA_INFO_DATA);
  const std::size_t other = message.begin(VETH_INFO_PEER);
  message.body(ifinfomsg{});
  message.attribute(IFLA_IFNAME, peer);
  message.end(other);
  message.end(data);
  message.end(link_info);
  if (const int error = transact(message); error != 0)
    return Err<SystemError>(error_of(error, "creating a veth pair"));
  return {};
}

SystemResult<void> Netlink::bring_up(const std::string& name, std::optional<std::size_t> mtu) {
  NetlinkMessage message(RTM_NEWLINK);
  ifinfomsg body{};
  body.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
  body.ifi_flags = IFF_UP;
  body.ifi_change = IFF_UP;
  message.body(body);
  if (mtu) {
    const auto value = static_cast<std::uint32_t>(*mtu);
    message.attribute(IFLA_MTU, &value, sizeof(value));
  }
  if (const int error = transact(message); error != 0) {
    return Err<SystemError>(error_of(error, "bringing up " + name));
  }
  return {};
}

SystemResult<std::uint8_t> Netlink::operational_state(const std::string& name) {
  NetlinkMessage message(RTM_GETLINK);
  ifinfomsg body{};
  body.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
  message.body(body);
  std::vector<std::uint8_t> answer;
  if (const int error = transact(message, &answer); error != 0) {
    return Err<SystemError>(error_of(error, "asking about " + name));
  }
  rtattr header;
  for (std::size_t at = sizeof(ifinfomsg); at + sizeof(header) < answer.size();
       at += RTA_ALIGN(header.rta_len)) {
    std::memcpy(&header, answer.data() + at, sizeof(header));
    if (header.rta_type == IFLA_OPERSTATE) return answer[at + sizeof(header)];
    if (header.rta_len < sizeof(header)) break;
  }
  return kOperUnknown;
}

SystemResult<void> Netlink::wait_until_in_service(const std::string& name, bool unknown_is_good) {
  constexpr int kMillisecondsMax = 1000;
  constexpr timespec kMillisecond{.tv_sec = 0, .tv_nsec = 1'000'000};
  for (int waited = 0; waited < kMillisecondsMax; ++waited) {
    const SystemResult<std::uint8_t> state = operational_state(name);
    if (!state) return Err<SystemError>(state.error());
    if (*state == kOperUp || (unknown_is_good && *state == kOperUnknown)) return {};
    ::nanosleep(&kMillisecond, nullptr);
  }
  return {};
}

SystemResult<void> Netlink::add_address(const std::string& name, const Prefix& address) {
  NetlinkMessage message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  const bool v4 = address.address.is_v4();
  message.body(ifaddrmsg{.ifa_family = static_cast<std::uint8_t>(v4 ? AF_INET : AF_INET6),
                         .ifa_prefixlen = address.length,
                         .ifa_flags = static_cast<std::uint8_t>(v4 ? 0 : IFA_F_NODAD),  // whoever asks knows
                         .ifa_scope = RT_SCOPE_UNIVERSE,
                         .ifa_index = ::if_nametoindex(name.c_str())});
  const auto& octets = address.address.octets();
  const std::size_t skip = v4 ? 12 : 0;
  message.attribute(IFA_LOCAL, octets.data() + skip, octets.size() - skip);
  message.attribute(IFA_ADDRESS, octets.data() + skip, octets.size() - skip);
  const int error = transact(message);
  if (error != 0 && error != EEXIST) {
    return Err<SystemError>(error_of(error, "giving " + name + " the address " + to_string(address)));
  }
  return {};
}

}  // namespace strata
