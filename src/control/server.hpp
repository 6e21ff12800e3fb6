// A socket on which other processes of the same user ask something of this one: a line each, answered by a
// line (protocol.hpp). It never waits: whoever owns it watches fd() and calls run() when that is readable, on
// the thread to which what is asked about belongs. A client that is slow, says too much or never says
// anything costs a bounded buffer until a newer one needs its place.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "strata/stack.hpp"
#include "strata/system_error.hpp"

namespace strata::control {

struct Handler {
  void* context = nullptr;
  std::string (*answer)(void* context, std::string_view line) = nullptr;
};

inline constexpr std::size_t kClientsMax = 8;
inline constexpr std::size_t kRequestMax = 4096;  ///< bytes of a line

class Server {
 public:
  /// The next free name of this process; sockets of processes that have died are removed on the way.
  static SystemResult<Server> open(Handler handler);
  /// For a stack, which must outlive the server.
  static SystemResult<Server> open(Stack& stack);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// Removes the socket.
  ~Server();

  int fd() const;
  void run();
  const std::string& path() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace strata::control
