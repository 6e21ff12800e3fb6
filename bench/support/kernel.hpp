// Linux as the peer and the yardstick: private network namespaces, child processes in them, and bulk transfer
// over the kernel's own sockets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>

#include "strata/address.hpp"

namespace strata::bench {

/// Moves this process into a network namespace of its own with the loopback up; ends the program when that is
/// refused.
void enter_private_network();
/// Runs one shell command; ends the program when it fails.
void shell(const std::string& command);
bool try_shell(const std::string& command);
/// Restricts the calling process, and its children, to one core.
void pin_to_core(int core);

sockaddr_in ipv4_address(const IpAddress& address, std::uint16_t port);
inline const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// A child process that runs a function. It tells by `ready` that its peer may start.
class Child {
 public:
  using Body = std::function<void(const std::function<void()>& ready)>;
  enum class Network { ours, own };
  /// `set_up` is called here, with the child's process number, once the child is in its network and before it
  /// runs `body`.
  Child(Network network, const std::function<void(int pid)>& set_up, const Body& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  void wait_until_ready();
  bool has_ended();
  /// Waits for the end; the CPU seconds it used. A failure of the child ends the program.
  double finish();

 private:
  int pid_ = -1;
  int ready_fd_ = -1;
  bool reaped_ = false;
  double cpu_seconds_ = 0;
};

// --- What children do: the payload is pattern.hpp's, checked byte by byte. ---

/// A listening socket with cubic as its congestion control.
int listen_on(const IpAddress& address, std::uint16_t port);
/// A connected socket with cubic.
int connect_to(const IpAddress& address, std::uint16_t port);
void send_pattern(int socket, std::uint64_t total);
/// Reads to the end of the stream and requires it to be `total` bytes of the pattern.
void receive_pattern(int socket, std::uint64_t total);
/// Sends back what comes, to the end of the stream.
void echo_bytes(int socket);
/// Sends one byte and waits for it, `rounds` times.
void ask_for_echo(int socket, int rounds);

}  // namespace strata::bench
