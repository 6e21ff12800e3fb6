// The glue of a connection is one loop: send what is there, half-close when nothing will follow, feed what
// has arrived.
#include "application/http/server.hpp"

#include <utility>

namespace strata::http {

struct Server::Connection {
  Connection(Server& owner, TcpStream accepted, Instant now)
      : server(&owner), stream(std::move(accepted)), http(owner.handler_, owner.options_.timeouts, now) {}

  Server* server;
  TcpStream stream;
  ServerConnection http;
  std::list<Connection>::iterator self;
  bool is_shut = false;      // our FIN is queued
  bool peer_closed = false;  // the peer's FIN was read
};

Server::Server(TcpListener listener, Handler handler, Clock clock, const ServerOptions& options)
    : listener_(std::move(listener)),
      handler_(std::move(handler)),
      clock_(std::move(clock)),
      options_(options) {
  listener_.set_waker({this, &Server::on_acceptable});
}

Server::~Server() { close(); }

void Server::on_acceptable(void* context, Ready) { static_cast<Server*>(context)->accept_all(); }

void Server::on_ready(void* context, Ready) {
  auto& connection = *static_cast<Connection*>(context);
  Server& server = *connection.server;
  if (!server.serve(connection, server.clock_())) server.end(connection);
}

void Server::accept_all() {
  while (listener_ && connections_.size() < options_.connections_max) {
    auto stream = listener_.accept();
    if (!stream) return;
    ++totals_.connections;
    stream->set_nodelay(
        true);  // answers are written whole: a held-back last segment would wait for nothing but an ACK
    Connection& connection = connections_.emplace_back(*this, std::move(*stream), clock_().monotonic);
    connection.self = std::prev(connections_.end());
    connection.stream.set_waker({&connection, &Server::on_ready});
    on_ready(&connection, Ready::none);  // data may have come with the handshake
  }
}

bool Server::serve(Connection& connection, const Now& now) {
  ServerConnection& http = connection.http;
  for (;;) {
    if (!send_all(connection, now.monotonic)) return false;
    if (!http.output().empty()) return true;  // the send buffer is full; its waker brings us back
    if (http.failed()) {
      ++totals_.failures;
      connection.stream.abort();
      return false;
    }
    if (http.wants_shutdown() && !connection.is_shut) {
      connection.is_shut = true;
      if (!connection.stream.shutdown_send()) return false;
    }
    if (connection.is_shut && connection.peer_closed) return false;
    const std::uint64_t requests_before = http.requests();
    if (!receive_all(connection, now)) return false;
    totals_.requests += http.requests() - requests_before;
    const bool is_waiting =
        http.output().empty() && !http.failed() && http.wants_shutdown() == connection.is_shut;
    if (is_waiting && !(connection.is_shut && connection.peer_closed)) return true;
  }
}

bool Server::send_all(Connection& connection, Instant now) {
  for (Bytes out = connection.http.output(); !out.empty(); out = connection.http.output()) {
    const auto sent = connection.stream.send(out);
    if (!sent) {
      if (sent.error() == Errc::would_block) return true;
      ++totals_.failures;
      return false;
    }
    connection.http.consume_output(*sent, now);
    totals_.bytes_sent += *sent;
  }
  return true;
}

bool Server::receive_all(Connection& connection, const Now& now) {
  while (!connection.peer_closed && connection.http.output().empty()) {
    const auto data = connection.stream.peek();
    if (!data) {
      if (data.error() == Errc::would_block) return true;
      ++totals_.failures;
      return false;
    }
    if (data->empty()) {
      connection.peer_closed = true;
      connection.http.on_peer_closed();
      return true;
    }
    const std::size_t taken = connection.http.feed(*data, now);
    if (taken == 0) return true;
    connection.stream.consume(taken);
  }
  return true;
}

void Server::sweep() {
  const Instant now = clock_().monotonic;
  for (auto it = connections_.begin(); it != connections_.end();) {
    Connection& connection = *it++;
    if (connection.http.deadline() > now) continue;
    if (!connection.http.wants_shutdown()) ++totals_.failures;
    end(connection);
  }
  accept_all();
}

void Server::end(Connection& connection) {
  connection.stream.close();
  connections_.erase(connection.self);
}

void Server::close() {
  listener_.close();
  while (!connections_.empty()) end(connections_.front());
}

}  // namespace strata::http
