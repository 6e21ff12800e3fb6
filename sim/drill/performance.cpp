#include "sim/drill/performance.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <array>

#include "sim/drill/code.hpp"
#include "sim/drill/symbols.hpp"
#include "sim/drill/tcp_info_names.hpp"
#include "wire/icmp.hpp"
#include "wire/icmp6.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"
#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

struct IcmpName {
  std::string_view type;
  std::string_view code;
  IcmpMessage message;
};

constexpr IcmpName kIcmpNames[] = {
    {"unreachable", "net_unreachable", {.type = icmp_type::kUnreachable, .code = icmp_code::kNet}},
    {"unreachable", "host_unreachable", {.type = icmp_type::kUnreachable, .code = icmp_code::kHost}},
    {"unreachable", "protocol_unreachable", {.type = icmp_type::kUnreachable, .code = icmp_code::kProtocol}},
    {"unreachable", "port_unreachable", {.type = icmp_type::kUnreachable, .code = icmp_code::kPort}},
    {"unreachable",
     "frag_needed",
     {.type = icmp_type::kUnreachable, .code = icmp_code::kFragmentationNeeded}},
    {"unreachable",
     "source_route_failed",
     {.type = icmp_type::kUnreachable, .code = icmp_code::kSourceRouteFailed}},
    {"unreachable", "net_prohibited", {.type = icmp_type::kUnreachable, .code = 9}},
    {"unreachable", "host_prohibited", {.type = icmp_type::kUnreachable, .code = 10}},
    {"unreachable",
     "admin_prohibited",
     {.type = icmp_type::kUnreachable, .code = icmp_code::kAdminProhibited}},
    {"source_quench", "", {.type = icmp_type::kSourceQuench, .code = 0}},
    {"time_exceeded", "", {.type = icmp_type::kTimeExceeded, .code = 0}},
    {"time_exceeded", "exc_ttl", {.type = icmp_type::kTimeExceeded, .code = 0}},
    {"parameter_problem", "", {.type = icmp_type::kParameterProblem, .code = 0}},
};

/// By how much the header of IPv6 is longer.
constexpr std::size_t kLongerHeader = Ipv6View::kSize - Ipv4View::kMinSize;

/// What RFC 4443 has for a message of ICMPv4; nothing where it has nothing.
std::optional<IcmpMessage> in_ipv6(const IcmpMessage& message) {
  const auto unreachable = [](std::uint8_t code) {
    return IcmpMessage{.type = icmp6_type::kUnreachable, .code = code};
  };
  if (message.type == icmp_type::kTimeExceeded) return IcmpMessage{.type = icmp6_type::kTimeExceeded};
  if (message.type == icmp_type::kParameterProblem) return IcmpMessage{.type = icmp6_type::kParameterProblem};
  if (message.type != icmp_type::kUnreachable) return std::nullopt;
  switch (message.code) {
    case icmp_code::kNet:
    case icmp_code::kSourceRouteFailed: return unreachable(icmp6_code::kNoRoute);
    case icmp_code::kHost: return unreachable(icmp6_code::kAddress);
    case icmp_code::kPort: return unreachable(icmp6_code::kPort);
    case icmp_code::kProtocol:
      return IcmpMessage{.type = icmp6_type::kParameterProblem,
                         .code = icmp6_code::kUnknownNextHeader,
                         .rest = Ipv6View::kNextHeaderAt};
    case icmp_code::kFragmentationNeeded:
      return IcmpMessage{
          .type = icmp6_type::kPacketTooBig,
          .code = 0,
          .rest = message.rest == 0 ? 0 : message.rest + static_cast<std::uint32_t>(kLongerHeader)};
    default: return unreachable(icmp6_code::kProhibited);
  }
}

}  // namespace

Performance::Performance(const PlayOptions& options)
    : options_(options),
      settings_(settings_of(options.profile, options.exact)),
      origin_(Machine::kOrigin),
      transcript_(Machine::kOrigin) {
  if (options.ipv6) use_ipv6(settings_);
}

// --- Verdicts ---

void Performance::fail(const Event& event, std::string what, std::string actual) {
  const bool is_call = std::holds_alternative<Call>(event.what);
  const bool is_packet = std::holds_alternative<PacketSpec>(event.what);
  if (is_over() || (is_call && settings_.calls_may_differ) || (is_packet && settings_.packets_may_differ))
    return;
  outcome_ = {.verdict = Verdict::failed,
              .at = event.at,
              .event = event.text,
              .what = std::move(what),
              .actual = std::move(actual),
              .transcript = {}};
}

