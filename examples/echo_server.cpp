// A TCP echo server on a stack of its own, over a TAP device: the kernel is the other host on the wire.
//
//   # example_echo_server                    (as root: it makes the interface tap0, the kernel's end
//   is 10.77.0.1) $ ncat 10.77.0.2 7                       (in another terminal) hello hello
#include <strata/coroutine.hpp>
#include <strata/host.hpp>
#include <strata/net_device.hpp>
#include <strata/reactor.hpp>
#include <strata/stack.hpp>

#include <array>
#include <cstdio>

using namespace strata;

constexpr Prefix kKernel{IpAddress::v4(10, 77, 0, 1), 24};
constexpr Prefix kOurs{IpAddress::v4(10, 77, 0, 2), 24};
constexpr MacAddress kMac{{0x02, 0, 0, 0, 0, 0x02}};

// One connection: what comes in goes out, until the peer has nothing more to say.
Task<> echo(AsyncStream stream) {
  std::array<std::uint8_t, 16 * 1024> buffer;
  for (;;) {
    Result<std::size_t> size = co_await read(stream, buffer);
    if (!size || *size == 0) co_return;
    Bytes data(buffer.data(), *size);
    Result<void> written = co_await write_all(stream, data);
    if (!written) co_return;
  }
}

Task<> serve(TcpListener& listener, TaskGroup& connections) {
  for (;;) {
    Result<AsyncStream> stream = co_await accept(listener);
    if (!stream) co_return;
    std::fprintf(stderr, "connection from %s\n", to_string(stream->tcp().remote()).c_str());
    connections.spawn(echo(std::move(*stream)));
  }
}

SystemResult<void> run() {
  Stack stack(Config{}, host_entropy());  // before the device: the device borrows its memory
  TapOptions options;
  options.name = "tap0";
  options.kernel_address = kKernel;
  SystemResult<NetDevice> device = NetDevice::open_tap(options);
  if (!device) return Err<SystemError>(device.error());
  Result<NicId> nic =
      stack.add_interface({.mac = kMac, .link = device->capabilities(), .addresses = {&kOurs, 1}});
  Result<TcpListener> listener = stack.listen({.address = kOurs.address, .zone = 0, .port = 7});
  SystemResult<Reactor> reactor = Reactor::create();
  if (!reactor) return Err<SystemError>(reactor.error());
  if (auto done = reactor->attach(stack, nic.value(), *device); !done) return done;
  if (auto done = reactor->stop_on_signals(); !done) return done;

  TaskGroup connections;
  connections.spawn(serve(listener.value(), connections));
  std::fprintf(stderr, "echoing on %s, Ctrl-C ends\n", to_string(listener->local()).c_str());
  return reactor->run();
}

int main() {
  if (const SystemResult<void> ended = run(); !ended) {
    std::fprintf(stderr, "echo_server: %s\n", ended.error().text.c_str());
    return 1;
  }
  return 0;
}
