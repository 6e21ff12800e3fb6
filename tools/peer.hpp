// The program after `--`: runs in the private network beside us, and its end counts as much as ours.
#pragma once

#include "device/private_network.hpp"
#include "strata/reactor.hpp"
#include "strata/system_error.hpp"

namespace strata::tools {

class Peer {
 public:
  /// The reactor, which must outlive the peer, wakes when the program ends.
  Peer(Reactor& reactor, Process process);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  bool has_ended() const { return ended_; }
  Process& process() { return process_; }

  /// Waits for its end as long as it takes. An error unless it exited with status 0.
  SystemResult<void> wait();
  /// Ends it by SIGTERM if it still runs; ending that way is as good as exiting with status 0.
  SystemResult<void> end();

 private:
  static void on_end(void* peer);
  void unwatch();
  SystemResult<void> failure(const ExitStatus& status) const;

  Reactor* reactor_;
  Process process_;
  bool watched_ = false;
  bool ended_ = false;
};

}  // namespace strata::tools
