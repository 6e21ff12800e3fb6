// Your own protocol and server, tested over a bad network: real TCP, virtual time, one seed for all chance.
// The server counts lines; the client sends three and wants to be told "3", whatever the link does.
//
//   $ example_test_my_protocol
//   seed 1: told 3 after 241 ms of virtual time, 35 frames
//   ...
//   all well
#include "sim/network.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

using namespace strata;

constexpr Endpoint kServer{.address = IpAddress::v4(10, 0, 0, 2), .zone = 0, .port = 7};

// --- What is tested: ordinary code on the stack's API ---

Task<> count_lines(AsyncStream stream) {
  std::array<std::uint8_t, 512> buffer;
  std::size_t lines = 0;
  while (true) {
    const Result<std::size_t> size = co_await read(stream, buffer);
    if (!size) co_return;
    if (*size == 0) break;
    lines += static_cast<std::size_t>(std::ranges::count(Bytes(buffer).first(*size), '\n'));
  }
  const std::string answer = std::to_string(lines);
  co_await write_all(stream, as_bytes(answer));
}

Task<> serve(sim::Machine& machine) {
  TcpListener listener = machine.stack().listen(kServer).value();
  while (true) {
    Result<AsyncStream> stream = co_await accept(listener);
    if (stream) machine.spawn(count_lines(std::move(*stream)));
  }
}

// --- The test ---

Task<> ask(sim::Machine& machine, std::string& answer) {
  Result<AsyncStream> stream = co_await connect(machine.stack(), kServer, machine.now());
  if (!stream) co_return;
  for (int i = 0; i < 3; ++i) co_await write_all(*stream, as_bytes("a line\n"));
  static_cast<void>(stream->tcp().shutdown_send());
  std::array<std::uint8_t, 64> buffer;
  const Result<std::size_t> size = co_await read(*stream, buffer);
  if (size) answer = as_text(Bytes(buffer).first(*size));
}

bool works_with(std::uint64_t seed) {
  sim::Network network(seed);
  sim::Machine& client = network.add_machine({.name = "client"});
  sim::Machine& server = network.add_machine({.name = "server"});
  sim::PipeConfig bad;
  bad.faults = {
      .delay = Duration::millis(20), .loss_ppm = 200'000, .duplicate_ppm = 100'000, .corrupt_ppm = 50'000};
  network.connect(client, server, {.there = bad, .back = bad});
  std::string answer;
  server.run(&serve);
  client.run([&](sim::Machine& machine) { return ask(machine, answer); });
  network.run_until([&] { return !answer.empty(); }, Duration::seconds(300));
  const auto millis = static_cast<int>((network.now() - Instant()).count_millis());
  std::printf("seed %d: told %s after %d ms of virtual time, %d frames\n", static_cast<int>(seed),
              answer.c_str(), millis, static_cast<int>(network.frames_arrived()));
  return answer == "3";
}

int main() {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    if (!works_with(seed)) return 1;
  }
  std::puts("all well");
}
