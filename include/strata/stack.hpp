// A whole TCP/IP stack as one object: frames, time and random bits come in as arguments; frames, deadlines
// and events are pulled out. It never opens a socket, reads a clock or starts a thread. One thread owns a
// Stack; any number may exist.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/error.hpp"
#include "strata/link.hpp"
#include "strata/network.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata {

class TcpListener;
class TcpStream;
class UdpSocket;
struct ConnectOptions;
struct ListenOptions;
class StackCore;  // the implementation, not installed

/// Called on the stack's thread. A hook must not call back into the stack's input().
struct EchoHook {
  void* context = nullptr;
  void (*function)(void* context, const EchoReply& reply) = nullptr;
};

class Stack {
 public:
  Stack(const Config& config, const Entropy& entropy);
  ~Stack();
  Stack(Stack&&) noexcept;
  Stack& operator=(Stack&&) noexcept;

  // --- Set-up ---
  Result<NicId> add_interface(const InterfaceConfig& config);
  Result<void> add_route(const Route& route);
  const LinkCapabilities& link(NicId nic) const;

  // --- Frames in, frames out (precondition: `nic` came from add_interface() of this stack) ---
  /// An empty packet (nothing when the pool is exhausted) or one that holds a copy of `frame`.
  Packet make_packet(Bytes frame);
  /// A received frame. Mutates, never transmits; pull the answers with next_output().
  void input(NicId nic, Packet frame, Instant now);
  /// Runs what is due at `now`.
  void advance(Instant now);
  /// Calls the wakers of sockets whose readiness changed. Call it after input() and advance(), before
  /// next_output().
  void dispatch();
  /// The next frame to send, in order; an empty handle when there is nothing to say.
  Packet next_output(NicId nic, Instant now);
  /// Gives back a frame that the device had no room for. It will be the next one out.
  void return_output(NicId nic, Packet frame);
  /// When advance() has work at the latest; may be early, never late.
  Instant next_deadline() const;

  // --- Sockets (see tcp.hpp, udp.hpp) ---
  Result<TcpListener> listen(const Endpoint& local, const ListenOptions& options);
  Result<TcpListener> listen(const Endpoint& local);
  /// Any address, any port: the accepted stream's local() is the original destination.
  Result<TcpListener> listen_any(const ListenOptions& options);
  Result<TcpStream> connect(const Endpoint& remote, const ConnectOptions& options, Instant now);
  Result<TcpStream> connect(const Endpoint& remote, Instant now);
  Result<UdpSocket> bind_udp(const Endpoint& local);
  /// Sends one ICMP echo request. `zone`: the interface of a scoped address, where several speak IPv6.
  Result<void> send_echo(const IpAddress& to, std::uint16_t id, std::uint16_t sequence, Bytes payload,
                         Instant now, NicId zone = NicId::none);
  void set_echo_hook(EchoHook hook);

  // --- Parameters that may change while the stack runs ---
  const TcpConfig& tcp_config() const;
  /// In force at once. `invalid_argument`, and nothing changed, when the port range is empty.
  Result<void> set_tcp_config(const TcpConfig& config);

  // --- Watching ---
  void set_trace(TraceSink sink);
  const Counters& counters() const;
  std::size_t connection_count() const;
  std::size_t time_wait_count() const;
  /// Blocks of payload memory in use now: zero when nothing is queued anywhere.
  std::size_t blocks_in_use() const;

  StackCore& core() { return *core_; }

 private:
  std::unique_ptr<StackCore> core_;
};

/// What `poll` needs of a device. `receive` hands over one frame or an empty packet; `transmit` takes the
/// frame and returns true, or is full, returns false and leaves what has to be offered again: the frame, or
/// the unsent rest of a super-segment; `flush` ends a batch.
template <class D>
concept Device = requires(D& d, Stack& s, Packet& p, Instant t) {
  { d.receive(s, t) } -> std::same_as<Packet>;
  { d.transmit(p, t) } -> std::same_as<bool>;
  { d.flush() } -> std::same_as<void>;
  { d.capabilities() } -> std::convertible_to<LinkCapabilities>;
};

struct PollResult {
  std::size_t received = 0;
  std::size_t sent = 0;
  bool device_full = false;
};

/// One turn: a burst in, due timers, wakers, then everything that wants out (as far as the device has room).
/// The burst ends after so many frames, or bytes: of super-segments a few are a whole window, whose sender
/// would stand still until it is read to the end, and more than a core's own cache keeps for the reader.
template <Device D>
PollResult poll(Stack& stack, NicId nic, D& device, Instant now) {
  constexpr std::size_t kBurst = 64;
  constexpr std::size_t kBurstBytes = 256 * 1024;
  PollResult result;
  for (std::size_t bytes = 0; result.received < kBurst && bytes < kBurstBytes; ++result.received) {
    Packet frame = device.receive(stack, now);
    if (!frame) break;
    bytes += frame.size();
    stack.input(nic, std::move(frame), now);
  }
  stack.advance(now);
  stack.dispatch();
  while (Packet frame = stack.next_output(nic, now)) {
    if (!device.transmit(frame, now)) {
      stack.return_output(nic, std::move(frame));
      result.device_full = true;
      break;
    }
    ++result.sent;
  }
  device.flush();
  return result;
}

}  // namespace strata
