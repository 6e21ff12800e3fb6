#include "device/private_network.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "device/last_error.hpp"
#include "device/listening_ports.hpp"
#include "device/net_device.hpp"
#include "device/netlink.hpp"
#include "device/network_namespace.hpp"
#include "device/pass_descriptors.hpp"
#include "strata/host.hpp"

namespace strata {
namespace {

constexpr const char* kKernelInterface = "strata0";
constexpr const char* kOurInterface = "strata1";

}  // namespace

/// What the process that builds the namespace tells us; the descriptors come beside it in the order of their
/// names here.
struct PrivateNetwork::Handover {
  bool built = false;
  bool in_user_namespace = false;
  bool has_ipv6 = false;
  bool is_tap = false;
  LinkCapabilities capabilities;
  int error_number = 0;
  std::array<char, 1024> text{};  ///< of the error, or why the TAP device was passed over
};

namespace {

using Handover = PrivateNetwork::Handover;
static_assert(std::is_trivially_copyable_v<Handover>);

void set_text(Handover& handover, const std::string& text) {
  std::strncpy(handover.text.data(), text.c_str(), handover.text.size() - 1);
}

/// The kernel may lack IPv6 or forbid the change.
void set_ipv6(const std::string& interface, const char* parameter, char value) {
  const std::string path = "/proc/sys/net/ipv6/conf/" + interface + "/" + parameter;
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (fd) [[maybe_unused]]
    const ssize_t written = ::write(fd.get(), &value, 1);
}

/// What a kernel says on its own would only disturb what the captures show: probes for its address, questions
/// for routers, a link-local address and its reports.
void quiet_ipv6_on_new_interfaces() { set_ipv6("default", "disable_ipv6", '1'); }

/// A kernel without IPv6 is no error: then there is none.
void give_kernel_ipv6(Netlink& netlink, const Prefix& address) {
  set_ipv6(kKernelInterface, "addr_gen_mode", '1');
  set_ipv6(kKernelInterface, "accept_ra", '0');
  set_ipv6(kKernelInterface, "router_solicitations", '0');
  set_ipv6(kKernelInterface, "accept_dad", '0');
  set_ipv6(kKernelInterface, "disable_ipv6", '0');
  [[maybe_unused]] const auto added = netlink.add_address(kKernelInterface, address);
}

SystemResult<NetDevice> open_veth(Netlink& netlink, const PrivateNetworkOptions& options) {
  if (auto done = netlink.add_veth_pair(kKernelInterface, kOurInterface); !done)
    return Err<SystemError>(done.error());
  for (const char* end : {kKernelInterface, kOurInterface}) {
    if (auto done = netlink.bring_up(end); !done) return Err<SystemError>(done.error());
  }
  for (const char* end : {kKernelInterface, kOurInterface}) {
    if (auto done = netlink.wait_until_in_service(end, false); !done) return Err<SystemError>(done.error());
  }
  if (auto done = netlink.add_address(kKernelInterface, options.kernel_address); !done) {
    return Err<SystemError>(done.error());
  }
  return NetDevice::open_interface({.name = kOurInterface, .mac = options.mac, .offload = options.offload});
}

/// A TAP device if there can be one, else a veth pair; `handover` learns which and why.
SystemResult<NetDevice> open_device(Netlink& netlink, const PrivateNetworkOptions& options,
                                    Handover& handover) {
  std::string tried;
  if (options.use_tap) {
    SystemResult<NetDevice> tap = NetDevice::open_tap(
        {.name = kKernelInterface, .offload = options.offload, .kernel_address = options.kernel_address});
    if (tap) {
      handover.is_tap = true;
      return tap;
    }
    tried = tap.error().text;
  }
  SystemResult<NetDevice> veth = open_veth(netlink, options);
  if (!veth) {
    if (!tried.empty()) tried += "; ";
    return Err<SystemError>({veth.error().number, tried + veth.error().text});
  }
  set_text(handover, tried);
  return veth;
}

struct Built {
  NamespaceHandles handles;
  NetDevice device;
};

SystemResult<Built> build(const PrivateNetworkOptions& options, Handover& handover) {
  SystemResult<NamespaceHandles> handles = enter_new_namespace();
  if (!handles) return Err<SystemError>(handles.error());
  quiet_ipv6_on_new_interfaces();
  SystemResult<Netlink> netlink = Netlink::open();
  if (!netlink) return Err<SystemError>(netlink.error());
  if (auto done = netlink->bring_up("lo"); !done) return Err<SystemError>(done.error());
  SystemResult<NetDevice> device = open_device(*netlink, options, handover);
  if (!device) return Err<SystemError>(device.error());
  if (options.ipv6) give_kernel_ipv6(*netlink, options.kernel_address6);
  return Built{std::move(*handles), std::move(*device)};
}

/// The life of the process that builds: into a new namespace, hand over what keeps it alive, end.
[[noreturn]] void build_and_hand_over(int socket, const PrivateNetworkOptions& options) {
  Handover handover;
  std::vector<int> descriptors;
  SystemResult<Built> built = build(options, handover);
  Fd tcp;
  Fd tcp6;
  if (built) {
    tcp = Fd(::open("/proc/self/net/tcp", O_RDONLY | O_CLOEXEC));
    tcp6 = Fd(::open("/proc/self/net/tcp6", O_RDONLY | O_CLOEXEC));
    if (!tcp) built = last_error("opening /proc/self/net/tcp");
  }
  if (built) {
    handover.built = true;
    handover.capabilities = built->device.capabilities();
    handover.in_user_namespace = static_cast<bool>(built->handles.user);
    handover.has_ipv6 = static_cast<bool>(tcp6);
    descriptors = {built->device.fd(), built->handles.net.get(), tcp.get()};
    if (handover.in_user_namespace) descriptors.push_back(built->handles.user.get());
    if (handover.has_ipv6) descriptors.push_back(tcp6.get());
  } else {
    handover.error_number = built.error().number;
    set_text(handover, built.error().text);
  }
  const Bytes message(reinterpret_cast<const std::uint8_t*>(&handover), sizeof(handover));
  ::_exit(send_with_descriptors(socket, message, descriptors) ? 0 : 1);
}

std::string describe(const Handover& handover) {
  std::string text = handover.in_user_namespace ? "a user and network namespace" : "a network namespace";
  if (handover.is_tap) return text + " with the TAP device " + kKernelInterface;
  text += std::string(" with the veth pair ") + kKernelInterface + " - " + kOurInterface;
  if (handover.text[0] != '\0') text += std::string(" (no TAP device: ") + handover.text.data() + ")";
  return text;
}

}  // namespace

struct PrivateNetwork::State {
  PrivateNetworkOptions options;
  std::string description;
  NamespaceHandles handles;
  Fd tcp;
  Fd tcp6;
  NetDevice device;

