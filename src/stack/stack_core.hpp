// Where the layers meet: frames go up through internet/ to TCP and UDP, and what those say goes down again.
// Behind `Stack`.
#pragma once

#include "internet/internet.hpp"
#include "stack/tcp_host.hpp"
#include "strata/stack.hpp"
#include "strata/udp.hpp"
#include "transport/udp/udp_table.hpp"

namespace strata {

class StackCore {
 public:
  StackCore(const Config& config, const Entropy& entropy);
  StackCore(const StackCore&) = delete;
  StackCore& operator=(const StackCore&) = delete;

  void input(NicId nic, Packet frame, Instant now);
  void advance(Instant now);
  void dispatch();
  Packet next_output(NicId nic, Instant now);
  Instant next_deadline() const;

  Result<SocketId> listen(const Endpoint& local, const ListenOptions& options);
  void close_listener(SocketId id);
  Result<std::size_t> send_datagram(SocketId id, const Endpoint& to, Bytes data, Instant now);
  Result<void> connect_datagram(SocketId id, const Endpoint& remote);
  /// `any_address`: also one that is not ours; `shared`: beside another socket.
  struct UdpPlace {
    bool any_address = false;
    bool shared = false;
  };
  Result<SocketId> bind_udp(const Endpoint& local, UdpPlace place);
  Result<SocketId> bind_udp(const Endpoint& local) { return bind_udp(local, UdpPlace{}); }

  Result<void> set_tcp_config(const TcpConfig& config);
  buf::Pools& pools() { return pools_; }
  internet::Internet& internet() { return internet_; }
  TcpHost& tcp() { return tcp_; }
  udp::UdpTable& udp() { return udp_; }
  Counters& counters() { return counters_; }
  void set_trace(TraceSink sink) { trace_ = sink; }
  void set_echo_hook(EchoHook hook) { echo_hook_ = hook; }

 private:
  void route_input(const internet::Input& input, Packet& packet);
  void input_udp(const internet::Delivery& delivery, Packet& packet);
  void report_error(const internet::IcmpError& error);
  // path_mtu.cpp
  void on_datagram_too_big(const internet::IcmpError& error, const Endpoint& local, const Endpoint& remote);
  PathMtuDiscovery path_mtu_wish(std::uint32_t udp_index) const {
    return udp_.path_mtu_discovery(udp_index).value_or(default_discovery(config_.tcp.path_mtu_rule));
  }
  void pump_local();

  Config config_;
  buf::Pools pools_;
  Counters counters_;
  TraceSink trace_;
  EchoHook echo_hook_;
  Xoshiro rng_;
  internet::Internet internet_;
  udp::UdpTable udp_;
  TcpHost tcp_;
  Instant now_;
};

}  // namespace strata
