// For tests: two Hosts over two Stacks on a memory link, in virtual time.
#pragma once

#include <optional>

#include "api/posix/host.hpp"
#include "api/posix/test_machine.hpp"
#include "strata/memory_link.hpp"

namespace strata::posix {

class TwoHosts final : public Net {
 public:
  explicit TwoHosts(const TcpConfig& parameters = {});
  ~TwoHosts() override;

  Machine& server() override;
  Machine& client() override;
  sockaddr_in server_address(std::uint16_t port) override;
  void settle() override { run_for(Duration::millis(60)); }

  Host& server_host();
  Host& client_host();
  Instant now() const { return now_; }
  void run_for(Duration time);
  /// Runs until `operation` is complete; nothing when that takes longer than `limit`.
  std::optional<long> finish(Operation& operation, Duration limit = Duration::seconds(600));
  /// Frames are lost from now on.
  void cut() { cut_ = true; }

 private:
  class Side;
  /// Everything that happens at this instant.
  void turn();
  Instant next_event() const;

  MemoryLink link_;
  std::unique_ptr<Side> server_;
  std::unique_ptr<Side> client_;
  Instant now_ = Instant::from_nanos(1'000'000'000);
  bool cut_ = false;
};

}  // namespace strata::posix
