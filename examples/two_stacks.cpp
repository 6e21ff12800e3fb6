// Two TCP/IP stacks in one process, joined by a cable of memory, in virtual time: no root, no kernel, no
// clock, no thread.
//
//   $ example_two_stacks
//   server: got "hello, other stack", shouting back
//   client: got "HELLO, OTHER STACK" after 6 ms of virtual time
#include <strata/memory_link.hpp>
#include <strata/stack.hpp>
#include <strata/tcp.hpp>

#include <array>
#include <cctype>
#include <cstdio>
#include <string>

using namespace strata;

constexpr Endpoint kServer{.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 7};

// One host: a stack, and an interface of it that is plugged into one end of a cable.
struct Host {
  explicit Host(std::uint64_t seed) : stack(Config{}, Entropy::from_seed(seed)) {}
  void plug_in(MemoryLink::End& end, const Prefix& address, const MacAddress& mac) {
    link = &end;
    nic = stack.add_interface({.mac = mac, .link = end.capabilities(), .addresses = {&address, 1}}).value();
  }
  void take_turn(Instant now) { poll(stack, nic, *link, now); }

  Stack stack;
  MemoryLink::End* link = nullptr;
  NicId nic = NicId::none;
};

std::string receive_text(TcpStream& stream) {
  std::array<std::uint8_t, 100> buffer;
  const Result<std::size_t> size = stream.receive(buffer);
  return size ? std::string(as_text(Bytes(buffer).first(*size))) : "";
}

int main() {
  Host server(1);
  Host client(2);
  MemoryLink cable;  // after the hosts: frames in it are memory of theirs
  server.plug_in(cable.a(), {kServer.address, 24}, {{0x02, 0, 0, 0, 0, 0x01}});
  client.plug_in(cable.b(), {IpAddress::v4(10, 0, 0, 2), 24}, {{0x02, 0, 0, 0, 0, 0x02}});
  Instant now;

  TcpListener listener = server.stack.listen(kServer).value();
  TcpStream asking = client.stack.connect(kServer, now).value();
  TcpStream answering;
  bool asked = false;
  // The whole machinery: time passes, both hosts get a turn, and then we look what has become possible.
  for (int turn = 0; turn < 1000; ++turn) {
    now = now + Duration::millis(1);
    client.take_turn(now);
    server.take_turn(now);

    if (!asked && any(asking.ready() & Ready::writable)) {
      asked = asking.send(as_bytes("hello, other stack")).has_value();
    }
    if (Result<TcpStream> accepted = listener.accept()) answering = std::move(*accepted);
    if (answering && any(answering.ready() & Ready::readable)) {
      std::string text = receive_text(answering);
      std::printf("server: got \"%s\", shouting back\n", text.c_str());
      for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
      if (!answering.send(as_bytes(text))) return 1;
    }
    if (any(asking.ready() & Ready::readable)) {
      const auto spent = static_cast<int>((now - Instant()).count_millis());
      std::printf("client: got \"%s\" after %d ms of virtual time\n", receive_text(asking).c_str(), spent);
      return 0;
    }
  }
  std::puts("nothing came back");
  return 1;
}
