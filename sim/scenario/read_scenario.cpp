#include "sim/scenario/read_scenario.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "obs/quantity.hpp"
#include "sim/scenario/toml_table.hpp"
#include "strata/parameters.hpp"

namespace strata::sim {
namespace {

using ProgramKind = ProgramPlan::Kind;
using FaultKind = FaultPlan::Kind;

Duration read_moment(TomlTable& table) { return table.duration("at"); }

void read_parameters(TomlTable table, TcpConfig& config) {
  for (const std::string& key : table.keys()) {
    const Parameter* parameter = find_parameter(key);
    if (parameter == nullptr) table.fail(key, "there is no such parameter (see strata sysctl)");
    const std::string value = table.text(key);
    if (!set_parameter(*parameter, config, value))
      table.fail(key, "\"" + value + "\" is no value of it, expected " + std::string(parameter->unit));
  }
}

void read_hosts(TomlTable& root, Scenario& scenario) {
  Config stack = small_stack();
  read_parameters(root.table("sysctl"), stack.tcp);
  TomlTable hosts = root.table("host");
  for (const std::string& name : root.names("host")) {
    TomlTable table = hosts.table(name);
    MachineConfig host{.name = name, .address = {}, .stack = stack, .clock = {}};
    if (table.has("address")) {
      host.address = parse_prefix(table.text("address"));
      if (!host.address)
        table.fail("address", "expected an address with its prefix, such as \"10.0.0.1/16\"");
    }
    host.clock.origin = table.duration("clock");
    host.clock.drift_ppm = static_cast<std::int32_t>(table.number("drift_ppm", 0));
    if (host.clock.drift_ppm < -200'000 || host.clock.drift_ppm > 200'000)
      table.fail("drift_ppm", "expected a number from -200000 to 200000");
    host.stack.buffers.blocks_max = table.size("blocks", host.stack.buffers.blocks_max);
    read_parameters(table.table("sysctl"), host.stack.tcp);
    table.done();
    scenario.machines.push_back(std::move(host));
  }
  if (scenario.machines.empty()) root.fail("host", "no hosts, expected [host.NAME]");
}

void read_switches(TomlTable& root, Scenario& scenario) {
  for (const std::string_view kind : {"switch", "hub"}) {
    TomlTable all = root.table(kind);
    for (const std::string& name : root.names(kind)) {
      all.table(name).done();
      scenario.switches.push_back({.name = name, .learns = kind == "switch"});
    }
  }
}

void read_faults_of(TomlTable& table, ImpairmentConfig& faults) {
  faults.delay = table.duration("delay", faults.delay);
  faults.jitter = table.duration("jitter", faults.jitter);
  faults.loss_ppm = table.percent("loss", faults.loss_ppm);
  faults.duplicate_ppm = table.percent("duplicate", faults.duplicate_ppm);
  faults.reorder_ppm = table.percent("reorder", faults.reorder_ppm);
  faults.reorder_delay = table.duration("reorder_delay", faults.reorder_delay);
  faults.corrupt_ppm = table.percent("corrupt", faults.corrupt_ppm);
  if (faults.reorder_ppm > 0 && faults.reorder_delay == Duration())
    table.fail("reorder_delay", "expected a time above zero");
  if (!table.has("burst")) return static_cast<void>(table.table("burst"));
  TomlTable burst = table.table("burst");
  faults.burst.enter_ppm = burst.percent("enter", faults.burst.enter_ppm);
  faults.burst.leave_ppm = burst.percent("leave", faults.burst.leave_ppm);
  faults.burst.loss_ppm = burst.percent("loss", faults.burst.loss_ppm);
  burst.done();
}

FrameKind read_kind(TomlTable& table, std::string_view key) {
  const std::string text = table.text(key, "any");
  const auto kind = frame_kind(text);
  if (!kind)
    table.fail(key, "there is no \"" + text +
                        "\", expected any, arp, udp, icmp, tcp, syn, syn-ack, fin, rst, data or ack");
  return *kind;
}

void read_queue(TomlTable& table, LinkQueueConfig& queue) {
  queue.rate_bits_per_second = table.rate("rate", queue.rate_bits_per_second);
  queue.bytes_max = table.size("queue", queue.bytes_max);
  queue.frames_max = table.size("queue_frames", queue.frames_max);
  queue.discipline = static_cast<Discipline>(table.word(
      "discipline", {"tail-drop", "red", "codel", "fq-codel"}, static_cast<std::size_t>(queue.discipline)));
  queue.codel.ecn = queue.red_ecn = table.flag("ecn", queue.red_ecn);
  queue.codel.target = table.duration("target", queue.codel.target);
  queue.codel.interval = table.duration("interval", queue.codel.interval);
  queue.red.bytes_min = table.size("red_min", queue.red.bytes_min);
  queue.red.bytes_max = table.size("red_max", queue.red.bytes_max);
  if (queue.red.bytes_max <= queue.red.bytes_min) table.fail("red_max", "expected more than red_min");
  if (queue.rate_bits_per_second > 0) return;
  for (const char* key : {"queue", "queue_frames", "discipline"}) {
    if (table.has(key)) table.fail(key, "a queue needs a rate, such as rate = \"10mbit\"");
  }
}

void read_pipe(TomlTable& table, PipeConfig& pipe) {
  read_queue(table, pipe.queue);
  read_faults_of(table, pipe.faults);
  pipe.truncate_ppm = table.percent("truncate", pipe.truncate_ppm);
  for (TomlTable& loss : table.tables("lose")) {
    PlannedLoss planned{.kind = read_kind(loss, "kind")};
    planned.first = static_cast<std::uint64_t>(loss.number("first", 1));
    planned.last = static_cast<std::uint64_t>(loss.number("last", static_cast<std::int64_t>(planned.first)));
    if (planned.last < planned.first || planned.first < 1)
      loss.fail("last", "expected first to be 1 or more, and last no less");
    loss.done();
    pipe.losses.push_back(planned);
  }
}

bool is_node(const Scenario& scenario, const std::string& name) {
  return std::ranges::find(scenario.machines, name, &MachineConfig::name) != scenario.machines.end() ||
         std::ranges::find(scenario.switches, name, &SwitchPlan::name) != scenario.switches.end();
}

bool is_host(const Scenario& scenario, const std::string& name) {
  return std::ranges::find(scenario.machines, name, &MachineConfig::name) != scenario.machines.end();
}

std::string read_host(TomlTable& table, std::string_view key, const Scenario& scenario) {
  std::string name = table.required(key, "the name of a host");
  if (!is_host(scenario, name)) table.fail(key, "there is no host \"" + name + "\"");
  return name;
}

void read_links(TomlTable& root, Scenario& scenario) {
  for (TomlTable& table : root.tables("link")) {
    LinkPlan link;
    for (const auto& [key, end] : {std::pair{"from", &link.from}, std::pair{"to", &link.to}}) {
      *end = table.required(key, "the name of a host or switch");
      if (!is_node(scenario, *end)) table.fail(key, "there is no host or switch \"" + *end + "\"");
    }
    link.config.mtu = table.size("mtu", 1500);
    if (link.config.mtu < 68 || link.config.mtu > 1800)
      table.fail("mtu", "expected a number from 68 to 1800");
    link.config.gso_max = table.flag("gso", false) ? 65'000 : 0;
    read_pipe(table, link.config.there);
    link.config.back = link.config.there;
    TomlTable there = table.table("there");
    TomlTable back = table.table("back");
    read_pipe(there, link.config.there);
    read_pipe(back, link.config.back);
    there.done();
    back.done();
    table.done();
    scenario.links.push_back(std::move(link));
  }
}

void read_talk(TomlTable& table, TalkPlan& talk) {
  talk.send = table.size("send");
  talk.chunk =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(table.size("chunk", talk.chunk), 1, 1U << 24));
  talk.every = table.duration("every");
  talk.send_after_end = table.flag("send_after_end", false);
  talk.ending = static_cast<Ending>(table.word("ending", {"shutdown", "close", "abort", "none"}, 0));
  talk.linger = table.duration("linger");
  talk.reads = table.flag("reads", true);
  talk.read_from = table.duration("read_from");
  talk.read_every = table.duration("read_every");
  talk.read_chunk = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(table.size("read_chunk", talk.read_chunk), 1, 1U << 24));
  talk.closes_at_end = table.flag("closes_at_end", true);
  talk.settings.nodelay = table.flag("nodelay", false);
  talk.settings.user_timeout = table.duration("user_timeout");
  talk.settings.keepalive = table.flag("keepalive", false);
  talk.settings.keepalive_time = table.duration("keepalive_time");
  talk.settings.keepalive_interval = table.duration("keepalive_interval");
  talk.settings.send_buffer = static_cast<std::uint32_t>(table.size("send_buffer"));
  talk.settings.receive_buffer = static_cast<std::uint32_t>(table.size("receive_buffer"));
}