void Performance::unsupported(const Event& event, Position at, std::string what) {
  if (is_over()) return;
  outcome_ = {.verdict = Verdict::unsupported,
              .at = at,
              .event = event.text,
              .what = std::move(what),
              .actual = {},
              .transcript = {}};
}

void Performance::judge(const Event& event, const ScriptError& error) {
  if (error.trouble == Trouble::unsupported) return unsupported(event, error.at, error.what);
  fail(event, error.what);
}

void Performance::set_option(const OptionLine& option) {
  const auto error = apply_option(option, settings_);
  if (error) unsupported({}, error->at, error->what);
}

Outcome Performance::finish() {
  if (machine_ && !is_over()) {
    await_pending();
    judge_leftovers();
  }
  pending_.reset();
  outcome_.transcript = transcript_.take();
  return std::move(outcome_);
}

// --- Time ---

Duration Performance::from_origin_of(const When& when, Duration time) const {
  return when.kind == When::Kind::absolute ? time : last_ + time;
}

Duration Performance::due(const When& when) const {
  return when.kind == When::Kind::any ? last_ : from_origin_of(when, when.at);
}

Duration Performance::tolerance_at(Duration due) const {
  const Duration gap = std::max(due - last_, Duration{});
  return std::max(settings_.tolerance, gap * settings_.tolerance_permille / 1000);
}

void Performance::go_to(const Event& event) {
  machine_->run_until(origin_ + std::max(due(event.when), now()));
  last_ = now();
  judge_pending();
}

bool Performance::start(const Event& event) {
  LinkCapabilities link = settings_.link;
  if (settings_.is_ipv6()) link.mtu += kLongerHeader;
  if (settings_.is_ipv6() && link.mtu < kIpv6MtuMin) {
    unsupported(event, "an MTU of " + std::to_string(link.mtu) + " with IPv6");
    return false;
  }
  machine_.emplace(MachineConfig{.stack = settings_.stack, .link = link, .ends = settings_.ends},
                   Machine::Observers{.trace = [this](const TraceEvent& e) { transcript_.trace(e); },
                                      .sent = [this](const Sent& s) { transcript_.sent(s); },
                                      .capture = options_.capture});
  machine_->set_waiter([this](Instant at) { ask_pending(at); });
  machine_->set_waiter_deadline([this] {
    const bool waits = pending_ && !pending_->result;
    return waits ? pending_->begun.operation.deadline() : Instant::never();
  });
  calls_.emplace(machine_->host(), settings_.ends, options_.profile);
  return true;
}

// --- Steps ---

void Performance::play(const Event& event) {
  last_event_ = &event;
  if (const auto* line = std::get_if<ShellLine>(&event.what)) return run_shell(event, *line);
  if (!machine_ && !start(event)) return;
  if (const auto* packet = std::get_if<PacketSpec>(&event.what)) {
    if (!packet->unsupported.empty()) return unsupported(event, packet->unsupported);
    packet->direction == Direction::inbound ? inject(event, *packet) : expect(event, *packet);
  } else if (const auto* call = std::get_if<Call>(&event.what)) {
    make_call(event, *call);
  } else if (const auto* block = std::get_if<CodeBlock>(&event.what)) {
    run_code(event, *block);
  }
}

void Performance::inject(const Event& event, const PacketSpec& packet) {
  go_to(event);
  if (is_over()) return;
  transcript_.event(machine_->now(), event.text);
  if (const auto* icmp = std::get_if<IcmpSpec>(&packet.what)) return inject_icmp(event, *icmp);
  const TcpSpec& tcp = std::get<TcpSpec>(packet.what);
  const auto foreign = std::ranges::find(tcp.options, Option::Kind::other, &Option::kind);
  if (foreign != tcp.options.end()) return unsupported(event, foreign->at, "the TCP option " + foreign->text);
  constexpr std::uint16_t kEcn =
      tcp_flag::kAe | tcp_flag::kCwr | tcp_flag::kEce;  // RFC 3168 §6.1.1: it may ask
  const bool is_syn = (tcp.flags & ~kEcn) == tcp_flag::kSyn;
  Flow& flow = machine_->flows().for_injected(is_syn, calls_->is_listening());
  const WireSegment segment = flow.to_wire(tcp, packet.ip);
  const std::vector<std::uint8_t> payload(segment.length);
  machine_->inject(write_segment(segment, payload));
}

