#include "sim/programs/voice.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/byte_order.hpp"
#include "strata/coroutine.hpp"
#include "strata/udp.hpp"

namespace strata::sim {
namespace {

/// A frame is its number, and sound.
std::vector<std::uint8_t> make_frame(const VoicePlan& plan, std::uint32_t number) {
  std::vector<std::uint8_t> frame(std::max<std::uint32_t>(plan.frame_bytes, 4));
  store_be(frame.data(), number);
  return frame;
}

void note_sent(Ledger& ledger, const std::string& name, Instant now) {
  ledger.voice(name).frames.push_back({.sent = now});
}

/// The first copy counts.
void note_arrived(Ledger& ledger, const std::string& name, Bytes frame, Instant now) {
  auto& frames = ledger.voice(name).frames;
  if (frame.size() < 4) return;
  const auto number = load_be<std::uint32_t>(frame.data());
  if (number < frames.size() && frames[number].arrived.is_never()) frames[number].arrived = now;
}

Task<> send_datagrams(Machine& machine, Ledger& ledger, std::string name, Endpoint to, VoicePlan plan) {
  auto socket = machine.stack().bind_udp({.address = machine.address(), .zone = 0, .port = 0});
  if (!socket) co_return;
  for (std::uint32_t i = 0; i < plan.frames; ++i) {
    note_sent(ledger, name, machine.world_now());
    static_cast<void>(socket->send_to(to, make_frame(plan, i), machine.now()));
    co_await machine.sleep(plan.every);
  }
}

Task<> receive_datagrams(Machine& machine, Ledger& ledger, std::string name, std::uint16_t port) {
  auto socket = machine.stack().bind_udp({.address = machine.address(), .zone = 0, .port = port});
  if (!socket) co_return;
  std::array<std::uint8_t, 2048> buffer;
  while (true) {
    const Result<Datagram> datagram = co_await receive(*socket, buffer);
    if (datagram) note_arrived(ledger, name, Bytes(buffer).first(datagram->size), machine.world_now());
  }
}

/// Time does not wait for a full send buffer: the next frames are sent the sooner.
Task<> send_stream(Machine& machine, Ledger& ledger, std::string name, Endpoint to, VoicePlan plan) {
  Result<AsyncStream> stream = co_await connect(machine.stack(), to, machine.now());
  if (!stream) co_return;
  stream->tcp().set_nodelay(true);
  const Instant begin = machine.world_now();
  for (std::uint32_t i = 0; i < plan.frames; ++i) {
    const Instant due = begin + plan.every * i;
    if (due > machine.world_now()) co_await machine.sleep(due - machine.world_now());
    note_sent(ledger, name, due);
    const std::vector<std::uint8_t> frame = make_frame(plan, i);
    const Result<void> written = co_await write_all(*stream, frame);
    if (!written) co_return;
  }
}

Task<> receive_stream(Machine& machine, Ledger& ledger, std::string name, std::uint16_t port,
                      VoicePlan plan) {
  auto listener = machine.stack().listen({.address = machine.address(), .zone = 0, .port = port});
  if (!listener) co_return;
  Result<AsyncStream> stream = co_await accept(*listener);
  if (!stream) co_return;
  std::vector<std::uint8_t> frame(std::max<std::uint32_t>(plan.frame_bytes, 4));
  for (std::size_t filled = 0;;) {
    const Result<std::size_t> size = co_await read(*stream, MutableBytes(frame).subspan(filled));
    if (!size || *size == 0) co_return;
    filled = (filled + *size) % frame.size();
    if (filled == 0) note_arrived(ledger, name, frame, machine.world_now());
  }
}

}  // namespace

VoiceVerdict judge(const VoiceRecord& record, Duration playout) {
  VoiceVerdict verdict{.sent = record.frames.size()};
  for (const VoiceRecord::Frame& frame : record.frames) {
    if (frame.arrived.is_never()) {
      ++verdict.lost;
      continue;
    }
    const Duration way = frame.arrived - frame.sent;
    verdict.late += way > playout ? 1 : 0;
    verdict.worst = std::max(verdict.worst, way);
  }
  return verdict;
}

Machine::Program voice_udp_send(Ledger& ledger, std::string name, const Endpoint& to, const VoicePlan& plan) {
  return [&ledger, name = std::move(name), to, plan](Machine& machine) {
    return send_datagrams(machine, ledger, name, to, plan);
  };
}

Machine::Program voice_udp_receive(Ledger& ledger, std::string name, std::uint16_t port) {
  return [&ledger, name = std::move(name), port](Machine& machine) {
    return receive_datagrams(machine, ledger, name, port);
  };
}

Machine::Program voice_tcp_send(Ledger& ledger, std::string name, const Endpoint& to, const VoicePlan& plan) {
  return [&ledger, name = std::move(name), to, plan](Machine& machine) {
    return send_stream(machine, ledger, name, to, plan);
  };
}

Machine::Program voice_tcp_receive(Ledger& ledger, std::string name, std::uint16_t port,
                                   const VoicePlan& plan) {
  return [&ledger, name = std::move(name), port, plan](Machine& machine) {
    return receive_stream(machine, ledger, name, port, plan);
  };
}

}  // namespace strata::sim
