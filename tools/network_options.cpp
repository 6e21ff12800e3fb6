// Text to values, with an error that says what would have been right.
#include "tools/network_options.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "strata/parameters.hpp"
#include "tools/quantity.hpp"

namespace strata::tools {
namespace {

constexpr std::size_t kMtuMin = 68;        // RFC 791 §3.2
constexpr std::size_t kIpv6MtuMin = 1280;  // RFC 8200 §5

/// An option whose text goes through `parse`, which returns an optional.
template <class Value, class Parse>
CLI::Option* add_parsed(CLI::App& verb, const std::string& name, Value& value, Parse parse,
                        const std::string& form, const std::string& help) {
  const auto take = [&value, parse, name, form](const std::string& text) {
    const auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(name, "\"" + text + "\" is not of the form " + form);
    value = *parsed;
  };
  return verb.add_option_function<std::string>(name, take, help)->type_name(form);
}

/// The same for one that may be given several times.
template <class Value, class Parse>
CLI::Option* add_each(CLI::App& verb, const std::string& name, std::vector<Value>& values, Parse parse,
                      const std::string& form, const std::string& help) {
  const auto take = [&values, parse, name, form](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto parsed = parse(text);
      if (!parsed) throw CLI::ValidationError(name, "\"" + text + "\" is not of the form " + form);
      values.push_back(*parsed);
    }
  };
  return verb.add_option_function<std::vector<std::string>>(name, take, help)
      ->type_name(form)
      ->allow_extra_args(false);
}

void add_source_options(CLI::App& verb, NetworkOptions& options) {
  constexpr const char* kGroup = "Where the network comes from";
  auto* is_private = verb.add_flag("--private", options.is_private,
                                   "A namespace of its own: the kernel is 10.77.0.1 and fd77::1, we are\n"
                                   "10.77.0.2 and fd77::2; the command after -- runs in it as the peer")
                         ->group(kGroup);
  auto* tap = verb.add_option("--tap", options.tap, "A TAP device, existing or to be made")
                  ->type_name("NAME")
                  ->group(kGroup);
  auto* address = add_each(verb, "--address", options.addresses, parse_prefix, "ADDR/N",
                           "Our address on the TAP device; twice: one of each family");
  auto* gateway = add_each(verb, "--gateway", options.gateways, parse_address, "ADDR",
                           "The router to all other networks; twice: one of each family");
  tap->needs(address)->excludes(is_private);
  address->needs(tap)->group(kGroup);
  gateway->needs(tap)->group(kGroup);
  verb.add_option("--mtu", options.mtu, "IP bytes per frame")
      ->type_name("N")
      ->check(CLI::Range(kMtuMin, std::size_t{65535}))
      ->group(kGroup);
  verb.add_flag("!--no-offload", options.offload,
                "Cut segments and compute checksums here instead of in the kernel")
      ->group(kGroup);
}

void add_fault_options(CLI::App& verb, Faults& faults) {
  constexpr const char* kGroup = "A bad cable, in both directions";
  const auto percent = [&](const char* name, std::uint32_t& value, const char* help) {
    add_parsed(verb, name, value, parse_percent, "P%", help)->group(kGroup);
  };
  percent("--loss", faults.loss_ppm, "Frames that never arrive");
  percent("--mark", faults.mark_ppm, "Frames that get a congestion mark (ECN), or are lost without ECN");
  percent("--duplicate", faults.duplicate_ppm, "Frames that arrive twice");
  percent("--reorder", faults.reorder_ppm, "Frames that arrive late");
  percent("--corrupt", faults.corrupt_ppm, "Frames with one bit turned over");
  add_parsed(verb, "--delay", faults.delay, parse_duration, "T", "Time on the way, as 200ms")->group(kGroup);
  add_parsed(verb, "--rate", faults.rate_bits_per_second, parse_rate, "R", "Bits per second, as 10mbit")
      ->group(kGroup);
  verb.add_option("--seed", faults.seed, "The same seed makes the same choices")
      ->type_name("N")
      ->group(kGroup);
}

/// `tcp_ecn=1`, as in `strata sysctl --pid`.
void add_parameter_option(CLI::App& verb, TcpConfig& tcp) {
  const auto take = [&tcp](const std::vector<std::string>& settings) {
    for (const std::string& setting : settings) {
      const std::size_t cut = setting.find('=');
      const Parameter* parameter = find_parameter(std::string_view(setting).substr(0, cut));
      if (parameter == nullptr || cut == setting.npos)
        throw CLI::ValidationError("--set",
                                   "\"" + setting + "\" names no parameter; strata sysctl lists them");
      if (!set_parameter(*parameter, tcp, std::string_view(setting).substr(cut + 1)))
        throw CLI::ValidationError("--set", "\"" + setting + "\" is out of range; strata sysctl shows it");
    }
  };
  verb.add_option_function<std::vector<std::string>>("--set", take,
                                                     "A parameter of the stack; more than once")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->group("The stack");
}

void add_recording_options(CLI::App& verb, RecordingOptions& recording) {
  constexpr const char* kGroup = "What is recorded";
  auto* capture = verb.add_option("--pcap", recording.capture_file, "Write all frames to a pcapng file")
                      ->type_name("FILE")
                      ->group(kGroup);
  verb.add_flag("--pcap-split", recording.split_capture,
                "Write super-segments as the frames a wire would carry")
      ->needs(capture)
      ->group(kGroup);
  verb.add_flag("--trace", recording.trace, "Show every event of the stack, with its cause, on stderr")
      ->group(kGroup);
  verb.add_option("--trace-file", recording.trace_file, "Write these events to a file")
      ->type_name("FILE")
      ->group(kGroup);
}

void refuse(const char* option, const std::string& why) { throw CLI::ValidationError(option, why); }

/// What a stack would refuse without being able to say what would help.
void check_addresses(const NetworkOptions& options) {
  const auto of_family = [](const auto& list, Family family) {
    return std::ranges::count_if(list, [family](const auto& one) {
      if constexpr (requires { one.address; }) {
        return one.address.family() == family;
      } else {
        return one.family() == family;
      }
    });
  };
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const char* name = family == Family::ipv4 ? "IPv4" : "IPv6";
    if (of_family(options.addresses, family) > 1)
      refuse("--address",
             std::string("there are two of ") + name + ": leave one out, or give one of each family");
    if (of_family(options.gateways, family) > of_family(options.addresses, family))
      refuse("--gateway", std::string("there is no --address of ") + name + " to reach it from: give one");
  }
  if (of_family(options.addresses, Family::ipv6) > 0 && options.mtu != 0 && options.mtu < kIpv6MtuMin)
    refuse("--mtu",
           std::to_string(options.mtu) + " is too small for IPv6: give 1280 or more, or no address of IPv6");
  for (const IpAddress& gateway : options.gateways) {
    const bool on_link =
        gateway.is_link_local() ||
        std::ranges::any_of(options.addresses, [&](const Prefix& own) { return own.contains(gateway); });
    if (on_link) continue;
    const auto own = std::ranges::find(options.addresses, gateway.family(),
                                       [](const Prefix& prefix) { return prefix.address.family(); });
    refuse("--gateway",
           to_string(gateway) + " is not on the link: give a router inside " + to_string(own->network()));
  }
}

}  // namespace

void add_network_options(CLI::App& verb, NetworkOptions& options) {
  add_source_options(verb, options);
  add_parameter_option(verb, options.tcp);
  add_fault_options(verb, options.faults);
  add_recording_options(verb, options.recording);
}

void check_network_options(const NetworkOptions& options) {
  if (!options.is_private && options.tap.empty()) {
    throw CLI::ValidationError("no network", "say --private, or --tap NAME --address ADDR/N");
  }
  check_addresses(options);
  if (!options.is_private && !options.peer.empty()) {
    throw CLI::ValidationError("a command after --", "it can run as the peer only with --private");
  }
}

}  // namespace strata::tools