  ~State() { end_processes_in(handles.net); }
};

std::unique_ptr<PrivateNetwork::State> PrivateNetwork::assemble(const PrivateNetworkOptions& options,
                                                                const Handover& handover,
                                                                std::span<Fd> descriptors) {
  std::size_t next = 0;
  const auto take = [&]() -> Fd { return std::move(descriptors[next++]); };
  NetDevice device(
      std::make_unique<NetDevice::State>(take(), handover.is_tap ? kKernelInterface : kOurInterface,
                                         !handover.is_tap || options.offload, handover.capabilities));
  Fd net = take();
  Fd tcp = take();
  Fd user = handover.in_user_namespace ? take() : Fd();
  Fd tcp6 = handover.has_ipv6 ? take() : Fd();
  return std::unique_ptr<State>(new State{.options = options,
                                          .description = describe(handover),
                                          .handles = {.user = std::move(user), .net = std::move(net)},
                                          .tcp = std::move(tcp),
                                          .tcp6 = std::move(tcp6),
                                          .device = std::move(device)});
}

SystemResult<PrivateNetwork> PrivateNetwork::create(const PrivateNetworkOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return last_error("making a socket pair");
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  const int builder = ::fork();
  if (builder < 0) return last_error("starting a process");
  if (builder == 0) build_and_hand_over(theirs.get(), options);
  theirs.reset();
  Handover handover;
  auto descriptors =
      receive_with_descriptors(ours.get(), {reinterpret_cast<std::uint8_t*>(&handover), sizeof(handover)});
  while (::waitpid(builder, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!descriptors) return Err<SystemError>(descriptors.error());
  if (!handover.built) {
    return Err<SystemError>(
        {handover.error_number, std::string("no private network: ") + handover.text.data()});
  }
  return PrivateNetwork(assemble(options, handover, *descriptors));
}

PrivateNetwork::PrivateNetwork(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateNetwork::PrivateNetwork(PrivateNetwork&&) noexcept = default;
PrivateNetwork& PrivateNetwork::operator=(PrivateNetwork&&) noexcept = default;
PrivateNetwork::~PrivateNetwork() = default;

const std::string& PrivateNetwork::description() const { return state_->description; }
const PrivateNetworkOptions& PrivateNetwork::options() const { return state_->options; }
NetDevice& PrivateNetwork::device() { return state_->device; }

SystemResult<Process> PrivateNetwork::run(std::span<const std::string> argv) const {
  return Process::start(argv, {.context = &state_->handles, .function = &join_namespace});
}

bool PrivateNetwork::is_listening(std::uint16_t port) const {
  const auto listens = [&](const Fd& table, const Prefix& at) {
    return table && strata::is_listening(table.get(), at.address, port);
  };
  const PrivateNetworkOptions& options = state_->options;
  return listens(state_->tcp, options.kernel_address) || listens(state_->tcp6, options.kernel_address) ||
         listens(state_->tcp6, options.kernel_address6);
}

SystemResult<void> PrivateNetwork::wait_for_port(std::uint16_t port, Process& peer, Duration limit) const {
  // Nothing tells when a port opens; looking often costs little, since it is at the start only.
  constexpr Duration kPause = Duration::millis(5);
  const Instant until = monotonic_now() + limit;
  const std::string what = "waiting for port " + std::to_string(port) + " of \"" + peer.program() + "\"";
  while (!is_listening(port)) {
    if (monotonic_now() >= until) return Err<SystemError>(error_of(ETIMEDOUT, what));
    if (const auto ended = peer.wait(kPause)) return Err<SystemError>({0, what + ": it " + describe(*ended)});
  }
  return {};
}

}  // namespace strata
