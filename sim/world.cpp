#include "sim/world.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/rng.hpp"

namespace strata::sim {
namespace {

/// Turns at one instant after which two hosts are surely answering each other for ever.
constexpr int kTurnsMax = 1'000'000;

Host make_host(const Config& config, std::uint64_t seed, Side side, const LinkCapabilities& link) {
  const auto number = static_cast<std::uint8_t>(index(side) + 1);
  Host host{.stack = Stack(config, Entropy::from_seed(seed)), .address = IpAddress::v4(10, 0, 0, number)};
  const std::array addresses{Prefix{host.address, 24}};
  const auto nic =
      host.stack.add_interface({.mac = {{2, 0, 0, 0, 0, number}}, .link = link, .addresses = addresses});
  STRATA_CHECK(nic.has_value());
  host.nic = *nic;
  return host;
}

std::array<Host, 2> make_hosts(const WorldConfig& config) {
  Xoshiro seeds(config.seed);
  const std::uint64_t seed_a = seeds.next_u64();
  const std::uint64_t seed_b = seeds.next_u64();
  const LinkCapabilities link = capabilities(config.wire);
  return {make_host(config.stack, seed_a, Side::a, link), make_host(config.stack, seed_b, Side::b, link)};
}

}  // namespace

World::World(const WorldConfig& config) : hosts_(make_hosts(config)), wire_(config.wire, ~config.seed) {
  for (TraceOf& of : trace_of_) host(of.side).stack.set_trace({.context = &of, .function = &World::on_trace});
  wire_.set_arrival_hook([this](Side to, Bytes frame, Instant at) { on_arrival(to, frame, at); });
}

void World::kill_after(Side side, std::uint64_t count) {
  victim_ = side;
  kill_at_ = count;
}

void World::on_trace(void* context, const TraceEvent& event) {
  const TraceOf& of = *static_cast<const TraceOf*>(context);
  of.world->hash_.add(event);
  if (of.world->observer_) of.world->observer_(of.side, event);
}

void World::on_arrival(Side to, Bytes frame, Instant at) {
  hash_.add(at);
  hash_.add(std::uint64_t{index(to)});
  hash_.add(frame);
  if (frame_observer_) frame_observer_(to, frame, at);
  if (++frames_arrived_ == kill_at_) kill(victim_);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  while (true) {
    settle();
    if (done()) return true;
    const Instant next = next_deadline();
    if (next > end || next.is_never()) break;
    now_ = std::max(next, now_ + Duration::nanos(1));
  }
  now_ = end;
  return false;
}

void World::settle() {
  for (int turn = 0; turn < kTurnsMax; ++turn) {
    const std::size_t moved = poll_host(Side::a) + poll_host(Side::b);
    for (const App& app : apps_) {
      if (!wire_.is_cut(app.side)) app.step();
    }
    // The first turn ran the timers, which may have told the programs something; the next one sends what they
    // answer.
    if (moved == 0 && turn > 0) return;
  }
  const bool hosts_come_to_rest = false;
  STRATA_CHECK(hosts_come_to_rest);
}

std::size_t World::poll_host(Side side) {
  if (wire_.is_cut(side)) return 0;
  Host& host = hosts_[index(side)];
  const PollResult result = poll(host.stack, host.nic, wire_.end(side), now_);
  return result.received + result.sent;
}

Instant World::next_deadline() const {
  Instant next = wire_.next_deadline();
  for (const Side side : {Side::a, Side::b}) {
    if (!wire_.is_cut(side)) next = std::min(next, hosts_[index(side)].stack.next_deadline());
  }
  return next;
}

}  // namespace strata::sim
