// The call table: what the calls of a script mean at the socket layer. A call is begun, may wait, and is
// complete with a result that the script judges; nothing here knows when. One file per family of calls.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/posix/host.hpp"
#include "sim/drill/arguments.hpp"
#include "sim/drill/flow.hpp"
#include "sim/drill/script.hpp"
#include "sim/drill/settings.hpp"

namespace strata::drill {

/// A call that was made.
struct Begun {
  posix::Operation operation{0};
  std::shared_ptr<void> memory;  ///< what the operation reads and writes
  /// How what the call wrote differs from what the script says; empty: it does not. Asked after success only.
  std::function<std::string(long result)> outputs_difference;
  enum class Gives : std::uint8_t { number, descriptor, socket };
  Gives gives = Gives::number;
};

class Calls {
 public:
  Calls(posix::Host& host, const Ends& ends, Profile profile);

  /// Makes the call, or says why not.
  std::expected<Begun, ScriptError> begin(const Call& call, Position at, Instant now);
  /// The call is complete: how its result differs from the script's; empty: it does not.
  std::string finish(const Call& call, const Begun& begun, long result);

  /// True while a socket of the script listens.
  bool is_listening() const { return !listening_.empty(); }
  /// The socket that the script is about: the latest that was made, opened or accepted and is not closed.
  std::optional<int> socket_under_test() const;

 private:
  using Handler = Begun (Calls::*)(Arguments&, Instant);
  struct Row {
    const char* name;
    Handler handler;
  };
  static const std::vector<Row>& table();

  // sockets: calls.cpp
  Begun socket(Arguments& args, Instant now);
  Begun bind(Arguments& args, Instant now);
  Begun listen(Arguments& args, Instant now);
  Begun accept(Arguments& args, Instant now);
  Begun connect(Arguments& args, Instant now);
  Begun getsockname(Arguments& args, Instant now);
  Begun getpeername(Arguments& args, Instant now);
  Begun shutdown(Arguments& args, Instant now);
  Begun close(Arguments& args, Instant now);
  // data: data_calls.cpp
  Begun read(Arguments& args, Instant now);
  Begun readv(Arguments& args, Instant now);
  Begun recv(Arguments& args, Instant now);
  Begun recvfrom(Arguments& args, Instant now);
  Begun recvmsg(Arguments& args, Instant now);
  Begun write(Arguments& args, Instant now);
  Begun writev(Arguments& args, Instant now);
  Begun send(Arguments& args, Instant now);
  Begun sendto(Arguments& args, Instant now);
  Begun sendmsg(Arguments& args, Instant now);
  // options: option_calls.cpp
  Begun getsockopt(Arguments& args, Instant now);
  Begun setsockopt(Arguments& args, Instant now);
  Begun fcntl(Arguments& args, Instant now);
  Begun ioctl(Arguments& args, Instant now);
  // readiness: ready_calls.cpp
  Begun poll(Arguments& args, Instant now);
  Begun epoll_create(Arguments& args, Instant now);
  Begun epoll_create1(Arguments& args, Instant now);
  Begun epoll_ctl(Arguments& args, Instant now);
  Begun epoll_wait(Arguments& args, Instant now);

  using NameCall = int (posix::Host::*)(int fd, sockaddr* address, socklen_t* size);
  Begun ask_name(Arguments& args, NameCall call);

  void put_under_test(int fd);
  void forget(int fd);

  posix::Host& host_;
  Ends ends_;
  Profile profile_;
  std::function<int(int)> to_host_;
  std::map<int, int> descriptors_;  ///< the script's, and the host's
  std::vector<int> listening_;      ///< the host's
  std::vector<int> under_test_;     ///< the host's, the latest last
};

/// A call that is complete when it is made.
inline Begun done(long result) { return Begun{.operation = posix::Operation(result)}; }

}  // namespace strata::drill
