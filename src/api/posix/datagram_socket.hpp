// A UDP socket in the sense of BSD. The core's socket exists from the moment when it has a port: bind,
// connect or the first send.
#pragma once

#include "api/posix/socket.hpp"
#include "strata/stack.hpp"
#include "strata/udp.hpp"

namespace strata::posix {

class DatagramSocket final : public Socket {
 public:
  explicit DatagramSocket(Stack& stack) : Socket(Kind::datagram, stack) {}

  std::uint32_t events() override;
  int take_error() override;
  bool has_error() const override { return udp_.has_error(); }
  void apply_options() override { udp_.set_path_mtu_discovery(options.tcp.path_mtu_discovery); }

  /// 0 or -errno. Precondition: `bound` is what Ports granted.
  int open();
  int connect(const Endpoint& remote);
  void disconnect();
  int shut_down(bool receiving, bool sending);

  bool is_open() const { return static_cast<bool>(udp_); }
  const std::optional<Endpoint>& remote() const { return remote_; }
  bool is_receive_shut() const { return receive_shut_; }
  bool is_send_shut() const { return send_shut_; }
  UdpSocket& udp() { return udp_; }

 private:
  static void on_ready(void* context, Ready) { static_cast<DatagramSocket*>(context)->notify(); }

  UdpSocket udp_;
  std::optional<Endpoint> remote_;
  bool receive_shut_ = false;
  bool send_shut_ = false;
};

}  // namespace strata::posix
