#include "sim/drill/settings.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "strata/parameters.hpp"

namespace strata::drill {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

using Setter = bool (*)(std::string_view value, Settings& to);

bool set_micros(std::string_view value, Duration& to) {
  constexpr std::int64_t kMax = 1'000'000'000'000;
  const auto micros = whole_number(value);
  if (!micros || *micros > kMax) return false;
  to = Duration::micros(*micros);
  return true;
}

bool set_address(std::string_view value, IpAddress& to) {
  const auto address = parse_address(value);
  if (address) to = *address;
  return address.has_value();
}

bool set_mtu(std::string_view value, Settings& to) {
  constexpr std::int64_t kMin = 68;  // RFC 791 §3.2
  const auto mtu = whole_number(value);
  if (!mtu || *mtu < kMin || *mtu > 0xffff) return false;
  to.link.mtu = static_cast<std::size_t>(*mtu);
  return true;
}

bool set_port(std::string_view value, Settings& to) {
  const auto port = whole_number(value);
  if (!port || *port == 0 || *port > 0xffff) return false;
  to.ends.port = static_cast<std::uint16_t>(*port);
  return true;
}

/// Permille of a percentage such as `12.5`.
bool set_percent(std::string_view value, Settings& to) {
  const std::size_t point = value.find('.');
  const auto whole = whole_number(value.substr(0, point));
  const auto tenth = point == value.npos ? 0 : whole_number(value.substr(point + 1, 1)).value_or(0);
  if (!whole || *whole > 100) return false;
  to.tolerance_permille = *whole * 10 + tenth;
  return true;
}

bool set_non_fatal(std::string_view value, Settings& to) {
  to.packets_may_differ = value.find("packet") != value.npos;
  to.calls_may_differ = value.find("syscall") != value.npos;
  return to.packets_may_differ || to.calls_may_differ;
}

bool set_ip_version(std::string_view value, Settings& to) {
  if (value == "ipv6") use_ipv6(to);
  return value == "ipv4" || value == "ipv6";
}

constexpr std::array<std::pair<std::string_view, Setter>, 14> kOptions = {{
    {"tolerance_usecs", [](std::string_view v, Settings& to) { return set_micros(v, to.tolerance); }},
    {"tolerance_percent", set_percent},
    {"tcp_ts_tick_usecs", [](std::string_view v, Settings& to) { return set_micros(v, to.timestamp_tick); }},
    {"tcp_ts_ecr_scaled", [](std::string_view, Settings&) { return true; }},
    {"local_ip", [](std::string_view v, Settings& to) { return set_address(v, to.ends.local); }},
    {"remote_ip", [](std::string_view v, Settings& to) { return set_address(v, to.ends.remote); }},
    {"netmask_ip", [](std::string_view, Settings&) { return true; }},
    {"gateway_ip", [](std::string_view, Settings&) { return true; }},
    {"bind_port", set_port},
    {"connect_port", set_port},
    {"ip_version", set_ip_version},
    {"mtu", set_mtu},
    {"strict_segments",
     [](std::string_view, Settings& to) {
       to.strict_segments = true;
       return true;
     }},
    {"non_fatal", set_non_fatal},
}};

}  // namespace

std::optional<Profile> parse_profile(std::string_view name) {
  if (name == "linux") return Profile::linux;
  if (name == "freebsd") return Profile::freebsd;
  return std::nullopt;
}

Settings settings_of(Profile profile, bool exact) {
  constexpr std::uint32_t kMebibyte = 1U << 20;
  Settings settings;
  // A script has a handful of connections; a small machine is made in no time.
  settings.stack.buffers = {
      .block_size = 2048, .blocks_max = 16384, .packets_max = 4096, .queue_nodes_max = 4096};
  settings.stack.tables.connections_max = 256;
  settings.stack.tables.time_wait_max = 256;
  settings.stack.tables.listeners_max = 64;
  settings.stack.tables.udp_sockets_max = 16;
  settings.stack.tables.routes_max = 16;
  settings.stack.tables.neighbors_max = 16;
  settings.stack.ipv6.dad_transmits = 0;
  const bool is_linux = profile == Profile::linux;
  settings.stack.tcp = *profile_config(is_linux ? "linux" : "freebsd");
  // Scripts are judged by what leaves, not by how a window grows: it has its full size at once.
  settings.stack.tcp.moderate_receive_buffer = false;
  settings.stack.tcp.receive_buffer = settings.stack.tcp.receive_buffer_max;
  if (is_linux) {
    settings.link.gso_max = 65535 - 120;
    settings.link.checksum_offload_tx = true;
  } else {  // what its scripts set before each of them
    settings.stack.tcp.receive_buffer = 65536;
    settings.stack.tcp.window_scale_room = 2 * kMebibyte;
    settings.stack.tcp.send_buffer = 32768;
  }
  if (exact) {
    settings.tolerance = {};
    settings.tolerance_permille = 0;
  }
  return settings;
}

void use_ipv6(Settings& to) {
  to.ends.local = IpAddress::v6({0xfd, 0x77, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  to.ends.remote = IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

void apply_linux_defaults(Settings& to) {
  to.stack.tcp.receive_buffer = 15U << 20;
  to.stack.tcp.slow_start_after_idle = false;
  to.stack.tcp.syn_retries = 5;
  to.stack.tcp.synack_retries = 5;
}

std::optional<ScriptError> apply_option(const OptionLine& option, Settings& to) {
  for (const auto& [name, set] : kOptions) {
    if (name != option.name) continue;
    if (set(option.value, to)) return std::nullopt;
    break;
  }
  const std::string text = "--" + option.name + (option.value.empty() ? "" : "=" + option.value);
  return ScriptError{.trouble = Trouble::unsupported, .at = option.at, .what = "the option " + text};
}

}  // namespace strata::drill
