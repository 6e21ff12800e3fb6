// A stack on a real network, as the options describe it: the device, the recording tap and the bad cable
// above it, the stack on top, the reactor that drives all of them, and the peer program beside.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "application/http/message.hpp"
#include "control/server.hpp"
#include "device/private_network.hpp"
#include "link/capture_tap.hpp"
#include "link/fault_device.hpp"
#include "link/split_device.hpp"
#include "strata/host.hpp"
#include "strata/net_device.hpp"
#include "strata/reactor.hpp"
#include "strata/stack.hpp"
#include "strata/system_error.hpp"
#include "tools/network_options.hpp"
#include "tools/peer.hpp"
#include "tools/recording.hpp"
#include "tools/ticker.hpp"

namespace strata::tools {

class Network {
 public:
  static SystemResult<std::unique_ptr<Network>> open(const NetworkOptions& options);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  Stack& stack() { return stack_; }
  Reactor& reactor() { return reactor_; }
  const IpAddress& address() const { return prefixes_.front().address; }
  /// All that we have, in the order they were given.
  const std::vector<Prefix>& addresses() const { return prefixes_; }
  /// Of the family of `peer`; nothing when we have none.
  std::optional<IpAddress> address_towards(const IpAddress& peer) const;
  /// Nothing with --tap.
  PrivateNetwork* private_network() { return private_ ? &*private_ : nullptr; }
  /// For people: which network this is.
  std::string description() const;
  /// The clocks of the present turn.
  http::Now now() const;

  /// Starts the command after `--`; nullptr when there is none.
  SystemResult<std::unique_ptr<Peer>> start_peer();

  /// Runs until `done()` or a signal; an error when the device ends or a recording cannot be written.
  template <std::predicate F>
  SystemResult<void> run_until(F done) {
    auto ended = reactor_.run_until([&] { return !recorded_ || done(); });
    if (ended && !recorded_) return recorded_;
    return ended;
  }
  bool was_interrupted() const { return reactor_.stop_signal() != 0; }
  /// Lets closed connections say their goodbyes, for a moment at most.
  void drain();
  /// Ends the recordings; the error of whichever could not be written.
  SystemResult<void> close_recordings();

 private:
  using Tapped = CaptureTap<NetDevice>;

  Network(const NetworkOptions& options, Reactor reactor);
  SystemResult<void> set_up();
  SystemResult<void> open_device();
  SystemResult<void> build_chain();
  SystemResult<void> open_control();
  template <class D>
  SystemResult<void> put_on(D& device);
  template <class D>
  SystemResult<void> attach(D& top);
  FaultConfig fault_config() const;
  NetDevice& device() { return private_ ? private_->device() : *tap_; }

  // The order matters: devices hold packets of the stack and must go first.
  NetworkOptions options_;
  std::vector<Prefix> prefixes_;
  Stack stack_;
  std::unique_ptr<Recording> recording_;
  std::optional<PrivateNetwork> private_;
  std::optional<NetDevice> tap_;
  std::optional<Tapped> tapped_;
  std::variant<std::monostate, FaultDevice<NetDevice>, FaultDevice<Tapped>, SplitDevice<NetDevice>,
               SplitDevice<Tapped>>
      upper_;
  Reactor reactor_;
  std::optional<control::Server> control_;
  SystemResult<void> recorded_;
  std::optional<Ticker> housekeeping_;
  Duration wall_clock_offset_;
};

}  // namespace strata::tools
