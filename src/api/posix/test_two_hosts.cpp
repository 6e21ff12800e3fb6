#include "api/posix/test_two_hosts.hpp"

#include <algorithm>

#include "strata/stack.hpp"

namespace strata::posix {
namespace {

Config small_config(const TcpConfig& parameters) {
  Config config;
  config.tcp = parameters;
  config.buffers = {.block_size = 2048, .blocks_max = 8192, .packets_max = 2048, .queue_nodes_max = 4096};
  return config;
}

}  // namespace

class TwoHosts::Side final : public Machine {
 public:
  Side(TwoHosts& net, const TcpConfig& parameters, const IpAddress& address, std::uint8_t number)
      : net_(net), stack(small_config(parameters), Entropy::from_seed(number)), host(stack) {
    const Prefix prefix{.address = address, .length = 24};
    nic = *stack.add_interface(
        {.mac = {{2, 0, 0, 0, 0, number}}, .link = net.link_.a().capabilities(), .addresses = {&prefix, 1}});
  }

  long socket(int domain, int type, int protocol) override { return host.socket(domain, type, protocol); }
  long bind(int fd, const sockaddr* address, socklen_t size) override { return host.bind(fd, address, size); }
  long listen(int fd, int backlog) override { return host.listen(fd, backlog); }
  long accept4(int fd, sockaddr* address, socklen_t* size, int flags) override {
    return wait(host.begin_accept(fd, flags, address, size, net_.now_));
  }
  long connect(int fd, const sockaddr* address, socklen_t size) override {
    return wait(host.begin_connect(fd, address, size, net_.now_));
  }
  long shutdown(int fd, int how) override { return host.shutdown(fd, how); }
  long close(int fd) override { return wait(host.begin_close(fd, net_.now_)); }
  long dup(int fd) override { return host.dup(fd); }
  long sendmsg(int fd, const msghdr& message, int flags) override {
    return wait(host.begin_send(fd, message, flags, net_.now_));
  }
  long recvmsg(int fd, msghdr& message, int flags) override {
    return wait(host.begin_receive(fd, message, flags, net_.now_));
  }
  long getsockopt(int fd, int level, int name, void* value, socklen_t* size) override {
    return host.getsockopt(fd, level, name, value, size);
  }
  long setsockopt(int fd, int level, int name, const void* value, socklen_t size) override {
    return host.setsockopt(fd, level, name, value, size);
  }
  long getsockname(int fd, sockaddr* address, socklen_t* size) override {
    return host.getsockname(fd, address, size);
  }
  long getpeername(int fd, sockaddr* address, socklen_t* size) override {
    return host.getpeername(fd, address, size);
  }
  long fcntl(int fd, int command, long argument) override { return host.fcntl(fd, command, argument); }
  long ioctl(int fd, unsigned long request, void* argument) override {
    return host.ioctl(fd, request, argument);
  }
  long poll(pollfd* descriptors, nfds_t count, int timeout_ms) override {
    return wait(host.begin_poll(descriptors, count, timeout_ms, net_.now_));
  }
  long select(int count, fd_set* in, fd_set* out, fd_set* except, const timeval* timeout) override {
    return wait(host.begin_select(count, in, out, except, timeout, net_.now_));
  }
  long epoll_create1(int flags) override { return host.epoll_create1(flags); }
  long epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event) override {
    return host.epoll_ctl(epoll_fd, operation, fd, event);
  }
  long epoll_wait(int epoll_fd, epoll_event* events, int max, int timeout_ms) override {
    return wait(host.begin_epoll_wait(epoll_fd, events, max, timeout_ms, net_.now_));
  }

 private:
  long wait(Operation operation) {
    const std::optional<long> result = net_.finish(operation);
    EXPECT_TRUE(result) << "the call never returned";
    return result.value_or(-EINTR);
  }

  TwoHosts& net_;

 public:
  Stack stack;
  Host host;
  NicId nic;
};

TwoHosts::TwoHosts(const TcpConfig& parameters)
    : server_(std::make_unique<Side>(*this, parameters, IpAddress::v4(10, 0, 0, 1), std::uint8_t{1})),
      client_(std::make_unique<Side>(*this, parameters, IpAddress::v4(10, 0, 0, 2), std::uint8_t{2})) {
  turn();
}

TwoHosts::~TwoHosts() {
  while (link_.a().receive(server_->stack, now_) || link_.b().receive(client_->stack, now_)) {
  }
}

Machine& TwoHosts::server() { return *server_; }
Machine& TwoHosts::client() { return *client_; }
Host& TwoHosts::server_host() { return server_->host; }
Host& TwoHosts::client_host() { return client_->host; }

sockaddr_in TwoHosts::server_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(0x0a000001);
  return address;
}

void TwoHosts::turn() {
  for (bool moved = true; moved;) {
    if (cut_) {
      while (link_.a().receive(server_->stack, now_) || link_.b().receive(client_->stack, now_)) {
      }
    }
    const PollResult at_server = strata::poll(server_->stack, server_->nic, link_.a(), now_);
    const PollResult at_client = strata::poll(client_->stack, client_->nic, link_.b(), now_);
    moved = at_server.received + at_server.sent + at_client.received + at_client.sent > 0;
  }
}

Instant TwoHosts::next_event() const {
  return std::min(server_->stack.next_deadline(), client_->stack.next_deadline());
}

void TwoHosts::run_for(Duration time) {
  const Instant end = now_ + time;
  turn();
  for (Instant next = next_event(); next <= end; next = next_event()) {
    now_ = std::max(now_, next);
    turn();
  }
  now_ = end;
  turn();
}

std::optional<long> TwoHosts::finish(Operation& operation, Duration limit) {
  const Instant end = now_ + limit;
  for (;;) {
    if (const std::optional<long> result = operation.progress(now_)) return result;
    turn();
    if (const std::optional<long> result = operation.progress(now_)) return result;
    const Instant next = std::min(next_event(), operation.deadline());
    if (next > end) return std::nullopt;
    now_ = std::max(now_, next);
  }
}

}  // namespace strata::posix
