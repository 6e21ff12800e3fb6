// A web server on a TCP listener of our stack: accepts, moves bytes between streams and ServerConnections,
// gives up on peers that take too long. Sans-IO like the stack below; all work happens in the wakers that
// Stack::dispatch() calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>

#include "application/http/server_connection.hpp"
#include "strata/tcp.hpp"

namespace strata::http {

/// The caller's clocks: the time of the present turn.
using Clock = std::function<Now()>;

struct ServerOptions {
  ServerTimeouts timeouts;
  std::size_t connections_max = 10'000;  ///< more wait in the listener's accept queue
};

/// What a server has done so far.
struct ServerTotals {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t failures = 0;  ///< connections that ended in an error or a timeout
};

class Server {
 public:
  Server(TcpListener listener, Handler handler, Clock clock, const ServerOptions& options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Ends connections whose deadline has passed, accepts those that had to wait. Call it every
  /// kSweepInterval.
  void sweep();
  static constexpr Duration kSweepInterval = Duration::seconds(1);
  /// Stops listening and closes every connection; what is queued is still delivered by the stack.
  void close();

  const ServerTotals& totals() const { return totals_; }
  std::size_t connection_count() const { return connections_.size(); }

 private:
  struct Connection;

  static void on_acceptable(void* context, Ready ready);
  static void on_ready(void* context, Ready ready);
  void accept_all();
  /// Moves what can be moved; false when the connection is over.
  bool serve(Connection& connection, const Now& now);
  bool send_all(Connection& connection, Instant now);
  bool receive_all(Connection& connection, const Now& now);
  void end(Connection& connection);

  TcpListener listener_;
  Handler handler_;
  Clock clock_;
  ServerOptions options_;
  std::list<Connection> connections_;
  ServerTotals totals_;
};

}  // namespace strata::http