void read_voice(TomlTable& table, VoicePlan& voice) {
  voice.frames = static_cast<std::uint32_t>(table.number("frames", voice.frames));
  voice.every = table.duration("every", voice.every);
  voice.frame_bytes = static_cast<std::uint32_t>(table.size("frame", voice.frame_bytes));
  voice.playout = table.duration("playout", voice.playout);
  if (voice.frame_bytes < 4 || voice.frame_bytes > 1400) table.fail("frame", "expected from 4 to 1400 bytes");
}

/// `server:80`.
void read_target(TomlTable& table, const Scenario& scenario, ProgramPlan& program) {
  const std::string text = table.required("to", "a host and a port, such as \"server:80\"");
  const std::size_t colon = text.find(':');
  program.to = text.substr(0, colon);
  if (!is_host(scenario, program.to)) table.fail("to", "there is no host \"" + program.to + "\"");
  const std::string port = colon == text.npos ? "" : text.substr(colon + 1);
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  const int number = is_number ? std::stoi(port) : 0;
  if (number < 1 || number > 65'535) table.fail("to", "expected a host and a port, such as \"server:80\"");
  program.port = static_cast<std::uint16_t>(number);
}

void read_programs(TomlTable& root, Scenario& scenario) {
  const std::vector<std::string_view> kinds = {
      "connect",        "listen",           "flood", "voice-udp-send", "voice-udp-receive",
      "voice-tcp-send", "voice-tcp-receive"};
  for (TomlTable& table : root.tables("program")) {
    ProgramPlan program;
    program.on = read_host(table, "on", scenario);
    if (!table.has("kind")) table.fail("kind", "is missing, expected connect, listen, flood or voice-...");
    program.kind = static_cast<ProgramKind>(table.word("kind", kinds, 0));
    program.name =
        table.text("name", std::string(kinds[static_cast<std::size_t>(program.kind)]) + " on " + program.on);
    program.at = read_moment(table);
    using enum ProgramPlan::Kind;
    const bool listens =
        program.kind == listen || program.kind == voice_udp_receive || program.kind == voice_tcp_receive;
    if (listens) {
      const std::int64_t port = table.number("port", 80);
      if (port < 1 || port > 65'535) table.fail("port", "expected a number from 1 to 65535");
      program.port = static_cast<std::uint16_t>(port);
    } else {
      read_target(table, scenario, program);
    }
    if (program.kind == connect || program.kind == listen) {
      read_talk(table, program.talk);
    } else if (program.kind == flood) {
      program.flood.count = static_cast<std::uint32_t>(table.number("count", program.flood.count));
      program.flood.every = table.duration("every", program.flood.every);
    } else {
      read_voice(table, program.voice);
    }
    table.done();
    scenario.programs.push_back(std::move(program));
  }
}

void read_fault(TomlTable& table, const Scenario& scenario, FaultPlan& fault) {
  using enum FaultPlan::Kind;
  const bool is_of_host = fault.kind == crash || fault.kind == clock_jump || fault.kind == squeeze;
  fault.at = read_moment(table);
  fault.lasts = table.duration("for");
  if (is_of_host) {
    fault.target = read_host(table, "host", scenario);
  } else {
    fault.target = table.required("link", "the name of a link, such as \"client-server\"");
    const auto link = std::ranges::find_if(scenario.links,
                                           [&](const LinkPlan& plan) { return plan.name() == fault.target; });
    if (link == scenario.links.end()) table.fail("link", "there is no link \"" + fault.target + "\"");
    if (fault.kind == rate && link->config.there.queue.rate_bits_per_second == 0)
      table.fail("link", "it has no rate that could change");
    fault.faults = link->config.there.faults;
  }
  switch (fault.kind) {
    case faults:
      read_faults_of(table, fault.faults);
      fault.truncate_ppm = table.percent("truncate");
      break;
    case mtu: fault.amount = table.size("mtu", 576); break;
    case rate: fault.amount = table.rate("rate", 1'000'000); break;
    case squeeze: fault.amount = table.size("left", 0); break;
    case clock_jump: fault.ahead = table.duration("ahead", Duration::seconds(60)); break;
    case down:
    case crash: break;
  }
}

void read_faults(TomlTable& root, Scenario& scenario) {
  for (TomlTable& table : root.tables("fault")) {
    if (!table.has("kind"))
      table.fail("kind", "is missing, expected down, faults, mtu, rate, crash, clock-jump or squeeze");
    FaultPlan fault;
    fault.kind = static_cast<FaultKind>(
        table.word("kind", {"down", "faults", "mtu", "rate", "crash", "clock-jump", "squeeze"}, 0));
    read_fault(table, scenario, fault);
    table.done();
    scenario.faults.push_back(std::move(fault));
  }
}

Counter read_counter(TomlTable& table) {
  const std::string wanted = table.text("counter");
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    if (name(static_cast<Counter>(i)) == wanted) return static_cast<Counter>(i);
  }
  table.fail("counter", "there is no counter \"" + wanted + "\"");
}

void read_range(TomlTable& table, Expectation& wanted) {
  if (table.has("count")) {
    wanted.least = wanted.most = static_cast<std::uint64_t>(table.number("count", 0));
    return;
  }
  static_cast<void>(table.number("count", 0));
  wanted.least = static_cast<std::uint64_t>(table.number("least", 0));
  wanted.most = table.has("most") ? static_cast<std::uint64_t>(table.number("most", 0)) : UINT64_MAX;
  static_cast<void>(table.number("most", 0));
}

void read_of_host(TomlTable& table, const Scenario& scenario, Expectation& wanted) {
  wanted.whose = read_host(table, "host", scenario);
  wanted.flow = static_cast<std::uint32_t>(table.number("connection", 1));
  if (table.has("states")) {
    wanted.kind = Expectation::Kind::states;
    wanted.states = table.texts("states");
  } else if (table.has("open")) {
    wanted.kind = Expectation::Kind::open;
    wanted.states = table.texts("open");
  } else if (table.has("counter")) {
    wanted.kind = Expectation::Kind::counter;
    wanted.counter = read_counter(table);
    read_range(table, wanted);
  } else if (table.has("frames")) {
    wanted.kind = Expectation::Kind::frames;
    wanted.frames = read_kind(table, "frames");
    read_range(table, wanted);
    for (const std::string& text : table.texts("times")) {
      const auto time = obs::parse_duration(text);
      if (!time) table.fail("times", "expected times such as \"200ms\"");
      wanted.times.push_back(*time);
    }
  } else {
    table.fail("host", "nothing is expected of it: states, open, counter or frames");
  }
}

void read_of_program(TomlTable& table, const Scenario& scenario, Expectation& wanted) {
  wanted.whose = table.text("program");
  const auto program = std::ranges::find(scenario.programs, wanted.whose, &ProgramPlan::name);
  if (program == scenario.programs.end())
    table.fail("program", "there is no program \"" + wanted.whose + "\"");
  const bool is_talk = program->kind == ProgramKind::connect || program->kind == ProgramKind::listen;
  wanted.kind = is_talk ? Expectation::Kind::talk : Expectation::Kind::voice;
  if (is_talk) {
    wanted.failure = table.text("failure", "none");
    if (table.has("received")) wanted.received = table.size("received");
    if (table.has("within")) wanted.within = table.duration("within");
  } else {
    wanted.lost_most_ppm = table.percent("lost_most", 1'000'000);
    wanted.late_most_ppm = table.percent("late_most", 1'000'000);
    wanted.late_least_ppm = table.percent("late_least", 0);
  }
}

void read_expectations(TomlTable& root, Scenario& scenario) {
  for (TomlTable& table : root.tables("expect")) {
    Expectation wanted;
    wanted.line = table.line();
    if (table.has("program")) {
      read_of_program(table, scenario, wanted);
    } else {
      read_of_host(table, scenario, wanted);
    }
    table.done();
    scenario.expectations.push_back(std::move(wanted));
  }
}

}  // namespace

Scenario read_scenario(std::string_view text, std::string name) {
  TomlTable root = TomlTable::parse(text);
  Scenario scenario;
  scenario.name = std::move(name);
  scenario.title = root.text("title", scenario.name);
  scenario.until = root.duration("until", scenario.until);
  scenario.settles = root.flag("settles", true);
  scenario.settles_within = root.duration("settles_within");
  scenario.random = root.flag("random", false);
  if (!scenario.random) {
    read_hosts(root, scenario);
    read_switches(root, scenario);
    read_links(root, scenario);
    read_programs(root, scenario);
    read_faults(root, scenario);
    read_expectations(root, scenario);
  }
  root.done();
  return scenario;
}

}  // namespace strata::sim
