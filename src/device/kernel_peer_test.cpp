// A stack on a real device, driven by a reactor, with programs of the kernel's side as peers: every way to
// have a private network, with and without offload.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "device/private_network.hpp"
#include "strata/coroutine.hpp"
#include "strata/host.hpp"
#include "strata/reactor.hpp"

namespace strata {
namespace {

struct Way {
  const char* name;
  bool tap;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

Task<> echo(AsyncStream stream) {
  std::vector<std::uint8_t> buffer(64 * 1024);
  for (;;) {
    Result<std::size_t> size = co_await read(stream, buffer);
    if (!size || *size == 0) co_return;
    Bytes data(buffer.data(), *size);
    Result<void> written = co_await write_all(stream, data);
    if (!written) co_return;
  }
}

Task<> serve(TcpListener& listener, TaskGroup& tasks) {
  for (;;) {
    Result<AsyncStream> stream = co_await accept(listener);
    if (!stream) co_return;
    tasks.spawn(echo(std::move(*stream)));
  }
}

/// Sends `question`, closes that direction, and reads to the end.
Task<> ask(Stack& stack, Endpoint server, std::string question, std::string& answer, Result<void>& outcome) {
  Result<AsyncStream> stream = co_await connect(stack, server, monotonic_now());
  if (!stream) {
    outcome = Err<Errc>(stream.error());
    co_return;
  }
  outcome = co_await write_all(*stream, as_bytes(question));
  if (outcome) outcome = stream->tcp().shutdown_send();
  std::array<std::uint8_t, 1000> buffer;
  while (outcome) {
    Result<std::size_t> size = co_await read(*stream, buffer);
    if (!size) outcome = Err<Errc>(size.error());
    if (!size || *size == 0) co_return;
    answer += as_text(Bytes(buffer).first(*size));
  }
}

class KernelPeerTest : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    SystemResult<PrivateNetwork> network = PrivateNetwork::create({.use_tap = GetParam().tap});
    if (!network) GTEST_SKIP() << network.error().text;
    network_.emplace(std::move(*network));
    const PrivateNetworkOptions& ours = network_->options();
    NetDevice& device = network_->device();
    nic_ = *stack_.add_interface(
        {.mac = ours.mac, .link = device.capabilities(), .addresses = {&ours.address, 1}});
    ASSERT_TRUE(reactor_->attach(stack_, nic_, device));
  }
  SystemResult<Process> bash(const std::string& script) {
    const std::vector<std::string> argv{"bash", "-c", script};
    return network_->run(argv);
  }
  /// Runs until the program has ended, for at most a minute.
  std::optional<ExitStatus> run_beside(Process& process) {
    const Instant until = monotonic_now() + Duration::seconds(60);
    Reactor::Callback nothing{.context = nullptr, .function = [](void*) {}};
    EXPECT_TRUE(reactor_->watch(process.fd(), nothing));
    reactor_->add_timer(until, nothing);
    EXPECT_TRUE(reactor_->run_until([&] { return process.status() || monotonic_now() >= until; }));
    reactor_->unwatch(process.fd());
    return process.status();
  }

  Stack stack_{Config{}, host_entropy()};
  std::optional<PrivateNetwork> network_;
  NicId nic_ = NicId::none;
  SystemResult<Reactor> reactor_ = Reactor::create();
};

INSTANTIATE_TEST_SUITE_P(, KernelPeerTest, testing::Values(Way{"Tap", true}, Way{"Veth", false}),
                         [](const auto& parameter) { return parameter.param.name; });

TEST_P(KernelPeerTest, AnEchoServesTheKernelInBothDirectionsAtOnce) {
  Result<TcpListener> listener = stack_.listen({.address = network_->options().address.address, .port = 7});
  ASSERT_TRUE(listener);
  TaskGroup tasks;
  tasks.spawn(serve(*listener, tasks));
  // Both directions carry more than all buffers hold; the sums tell whether every byte came back.
  SystemResult<Process> peer = bash(
      "text() { head -c 32M /dev/zero | tr '\\0' s; }; exec 3<>/dev/tcp/10.77.0.2/7; text >&3 &"
      " test \"$(head -c 32M <&3 | md5sum)\" = \"$(text | md5sum)\"");
  ASSERT_TRUE(peer) << peer.error().text;
  const auto status = run_beside(*peer);
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->success()) << describe(*status);
  EXPECT_EQ(network_->device().frames_lost(), 0U);
}

TEST_P(KernelPeerTest, AHalfClosedConnectionStillDelivers) {
  // Answers only once it has seen the end of the question.
  SystemResult<Process> peer = bash(
      "exec perl -MIO::Socket::INET -e '$l = IO::Socket::INET->new(LocalAddr => \"10.77.0.1\", LocalPort => "
      "8000,"
      " Listen => 1); $s = $l->accept; local $/; print $s uc <$s>'");
  ASSERT_TRUE(peer) << peer.error().text;
  ASSERT_TRUE(network_->wait_for_port(8000, *peer, Duration::seconds(10)));
  std::string answer;
  Result<void> outcome;
  TaskGroup tasks;
  const Endpoint server{.address = network_->options().kernel_address.address, .port = 8000};
  tasks.spawn(ask(stack_, server, "hello, kernel", answer, outcome));
  ASSERT_TRUE(reactor_->run_until([&] { return tasks.size() == 0; }));
  EXPECT_TRUE(outcome);
  EXPECT_EQ(answer, "HELLO, KERNEL");
}

TEST_P(KernelPeerTest, AClosedPortRefuses) {
  std::string answer;
  Result<void> outcome;
  TaskGroup tasks;
  const Endpoint server{.address = network_->options().kernel_address.address, .port = 9};
  tasks.spawn(ask(stack_, server, "", answer, outcome));
  ASSERT_TRUE(reactor_->run_until([&] { return tasks.size() == 0; }));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), Errc::connection_refused);
}

TEST_P(KernelPeerTest, ADeviceThatEndsEndsTheRun) {
  SystemResult<Process> admin = bash("ip link del strata0");
  ASSERT_TRUE(admin) << admin.error().text;
  const SystemResult<void> ended = reactor_->run();
  ASSERT_FALSE(ended);
  EXPECT_NE(ended.error().text.find("interface \"strata"), std::string::npos) << ended.error().text;
}

}  // namespace
}  // namespace strata
