#include "bench/support/kernel.hpp"

#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/support/measure.hpp"
#include "bench/support/pattern.hpp"
#include "device/network_namespace.hpp"

namespace strata::bench {
namespace {

const Pattern pattern;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// Linux machines may default to another algorithm; a comparison across machines needs one name.
void use_cubic(int socket) {
  constexpr std::string_view kCubic = "cubic";
  std::array<char, 16> name{};
  socklen_t size = name.size();
  ::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, kCubic.data(), kCubic.size());
  require(::getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) == 0 && name.data() == kCubic,
          "the kernel does not give us cubic");
}

int new_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(socket >= 0, "no socket");
  use_cubic(socket);
  return socket;
}

}  // namespace

void enter_private_network() {
  static const auto handles = enter_new_namespace();
  if (!handles) errno = 0;
  require(handles.has_value(), handles ? "" : handles.error().text.c_str());
  shell("ip link set lo up");
}

bool try_shell(const std::string& command) { return std::system((command + " 2>/dev/null").c_str()) == 0; }

void shell(const std::string& command) {
  if (std::system(command.c_str()) == 0) return;
  errno = 0;
  require(false, ("the command failed: " + command).c_str());
}

void pin_to_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<unsigned>(core), &cores);
  require(::sched_setaffinity(0, sizeof cores, &cores) == 0, "cannot pin the process to a core");
}

sockaddr_in ipv4_address(const IpAddress& address, std::uint16_t port) {
  return {.sin_family = AF_INET,
          .sin_port = htons(port),
          .sin_addr = {htonl(address.v4_value())},
          .sin_zero = {}};
}

Child::Child(Network network, const std::function<void(int pid)>& set_up, const Body& body) {
  std::array<int, 2> ready{};
  std::array<int, 2> go{};
  require(::pipe(ready.data()) == 0 && ::pipe(go.data()) == 0, "no pipe");
  pid_ = ::fork();
  require(pid_ >= 0, "cannot start a process");
  const auto tell = [&] { require(::write(ready[1], "r", 1) == 1, "the parent is gone"); };
  char byte = 0;
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (network == Network::own) require(::unshare(CLONE_NEWNET) == 0, "no network namespace");
    tell();
    require(::read(go[0], &byte, 1) == 1, "the parent is gone");
    body(tell);
    std::_Exit(0);
  }
  ::close(ready[1]);
  ::close(go[0]);
  ready_fd_ = ready[0];
  wait_until_ready();
  if (set_up) set_up(pid_);
  require(::write(go[1], "g", 1) == 1, "the child is gone");
  ::close(go[1]);
}

Child::~Child() {
  ::close(ready_fd_);
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::wait_until_ready() {
  char byte = 0;
  require(::read(ready_fd_, &byte, 1) == 1, "a peer ended before it was ready");
}

bool Child::has_ended() {
  if (reaped_) return true;
  int status = 0;
  rusage usage{};
  const int got = ::wait4(pid_, &status, WNOHANG, &usage);
  if (got == 0) return false;
  require(got == pid_ && WIFEXITED(status) && WEXITSTATUS(status) == 0, "a peer failed");
  cpu_seconds_ = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  reaped_ = true;
  return true;
}

double Child::finish() {
  if (!reaped_) {
    siginfo_t info{};
    require(::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) == 0,
            "cannot wait for a peer");
    has_ended();
  }
  return cpu_seconds_;
}

int listen_on(const IpAddress& address, std::uint16_t port) {
  const int listener = new_socket();
  const int yes = 1;
  const sockaddr_in at = ipv4_address(address, port);
  require(::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
              ::bind(listener, as_sockaddr(at), sizeof at) == 0 && ::listen(listener, 16) == 0,
          "the kernel peer cannot listen");
  return listener;
}

int connect_to(const IpAddress& address, std::uint16_t port) {
  const int client = new_socket();
  const sockaddr_in to = ipv4_address(address, port);
  require(::connect(client, as_sockaddr(to), sizeof to) == 0, "the kernel peer cannot connect");
  return client;
}

void send_pattern(int socket, std::uint64_t total) {
  // One long piece, so that the cost of calls does not count; its length is a multiple of the period.
  std::vector<std::uint8_t> piece;
  for (int i = 0; i < 32; ++i) {
    const Bytes period = pattern.at(0, Pattern::kPeriod);
    piece.insert(piece.end(), period.begin(), period.end());
  }
  for (std::uint64_t at = 0; at < total;) {
    const std::size_t skip = at % Pattern::kPeriod;
    const std::size_t size = std::min<std::uint64_t>(piece.size() - skip, total - at);
    const ssize_t sent = ::send(socket, piece.data() + skip, size, MSG_NOSIGNAL);
    require(sent > 0, "the kernel peer cannot send");
    at += static_cast<std::uint64_t>(sent);
  }
  require(::shutdown(socket, SHUT_WR) == 0, "the kernel peer cannot close");
}

void receive_pattern(int socket, std::uint64_t total) {
  std::vector<std::uint8_t> buffer(256 * 1024);
  std::uint64_t at = 0;
  for (;;) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    require(got >= 0, "the kernel peer cannot receive");
    if (got == 0) break;
    const Bytes bytes = Bytes(buffer).first(static_cast<std::size_t>(got));
    require(pattern.matches(at, bytes), "the payload arrived damaged at the kernel peer");
    at += bytes.size();
  }
  require(at == total, "the stream that reached the kernel peer is too short");
}

void echo_bytes(int socket) {
  std::array<char, 64> bytes{};
  for (;;) {
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (got == 0) return;
    require(got > 0 && ::send(socket, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got,
            "the kernel peer cannot echo");
  }
}

void ask_for_echo(int socket, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const char byte = static_cast<char>(i);
    char got = 0;
    require(::send(socket, &byte, 1, MSG_NOSIGNAL) == 1 && ::recv(socket, &got, 1, 0) == 1 && got == byte,
            "the byte did not come back");
  }
}

}  // namespace strata::bench
