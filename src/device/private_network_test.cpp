// The private network by every way there is, as root and as an ordinary user.
#include "device/private_network.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "strata/host.hpp"

namespace strata {
namespace {

const std::vector<std::string>& shell(const std::string& script) {
  static std::vector<std::string> argv;
  argv = {"sh", "-c", script};
  return argv;
}

class PrivateNetworkTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    options_.use_tap = GetParam();
    SystemResult<PrivateNetwork> network = PrivateNetwork::create(options_);
    if (!network) GTEST_SKIP() << network.error().text;
    network_.emplace(std::move(*network));
  }

  PrivateNetworkOptions options_;
  Stack stack_{Config{}, Entropy::from_seed(1)};
  std::optional<PrivateNetwork> network_;
};

INSTANTIATE_TEST_SUITE_P(, PrivateNetworkTest, testing::Values(true, false),
                         [](const auto& parameter) { return parameter.param ? "TapFirst" : "Veth"; });

TEST_P(PrivateNetworkTest, ProgramsRunInsideWithTheKernelsAddress) {
  SystemResult<Process> peer =
      network_->run(shell("ip -br address show strata0 | grep -q 'UP.*10.77.0.1/24'"));
  ASSERT_TRUE(peer) << peer.error().text;
  const ExitStatus status = peer->wait();
  // A TAP without carrier information shows as UNKNOWN.
  SystemResult<Process> unknown =
      network_->run(shell("ip -br address show strata0 | grep -q 'UNKNOWN.*10.77.0.1/24'"));
  EXPECT_TRUE(status.success() || unknown->wait().success()) << network_->description();
}

TEST_P(PrivateNetworkTest, AskingForOurAddressReachesOurDevice) {
  // A datagram to us makes the kernel ask for our hardware address.
  const std::vector<std::string> bash{"bash", "-c", "echo hello > /dev/udp/10.77.0.2/9"};
  SystemResult<Process> sender = network_->run(bash);
  ASSERT_TRUE(sender) << sender.error().text;
  const Instant until = monotonic_now() + Duration::seconds(5);
  bool asked = false;
  while (!asked && monotonic_now() < until) {
    wait_readable(network_->device().fd(), Duration::millis(100));
    while (Packet frame = network_->device().receive(stack_, monotonic_now())) {
      const Bytes head = frame.head();
      asked = asked || (frame.size() >= 42 && head[12] == 8 && head[13] == 6 && head[41] == 2);
    }
  }
  EXPECT_TRUE(asked);
}

TEST_P(PrivateNetworkTest, ASecondNetworkStandsBesideTheFirst) {
  const SystemResult<PrivateNetwork> second = PrivateNetwork::create(options_);
  EXPECT_TRUE(second) << second.error().text;
}

TEST_P(PrivateNetworkTest, WaitsForAPort) {
  const std::vector<std::string> server{"ncat", "-l", "10.77.0.1", "8000"};
  SystemResult<Process> peer = network_->run(server);
  if (!peer) GTEST_SKIP() << peer.error().text;
  const SystemResult<void> open = network_->wait_for_port(8000, *peer, Duration::seconds(10));
  EXPECT_TRUE(open) << open.error().text;
  EXPECT_FALSE(network_->is_listening(8001));
  EXPECT_FALSE(peer->status()) << "looking must not use up the one connection that it takes";
}

TEST_P(PrivateNetworkTest, WaitingEndsWithThePeerOrTheTime) {
  SystemResult<Process> short_lived = network_->run(shell("exit 3"));
  const SystemResult<void> ended = network_->wait_for_port(8000, *short_lived, Duration::seconds(10));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().text, "waiting for port 8000 of \"sh\": it exited with status 3");
  SystemResult<Process> deaf = network_->run(shell("sleep 100"));
  const SystemResult<void> late = network_->wait_for_port(8000, *deaf, Duration::millis(20));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().number, ETIMEDOUT);
}

TEST_P(PrivateNetworkTest, NothingStaysWhenItEnds) {
  // Two generations, and one that has left its parent: all of them hold the pipe's writing end.
  int alive[2];
  ASSERT_EQ(::pipe(alive), 0);
  SystemResult<Process> peer = network_->run(shell("(sleep 1000 &); (trap '' TERM; sleep 1000) & wait"));
  ::close(alive[1]);
  ASSERT_TRUE(peer);
  network_.reset();
  EXPECT_TRUE(peer->wait(Duration::seconds(5)));
  char byte = 0;
  EXPECT_TRUE(wait_readable(alive[0], Duration::seconds(5)));
  EXPECT_EQ(::read(alive[0], &byte, 1), 0);
  ::close(alive[0]);
}

constexpr uid_t kNobody = 65534;
constexpr int kForbidden = 77;

/// Becomes an ordinary user and tries what only a private network lets one do; returns 0, or at which step it
/// failed.
int become_nobody_and_try(const PrivateNetworkOptions& options) {
  if (::setresgid(kNobody, kNobody, kNobody) != 0 || ::setresuid(kNobody, kNobody, kNobody) != 0) return 1;
  // Changing users has closed /proc/self, which it would not be after a login.
  ::prctl(PR_SET_DUMPABLE, 1);
  SystemResult<PrivateNetwork> network = PrivateNetwork::create(options);
  if (!network) {
    std::fprintf(stderr, "%s\n", network.error().text.c_str());
    return network.error().text.find("user namespace") != std::string::npos ? kForbidden : 2;
  }
  if (!network->description().starts_with("a user and network namespace")) return 3;
  // A port below 1024, a change of the network, and still the same user.
  SystemResult<Process> peer = network->run(
      shell("test $(id -u) = 65534 && ip link set strata0 mtu 1400 && ncat -l 10.77.0.1 80 </dev/null"));
  if (!peer || !network->wait_for_port(80, *peer, Duration::seconds(10))) return 4;
  return 0;
}

TEST_P(PrivateNetworkTest, AnOrdinaryUserCanHaveOneToo) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only root can become another user; the other tests have shown it already";
  const pid_t child = ::fork();
  if (child == 0) ::_exit(become_nobody_and_try(options_));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kForbidden) GTEST_SKIP() << "this machine forbids user namespaces";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace strata
