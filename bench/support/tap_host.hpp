// A stack on a TAP device in this process's network namespace, with the kernel as its peer.
#pragma once

#include <cstdint>

#include "bench/support/kernel.hpp"
#include "bench/support/measure.hpp"
#include "strata/net_device.hpp"
#include "strata/reactor.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace strata::bench {

class Transfer;

class TapHost {
 public:
  /// `offload`: super-segments and partial checksums both ways.
  explicit TapHost(bool offload);

  Sample kernel_sends(std::uint64_t total);
  Sample kernel_receives(std::uint64_t total);
  /// Sends one byte and waits for it, `rounds` times; the kernel's end sends back what comes.
  Sample echo(int rounds);

 private:
  NicId attach();
  TcpStream connect();
  template <class F>
  void run_until(F done);
  Sample finish(const Transfer& transfer, Child& peer, const Stopwatch& watch, std::uint64_t total);

  Stack stack_;
  NetDevice device_;
  Reactor reactor_;
  NicId nic_;
  std::uint16_t port_ = 5000;
};

}  // namespace strata::bench
