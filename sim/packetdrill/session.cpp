#include "sim/packetdrill/session.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "sim/drill/transcript.hpp"
#include "wire/ipv4.hpp"

namespace strata::packetdrill {
namespace {

constexpr Duration kTick = Duration::micros(1);

/// What the tool could not find out by itself: it would wait for ever.
[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "libstrata_packetdrill: %s\n", what);
  std::exit(EXIT_FAILURE);
}

void print(drill::Transcript& transcript) {
  for (const std::string& line : transcript.take()) std::fprintf(stderr, "%s\n", line.c_str());
}

/// Tells what happens as it happens.
drill::Machine::Observers loud(Outbox& outbox) {
  const auto transcript = std::make_shared<drill::Transcript>(drill::Machine::kOrigin);
  return {.trace =
              [transcript](const TraceEvent& event) {
                transcript->trace(event);
                print(*transcript);
              },
          .sent =
              [transcript](const drill::Sent& sent) {
                transcript->sent(sent);
                print(*transcript);
              },
          .capture = outbox.sink()};
}

}  // namespace

Session::Session(const Flags& flags)
    : profile_(flags.profile),
      machine_({.stack = flags.settings.stack, .link = flags.settings.link, .ends = flags.settings.ends},
               flags.trace ? loud(outbox_) : drill::Machine::Observers{.capture = outbox_.sink()}) {
  machine_.set_waiter([this](Instant now) { ask_waiting(now); });
  machine_.set_waiter_deadline([this] { return waiting_deadline(); });
}

// --- Time ---

void Session::sleep(Duration time) {
  const Visit visit(*this);
  // Of a long sleep the tool asks for the low 32 bits, and again for the rest; these may be none.
  machine_.run_until(machine_.now() + std::max(time, kTick));
}

Instant Session::time() {
  const Visit visit(*this);
  if (!visit.is_main() && returned_) {
    was_asked_ = visit.was_asked();  // when the second thread comes by is chance
    return *std::exchange(returned_, std::nullopt);
  }
  // Who asks again with nothing in between waits for some moment.
  if (visit.was_asked()) machine_.run_until(machine_.now() + kTick);
  was_asked_ = true;
  return machine_.now();
}

// --- The network ---

void Session::deliver(Bytes packet) {
  const Visit visit(*this);
  if (const auto header = Ipv4View::parse(packet)) adopt(header->dst());
  machine_.inject(packet);
}

SentPacket Session::next_packet() {
  const Visit visit(*this);
  while (outbox_.is_empty()) {
    if (!machine_.step(Instant::never())) give_up("no packet to send, and no timer runs that could send one");
  }
  machine_.sent().clear();
  return outbox_.take();
}

void Session::adopt(const sockaddr* address, socklen_t size) {
  const Visit visit(*this);
  sockaddr_in v4{};
  if (address == nullptr || size < sizeof v4 || address->sa_family != AF_INET) return;
  std::memcpy(&v4, address, sizeof v4);
  adopt(IpAddress::v4(ntohl(v4.sin_addr.s_addr)));
}

/// The tool invents the host's address for each run; where it is heard of first, it becomes one.
void Session::adopt(const IpAddress& address) {
  constexpr Prefix kInvented{IpAddress::v4(192, 168, 0, 0), 16};
  if (knows_address_ || !kInvented.contains(address)) return;
  knows_address_ = true;
  machine_.add_address(address);
}

// --- Calls that wait ---

long Session::finish(Waiting& waiting, Visit& visit) {
  waiting_.push_back(&waiting);
  ask_waiting(machine_.now());
  machine_.settle();
  if (!waiting.result) visit.is_main() ? wait_on_main_thread(waiting) : wait_on_second_thread(waiting, visit);
  std::erase(waiting_, &waiting);
  if (!visit.is_main()) returned_ = waiting.completed;
  return *waiting.result;
}

/// Nobody else can move the clock.
void Session::wait_on_main_thread(const Waiting& waiting) {
  while (!waiting.result) {
    if (!machine_.step(Instant::never())) give_up("a call waits, and nothing will ever happen");
  }
}

/// The main thread moves the clock, unless it waits for this call.
void Session::wait_on_second_thread(const Waiting& waiting, Visit& visit) {
  constexpr auto kLook = std::chrono::milliseconds(1);
  while (!waiting.result) {
    const bool is_complete =
        completed_.wait_for(visit.lock(), kLook, [&] { return waiting.result.has_value(); });
    if (!is_complete && main_.is_waiting()) machine_.step(Instant::never());
  }
}

void Session::ask_waiting(Instant now) {
  for (Waiting* waiting : waiting_) {
    if (waiting->result) continue;
    waiting->result = waiting->operation.progress(now);
    waiting->completed = now;
  }
  completed_.notify_all();
}

Instant Session::waiting_deadline() const {
  Instant deadline = Instant::never();
  for (const Waiting* waiting : waiting_) {
    if (!waiting->result) deadline = std::min(deadline, waiting->operation.deadline());
  }
  return deadline;
}

}  // namespace strata::packetdrill
