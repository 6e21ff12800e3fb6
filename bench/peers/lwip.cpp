#include "bench/peers/lwip.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "bench/support/kernel.hpp"
#include "bench/support/pattern.hpp"

extern "C" {  // not every header of lwIP says so itself
#include <lwip/etharp.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>
}

namespace strata::bench {
namespace {

constexpr IpAddress kKernel = IpAddress::v4(10, 79, 0, 1);
constexpr IpAddress kLwip = IpAddress::v4(10, 79, 0, 2);
constexpr std::uint16_t kPort = 5000;
constexpr std::size_t kFrameMax = 1514;

const Pattern pattern;

/// One connection and what it has moved; lwIP's callbacks find it by their argument.
struct Stream {
  tcp_pcb* pcb = nullptr;
  std::uint64_t total = 0;
  std::uint64_t at = 0;
  bool done = false;
};

err_t on_received(void* context, tcp_pcb* pcb, pbuf* data, err_t) {
  auto& stream = *static_cast<Stream*>(context);
  if (data == nullptr) {
    tcp_close(pcb);
    stream.done = true;
    return ERR_OK;
  }
  for (const pbuf* piece = data; piece != nullptr; piece = piece->next) {
    const Bytes bytes(static_cast<const std::uint8_t*>(piece->payload), piece->len);
    require(pattern.matches(stream.at, bytes), "the payload arrived damaged at lwIP");
    stream.at += bytes.size();
  }
  tcp_recved(pcb, data->tot_len);
  pbuf_free(data);
  return ERR_OK;
}

/// The pattern stays where it is, so lwIP may refer to it instead of copying.
void send_more(Stream& stream) {
  while (stream.at < stream.total && tcp_sndbuf(stream.pcb) > 0) {
    const Bytes piece =
        pattern.at(stream.at, std::min<std::uint64_t>(stream.total - stream.at, tcp_sndbuf(stream.pcb)));
    if (tcp_write(stream.pcb, piece.data(), static_cast<u16_t>(piece.size()), 0) != ERR_OK) break;
    stream.at += piece.size();
  }
  tcp_output(stream.pcb);
  if (stream.at == stream.total) tcp_shutdown(stream.pcb, 0, 1);
}

err_t on_sent(void* context, tcp_pcb*, u16_t) {
  auto& stream = *static_cast<Stream*>(context);
  if (stream.at < stream.total) send_more(stream);
  return ERR_OK;
}

err_t on_connected(void* context, tcp_pcb*, err_t) {
  send_more(*static_cast<Stream*>(context));
  return ERR_OK;
}

err_t on_accepted(void* context, tcp_pcb* pcb, err_t) {
  tcp_arg(pcb, context);
  tcp_recv(pcb, &on_received);
  return ERR_OK;
}

err_t send_frame(netif* interface, pbuf* frame) {
  std::array<std::uint8_t, kFrameMax> bytes;
  const u16_t size = pbuf_copy_partial(frame, bytes.data(), bytes.size(), 0);
  const int fd = *static_cast<int*>(interface->state);
  return ::write(fd, bytes.data(), size) == size ? ERR_OK : ERR_IF;
}

err_t init_interface(netif* interface) {
  interface->name[0] = 'b';
  interface->name[1] = 'n';
  interface->output = &etharp_output;
  interface->linkoutput = &send_frame;
  interface->mtu = 1500;
  interface->hwaddr_len = 6;
  const std::array<std::uint8_t, 6> mac{2, 0, 0, 0, 0, 3};
  std::memcpy(interface->hwaddr, mac.data(), mac.size());
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

int open_tap() {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  ifreq request{};
  std::strcpy(request.ifr_name, "lwip0");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  require(fd >= 0 && ::ioctl(fd, TUNSETIFF, &request) == 0, "no TAP device for lwIP");
  shell("ip addr add 10.79.0.1/24 dev lwip0 && ip link set lwip0 up");
  return fd;
}

void receive_frame(int fd, netif& interface) {
  std::array<std::uint8_t, kFrameMax> bytes;
  const ssize_t got = ::read(fd, bytes.data(), bytes.size());
  require(got > 0, "the TAP device of lwIP is gone");
  pbuf* frame = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(got), PBUF_RAM);
  require(frame != nullptr, "lwIP has no memory");
  pbuf_take(frame, bytes.data(), static_cast<u16_t>(got));
  if (interface.input(frame, &interface) != ERR_OK) pbuf_free(frame);
}

/// lwIP's own thread runs its timers; frames and calls come from here, under its lock.
void run_lwip(Stream stream, bool sends, const std::function<void()>& ready) {
  int fd = open_tap();
  tcpip_init(nullptr, nullptr);
  netif interface{};
  const ip4_addr_t address{htonl(kLwip.v4_value())};
  const ip4_addr_t mask{htonl(0xffff'ff00U)};
  const ip4_addr_t gateway{htonl(kKernel.v4_value())};
  ip_addr_t kernel{};
  ip_addr_set_ip4_u32(&kernel, gateway.addr);
  LOCK_TCPIP_CORE();
  require(netif_add(&interface, &address, &mask, &gateway, &fd, &init_interface, &ethernet_input) != nullptr,
          "lwIP refused its interface");
  netif_set_default(&interface);
  netif_set_up(&interface);
  stream.pcb = tcp_new();
  tcp_arg(stream.pcb, &stream);
  if (sends) {
    tcp_recv(stream.pcb, &on_received);
    tcp_sent(stream.pcb, &on_sent);
    tcp_connect(stream.pcb, &kernel, kPort, &on_connected);
  } else {
    tcp_bind(stream.pcb, IP_ADDR_ANY, kPort);
    stream.pcb = tcp_listen(stream.pcb);
    tcp_accept(stream.pcb, &on_accepted);
  }
  UNLOCK_TCPIP_CORE();
  ready();
  while (!stream.done) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, -1);
    LOCK_TCPIP_CORE();
    receive_frame(fd, interface);
    UNLOCK_TCPIP_CORE();
  }
  require(stream.at == stream.total, "the stream of lwIP is too short");
}

/// Who listens is started first.
Sample finish(Child& lwip, Child& kernel, const Stopwatch& watch, std::uint64_t total) {
  const double cpu_seconds = kernel.finish() + lwip.finish();
  Sample sample = watch.stop(static_cast<double>(total));
  sample.cpu_seconds = cpu_seconds;
  return sample;
}

}  // namespace

Sample lwip_kernel_sends(std::uint64_t total) {
  Child lwip(Child::Network::ours, {}, [&](const auto& ready) { run_lwip({.total = total}, false, ready); });
  lwip.wait_until_ready();
  const Stopwatch watch;
  Child kernel(Child::Network::ours, {}, [&](const auto&) { send_pattern(connect_to(kLwip, kPort), total); });
  return finish(lwip, kernel, watch, total);
}

Sample lwip_kernel_receives(std::uint64_t total) {
  Child kernel(Child::Network::ours, {}, [&](const auto& ready) {
    const int listener = listen_on(IpAddress::v4(0), kPort);
    ready();
    receive_pattern(::accept(listener, nullptr, nullptr), total);
  });
  kernel.wait_until_ready();
  Child lwip(Child::Network::ours, {}, [&](const auto& ready) { run_lwip({.total = total}, true, ready); });
  lwip.wait_until_ready();
  const Stopwatch watch;
  return finish(lwip, kernel, watch, total);
}

}  // namespace strata::bench
