// What TCP and UDP sockets have in common: the values of their options, where they are bound, and how long
// their calls may wait.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "api/posix/file.hpp"
#include "strata/address.hpp"
#include "strata/stack.hpp"
#include "strata/tcp_settings.hpp"
#include "strata/time.hpp"

namespace strata::posix {

/// The options that a program has set (option_table.cpp says what each may be), as it will read them.
struct SocketOptions {
  TcpSettings tcp;           ///< what the core acts on
  Duration receive_timeout;  ///< zero: none
  Duration send_timeout;     ///< zero: none
  Duration linger_time;      ///< how long close(2) may wait for the peer
  long receive_low_water = 1;
  long receive_buffer = 0;  ///< as getsockopt(2) shows it, doubled; zero: never set
  long send_buffer = 0;     ///< the same
  bool lingers = false;
  bool reuse_address = false;
  bool reuse_port = false;
  bool free_bind = false;
  bool broadcast = false;
  bool urgent_inline = false;
  bool zero_copy = false;
  bool ipv6_only = false;
  bool fast_open_connect = false;
};

class Socket : public File {
 public:
  Socket(Kind kind, Stack& stack) : File(kind), stack_(&stack) {}
  Stack& stack() const { return *stack_; }

  /// AF_INET or AF_INET6: how the program spells addresses. A socket of AF_INET6 speaks IPv4, too, by mapped
  /// addresses (RFC 3493 §3.7), which are what IpAddress holds anyway.
  int family = AF_INET;
  bool is_ipv6() const { return family == AF_INET6; }
  IpAddress any_address() const { return IpAddress::any(is_ipv6() ? Family::ipv6 : Family::ipv4); }
  SocketOptions options;
  std::optional<Endpoint> bound;  ///< by bind(2), or chosen in its place

  /// Until when a call may wait that begins at `now`: SO_RCVTIMEO, SO_SNDTIMEO.
  Instant receive_deadline(Instant now) const { return deadline(now, options.receive_timeout); }
  Instant send_deadline(Instant now) const { return deadline(now, options.send_timeout); }
  /// The error that SO_ERROR and the next call report, as errno; 0: none. Reported once.
  virtual int take_error() = 0;
  virtual bool has_error() const = 0;
  /// After an option changed: what the core has to know.
  virtual void apply_options() = 0;

 private:
  Stack* stack_;
  static Instant deadline(Instant now, Duration timeout) {
    return timeout == Duration{} ? Instant::never() : now + timeout;
  }
};

}  // namespace strata::posix
