// Fetches one page over a stack of our own, from a server that runs on this machine's kernel, at the other
// end of a TAP device.
//
//   # example_http_get 8000 /index.html      (as root; a server must come to listen on port 8000 of 10.77.0.1
//   or of 0.0.0.0)
#include <strata/coroutine.hpp>
#include <strata/host.hpp>
#include <strata/net_device.hpp>
#include <strata/reactor.hpp>
#include <strata/stack.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace strata;

constexpr Prefix kKernel{IpAddress::v4(10, 77, 0, 1), 24};
constexpr Prefix kOurs{IpAddress::v4(10, 77, 0, 2), 24};
constexpr MacAddress kMac{{0x02, 0, 0, 0, 0, 0x02}};

// Reads from top to bottom like a program for blocking sockets; each co_await lets everything else run.
Task<> get(Stack& stack, Endpoint server, std::string path, Instant now, Result<void>& outcome) {
  Result<AsyncStream> stream = co_await connect(stack, server, now);
  if (!stream) {
    outcome = Err<Errc>(stream.error());
    co_return;
  }
  std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + to_string(server) + "\r\n\r\n";
  outcome = co_await write_all(*stream, as_bytes(request));
  std::array<std::uint8_t, 64 * 1024> buffer;
  while (outcome) {
    Result<std::size_t> size = co_await read(*stream, buffer);
    if (!size) outcome = Err<Errc>(size.error());
    if (!size || *size == 0) co_return;
    std::fwrite(buffer.data(), 1, *size, stdout);
  }
}

SystemResult<Result<void>> run(std::uint16_t port, const std::string& path) {
  Stack stack(Config{}, host_entropy());  // before the device: the device borrows its memory
  TapOptions options;
  options.name = "tap0";
  options.kernel_address = kKernel;
  SystemResult<NetDevice> device = NetDevice::open_tap(options);
  if (!device) return Err<SystemError>(device.error());
  Result<NicId> nic =
      stack.add_interface({.mac = kMac, .link = device->capabilities(), .addresses = {&kOurs, 1}});
  SystemResult<Reactor> reactor = Reactor::create();
  if (!reactor) return Err<SystemError>(reactor.error());
  if (auto done = reactor->attach(stack, nic.value(), *device); !done) return Err<SystemError>(done.error());

  Result<void> outcome;
  TaskGroup tasks;
  Endpoint server{.address = kKernel.address, .zone = 0, .port = port};
  tasks.spawn(get(stack, server, path, monotonic_now(), outcome));
  auto ended = reactor->run_until([&] { return tasks.size() == 0 && stack.connection_count() == 0; });
  if (!ended) return Err<SystemError>(ended.error());
  return outcome;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: http_get PORT PATH\n"), 2;
  const SystemResult<Result<void>> outcome = run(static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2]);
  if (outcome && *outcome) return 0;
  const std::string why = outcome ? std::string(describe(outcome->error())) : outcome.error().text;
  std::fprintf(stderr, "http_get: %s\n", why.c_str());
  return 1;
}
