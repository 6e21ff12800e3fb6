#include "sim/scenario/random_scenario.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/rng.hpp"

namespace strata::sim {
namespace {

/// The faults are over by then.
constexpr Duration kFaultsEnd = Duration::seconds(30);
constexpr Duration kSettlesWithin = Duration::seconds(120);
constexpr std::uint16_t kPort = 80;

/// One draw per statement: the order of arguments is the compiler's choice.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : rng_(seed ^ 0x5eed'5eed'5eed'5eedU) {}

  bool one_in(std::uint32_t n) { return below(rng_, n) == 0; }
  std::uint32_t up_to(std::uint32_t most) { return below(rng_, most + 1); }
  std::uint32_t from_to(std::uint32_t least, std::uint32_t most) { return least + up_to(most - least); }
  Duration time(Duration most) {
    return Duration::micros(
        static_cast<std::int64_t>(up_to(static_cast<std::uint32_t>(most.count_micros()))));
  }
  /// Small values as often as large ones: 2^0 to 2^bits.
  std::uint32_t of_any_size(std::uint32_t bits) {
    const std::uint32_t width = up_to(bits);
    return up_to(1U << width);
  }

 private:
  Xoshiro rng_;
};

ClockConfig make_clock(Dice& dice) {
  // Milliseconds in 32 bits come round after 49.7 days; seconds of a young machine are few.
  constexpr std::int64_t kRound = std::int64_t{1} << 32;
  const std::int64_t before = dice.up_to(40'000);
  const bool near_wrap = dice.one_in(3);
  const auto drift = static_cast<std::int32_t>(dice.up_to(2'000)) - 1'000;
  return {.origin = Duration::millis(near_wrap ? kRound - before : before), .drift_ppm = drift};
}

TcpConfig make_tcp(Dice& dice) {
  TcpConfig tcp;
  if (dice.one_in(3)) tcp.congestion_control = CongestionAlgorithm::new_reno;
  tcp.sack = !dice.one_in(4);
  tcp.dsack = !dice.one_in(4);
  tcp.timestamps = !dice.one_in(4);
  tcp.window_scaling = !dice.one_in(4);
  tcp.frto = !dice.one_in(4);
  tcp.tail_probes = !dice.one_in(4);
  if (dice.one_in(3)) tcp.receive_buffer = dice.from_to(4'000, 100'000);
  if (dice.one_in(3)) tcp.send_buffer = dice.from_to(5'000, 100'000);
  if (dice.one_in(4)) tcp.initial_window_segments = dice.from_to(1, 20);
  if (dice.one_in(4)) tcp.delayed_ack = Duration::millis(dice.from_to(1, 400));
  return tcp;
}

MachineConfig make_machine(Dice& dice, std::string name) {
  MachineConfig machine{
      .name = std::move(name), .address = {}, .stack = small_stack(), .clock = make_clock(dice)};
  machine.stack.tcp = make_tcp(dice);
  return machine;
}

ImpairmentConfig make_faults(Dice& dice, const ImpairmentConfig& healthy) {
  ImpairmentConfig faults = healthy;
  if (dice.one_in(2)) faults.loss_ppm = dice.up_to(400'000);
  if (dice.one_in(3)) {
    faults.burst.enter_ppm = dice.up_to(50'000);
    faults.burst.leave_ppm = dice.from_to(50'000, 500'000);
  }
  if (dice.one_in(3)) faults.duplicate_ppm = dice.up_to(300'000);
  if (dice.one_in(3)) faults.reorder_ppm = dice.up_to(300'000);
  faults.reorder_delay = Duration::micros(100) + dice.time(Duration::millis(300));
  if (dice.one_in(3)) faults.corrupt_ppm = dice.up_to(100'000);
  if (dice.one_in(3)) faults.delay = healthy.delay + dice.time(Duration::millis(500));
  if (dice.one_in(3)) faults.jitter = dice.time(Duration::millis(50));
  return faults;
}

LinkPlan make_link(Dice& dice, std::string from, std::string to) {
  LinkPlan link{.from = std::move(from), .to = std::move(to), .config = {}};
  PipeConfig& there = link.config.there;
  link.config.mtu = dice.one_in(3) ? dice.from_to(296, 1'500) : 1'500;
  link.config.gso_max = dice.one_in(2) ? 65'000 : 0;
  there.faults.delay = dice.time(Duration::micros(dice.of_any_size(17)));
  if (dice.one_in(2)) {
    there.queue.rate_bits_per_second = 500'000 + 100 * std::uint64_t{dice.of_any_size(20)};
    there.queue.discipline = static_cast<Discipline>(dice.up_to(3));
    there.queue.bytes_max = dice.from_to(4'000, 100'000);
    there.queue.red = {.bytes_min = 4'000, .bytes_max = 40'000, .weight_shift = 5};
  }
  link.config.back = there;
  link.config.back.faults.delay = dice.time(Duration::micros(dice.of_any_size(17)));
  return link;
}

/// Who waits must be able to find out that nobody is there any more.
TcpSettings make_settings(Dice& dice) {
  TcpSettings settings;
  settings.keepalive = true;
  settings.keepalive_time = Duration::seconds(dice.from_to(5, 20));
  settings.keepalive_interval = Duration::seconds(dice.from_to(1, 5));
  settings.keepalive_probes = static_cast<std::uint8_t>(dice.from_to(2, 6));
  settings.user_timeout = Duration::seconds(dice.from_to(10, 60));
  settings.nodelay = dice.one_in(2);
  return settings;
}

TalkPlan make_talk(Dice& dice, bool is_server) {
  TalkPlan talk;
  talk.send = dice.of_any_size(18);
  talk.chunk = dice.from_to(1, 20'000);
  if (dice.one_in(3)) {
    talk.chunk = std::max<std::uint32_t>(talk.chunk, static_cast<std::uint32_t>(talk.send / 20 + 1));
    talk.every = dice.time(Duration::millis(400));
  }
  talk.send_after_end = is_server && dice.one_in(4);
  if (dice.one_in(6)) talk.ending = dice.one_in(2) ? Ending::close : Ending::abort;
  if (dice.one_in(3)) talk.linger = dice.time(Duration::seconds(3));
  talk.reads = !dice.one_in(10);
  if (dice.one_in(4)) talk.read_from = dice.time(Duration::seconds(8));
  if (dice.one_in(4)) {
    talk.read_every = dice.time(Duration::millis(50));
    talk.read_chunk = dice.from_to(3'000, 30'000);
  }
  talk.settings = make_settings(dice);
  return talk;
}

void add_programs(Dice& dice, Scenario& scenario) {
  const auto servers = static_cast<std::uint16_t>(dice.from_to(1, 3));
  for (std::uint16_t i = 0; i < servers; ++i) {
    scenario.programs.push_back({.name = "serve " + std::to_string(i),
                                 .on = "server",
                                 .kind = ProgramPlan::Kind::listen,
                                 .to = {},
                                 .port = static_cast<std::uint16_t>(kPort + i),
                                 .at = {},
                                 .talk = make_talk(dice, true)});
  }
  const std::uint32_t clients = dice.from_to(1, 8);
  for (std::uint32_t i = 0; i < clients; ++i) {
    const auto on = dice.from_to(1, static_cast<std::uint32_t>(scenario.machines.size() - 1));
    const auto port = static_cast<std::uint16_t>(kPort + dice.up_to(servers - 1U));
    const Duration at = dice.time(dice.one_in(2) ? Duration::seconds(12) : Duration::millis(100));
    scenario.programs.push_back({.name = "client " + std::to_string(i),
                                 .on = scenario.machines[on].name,
                                 .kind = ProgramPlan::Kind::connect,
                                 .to = "server",
                                 .port = port,
                                 .at = at,
                                 .talk = make_talk(dice, false)});
  }
}

FaultPlan make_fault(Dice& dice, const Scenario& scenario) {
  using enum FaultPlan::Kind;
  const LinkPlan& link = scenario.links[dice.up_to(static_cast<std::uint32_t>(scenario.links.size() - 1))];
  const MachineConfig& machine =
      scenario.machines[dice.up_to(static_cast<std::uint32_t>(scenario.machines.size() - 1))];
  // Half of the faults strike early, where handshakes and short transfers are.
  const Duration at = dice.time(dice.one_in(2) ? Duration::seconds(2) : Duration::seconds(20));
  const Duration lasts =
      Duration::millis(1) + dice.time(dice.one_in(2) ? Duration::seconds(1) : Duration::seconds(9));
  FaultPlan fault{.at = at, .lasts = std::min(lasts, kFaultsEnd - at), .target = link.name(), .faults = {}};
  constexpr std::array kKinds{faults, faults, faults, down, mtu, rate, crash, clock_jump, squeeze};
  fault.kind = kKinds[dice.up_to(kKinds.size() - 1)];
  switch (fault.kind) {
    case faults:
      fault.faults = make_faults(dice, link.config.there.faults);
      fault.truncate_ppm = dice.one_in(4) ? dice.up_to(100'000) : 0;
      break;
    case mtu: fault.amount = dice.from_to(100, 1'400); break;
    case rate:
      if (link.config.there.queue.rate_bits_per_second == 0) fault.kind = down;
      fault.amount = dice.from_to(100'000, 10'000'000);
      break;
    case crash:
      fault.target = machine.name;
      if (dice.one_in(6)) fault.lasts = Duration();
      break;
    case clock_jump:
      fault.target = machine.name;
      fault.ahead = dice.time(Duration::seconds(dice.one_in(2) ? 2 : 4'000));
      break;
    case squeeze:
      fault.target = machine.name;
      fault.amount = dice.of_any_size(6);
      break;
    case down: break;
  }
  return fault;
}

}  // namespace

Scenario random_scenario(std::uint64_t seed) {
  Dice dice(seed);
  Scenario scenario{.name = "random", .title = "random", .settles_within = kSettlesWithin, .random = true};
  scenario.machines.push_back(make_machine(dice, "server"));
  const std::uint32_t clients = dice.from_to(1, 3);
  for (std::uint32_t i = 1; i <= clients; ++i)
    scenario.machines.push_back(make_machine(dice, "client" + std::to_string(i)));
  if (clients == 1 && dice.one_in(2)) {
    scenario.links.push_back(make_link(dice, "client1", "server"));
  } else {
    scenario.switches.push_back({.name = "lan", .learns = !dice.one_in(4)});
    for (const MachineConfig& machine : scenario.machines)
      scenario.links.push_back(make_link(dice, machine.name, "lan"));
  }
  add_programs(dice, scenario);
  const std::uint32_t faults = dice.of_any_size(3);
  for (std::uint32_t i = 0; i < faults; ++i) scenario.faults.push_back(make_fault(dice, scenario));
  return scenario;
}

}  // namespace strata::sim
