// The usual scene of the simulator's tests: a client program on Side::a connects to a server program on
// Side::b.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/test_programs.hpp"
#include "sim/world.hpp"
#include "strata/tcp.hpp"

namespace strata::sim {

class ConnectionScene {
 public:
  std::vector<std::string> states[2];  ///< of each side's TCP connections, in order of change
  World world;
  StreamProgram client;
  StreamProgram server;
  bool keepalive = false;  ///< switched on at both ends
  Duration user_timeout;   ///< of both ends; zero: none

  explicit ConnectionScene(const WorldConfig& config = {}) : world(config) {
    world.set_observer([this](Side side, const TraceEvent& event) {
      if (event.kind == TraceKind::state_changed) {
        states[index(side)].emplace_back(name(event.state.new_state));
      }
    });
    auto listening = world.host(Side::b).stack.listen({.address = world.host(Side::b).address, .port = 80});
    EXPECT_TRUE(listening);
    if (listening) listener_ = std::move(*listening);
    world.add_app(Side::b, [this] { run_server(); });
    world.add_app(Side::a, [this] { run_client(); });
  }

  const std::vector<std::string>& states_of(Side side) const { return states[index(side)]; }

 private:
  void run_client() {
    if (!std::exchange(has_connected_, true)) {
      auto stream = world.host(Side::a).stack.connect({.address = world.host(Side::b).address, .port = 80},
                                                      world.now());
      EXPECT_TRUE(stream);
      if (stream) adopt(client, std::move(*stream));
    }
    client.step();
  }
  void run_server() {
    if (!has_accepted_) {
      auto stream = listener_.accept();
      if (!stream) return;
      has_accepted_ = true;
      adopt(server, std::move(*stream));
    }
    server.step();
  }
  void adopt(StreamProgram& program, TcpStream stream) const {
    if (keepalive) stream.set_keepalive(true);
    if (user_timeout > Duration()) stream.set_user_timeout(user_timeout);
    program.stream = std::move(stream);
  }

  TcpListener listener_;
  bool has_connected_ = false;
  bool has_accepted_ = false;

 public:
  bool has_accepted() const { return has_accepted_; }
  bool both_saw_end() const { return client.saw_end && server.saw_end; }
};

}  // namespace strata::sim