void Performance::inject_icmp(const Event& event, const IcmpSpec& icmp) {
  const auto row = std::ranges::find_if(
      kIcmpNames, [&](const IcmpName& name) { return name.type == icmp.type && name.code == icmp.code; });
  if (row == std::end(kIcmpNames)) return unsupported(event, "ICMP " + icmp.type + " " + icmp.code);
  Flow* flow = machine_->flows().current();
  if (flow == nullptr) return fail(event, "no packet was sent that this error could quote");
  IcmpMessage message = row->message;
  message.rest = icmp.mtu.value_or(0);
  if (settings_.is_ipv6()) {
    const auto translated = in_ipv6(message);
    if (!translated) return unsupported(event, "ICMP " + icmp.type + " over IPv6");
    message = *translated;
    // RFC 8201 §4: no link of IPv6 is that narrow, and such a word counts for nothing.
    if (message.type == icmp6_type::kPacketTooBig && message.rest < kIpv6MtuMin)
      return unsupported(event, "an MTU of " + std::to_string(message.rest) + " with IPv6");
  }
  const SequenceRange latest{.any = true};
  const WireSegment quoted = flow->quoted(icmp.quoted.value_or(latest));
  machine_->inject(write_icmp(message, settings_.ends.remote, quoted));
}

void Performance::run_shell(const Event& event, const ShellLine& line) {
  if (machine_) {
    go_to(event);
  } else {
    last_ = due(event.when);
  }
  const auto actions = interpret_shell(line.text);
  if (!actions) return unsupported(event, "the command " + actions.error());
  for (const ShellAction& action : *actions) perform(event, action);
}

void Performance::perform(const Event& event, const ShellAction& action) {
  if (const auto* parameter = std::get_if<SetParameter>(&action)) return set_parameter(event, *parameter);
  if (const auto* count = std::get_if<CountSockets>(&action)) {
    if (count->state != "TIME_WAIT") return unsupported(event, "counting sockets in " + count->state);
    const auto actual = machine_ ? static_cast<std::int64_t>(machine_->stack().time_wait_count()) : 0;
    if (actual != count->count) fail(event, std::to_string(actual) + " connections are in TIME-WAIT");
    return;
  }
  if (std::holds_alternative<SetLinuxDefaults>(action)) apply_linux_defaults(settings_);
  put_in_force(event);
}

void Performance::set_parameter(const Event& event, const SetParameter& parameter) {
  const SysctlOutcome outcome = apply_sysctl(parameter.name, parameter.value, settings_);
  if (outcome == SysctlOutcome::applied) put_in_force(event);
  if (outcome == SysctlOutcome::unsupported) {
    unsupported(event, "the parameter " + parameter.name + "=" + parameter.value);
  }
}

/// Parameters that were set before the machine was made are in its configuration anyway.
void Performance::put_in_force(const Event& event) {
  if (!machine_ || machine_->stack().set_tcp_config(settings_.stack.tcp)) return;
  unsupported(event, "these parameters together");
}

void Performance::run_code(const Event& event, const CodeBlock& block) {
  go_to(event);
  if (is_over()) return;
  transcript_.event(machine_->now(), "%{ " + block.text.substr(0, block.text.find('\n')) + " }%");
  const std::optional<int> fd = calls_->socket_under_test();
  if (!fd) return unsupported(event, "tcp_info without a socket");
  std::vector<std::uint8_t> info(tcp_info_size());
  socklen_t size = static_cast<socklen_t>(info.size());
  const int result = machine_->host().getsockopt(*fd, IPPROTO_TCP, TCP_INFO, info.data(), &size);
  if (result < 0) return fail(event, "TCP_INFO: " + error_name(-result));
  info.resize(size);
  const auto lookup = [&](std::string_view name) {
    return name.starts_with("tcpi_") ? tcp_info_value(name, info) : symbol_value(name);
  };
  if (const auto error = drill::run_code(block, lookup)) judge(event, *error);
}

}  // namespace strata::drill
