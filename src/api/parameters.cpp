#include "strata/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <type_traits>

namespace strata {
namespace {

using Values = Parameter::Values;
constexpr std::int64_t kIntMax = 0x7fff'ffff;

/// A plain number or flag of TcpConfig.
template <auto Member>
Values get_number(const TcpConfig& config) {
  return {static_cast<std::int64_t>(config.*Member)};
}
template <auto Member>
void set_number(TcpConfig& config, const Values& values) {
  auto& field = config.*Member;
  field = static_cast<std::remove_reference_t<decltype(field)>>(values[0]);
}
/// A time, in units of `Nanos`.
template <auto Member, std::int64_t Nanos>
Values get_time(const TcpConfig& config) {
  return {(config.*Member).count_nanos() / Nanos};
}
template <auto Member, std::int64_t Nanos>
void set_time(TcpConfig& config, const Values& values) {
  config.*Member = Duration::nanos(values[0] * Nanos);
}
constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

Values get_ports(const TcpConfig& config) { return {config.port_first, config.port_last}; }
void set_ports(TcpConfig& config, const Values& values) {
  config.port_first = static_cast<std::uint16_t>(values[0]);
  config.port_last = static_cast<std::uint16_t>(values[1]);
}

Values get_tail_probes(const TcpConfig& config) { return {config.tail_probes ? 3 : 0}; }
void set_tail_probes(TcpConfig& config, const Values& values) { config.tail_probes = values[0] >= 3; }
Values get_frto(const TcpConfig& config) { return {config.frto ? 2 : 0}; }
void set_frto(TcpConfig& config, const Values& values) { config.frto = values[0] != 0; }

// Least that a connection may ask for, what it begins with, most.
Values get_send_buffers(const TcpConfig& config) {
  return {config.send_buffer_min, config.send_buffer, config.send_buffer_max};
}
void set_send_buffers(TcpConfig& config, const Values& values) {
  config.send_buffer_min = static_cast<std::uint32_t>(values[0]);
  config.send_buffer = static_cast<std::uint32_t>(values[1]);
  config.send_buffer_max = static_cast<std::uint32_t>(values[2]);
}
Values get_receive_buffers(const TcpConfig& config) {
  return {config.receive_buffer_min, config.receive_buffer, config.receive_buffer_max};
}
void set_receive_buffers(TcpConfig& config, const Values& values) {
  config.receive_buffer_min = static_cast<std::uint32_t>(values[0]);
  config.receive_buffer = static_cast<std::uint32_t>(values[1]);
  config.receive_buffer_max = static_cast<std::uint32_t>(values[2]);
}

Values get_memory(const TcpConfig& config) {
  return {config.memory.low, config.memory.pressure, config.memory.high};
}
void set_memory(TcpConfig& config, const Values& values) {
  config.memory = {.low = static_cast<std::uint32_t>(values[0]),
                   .pressure = static_cast<std::uint32_t>(values[1]),
                   .high = static_cast<std::uint32_t>(values[2])};
}

void set_fast_open(TcpConfig& config, const Values& values) {
  config.fast_open = static_cast<std::uint8_t>(values[0] & 5);
}

using C = TcpConfig;
constexpr Parameter kTable[] = {
    {"tcp_fin_timeout", "s", 1, 1, 86'400, "RFC 9293 §3.6", get_time<&C::fin_timeout, kSecond>,
     set_time<&C::fin_timeout, kSecond>},
    {"tcp_tw_timeout", "s", 1, 1, 86'400, "RFC 9293 §3.4.2", get_time<&C::time_wait, kSecond>,
     set_time<&C::time_wait, kSecond>},
    {"tcp_rto_initial_ms", "ms", 1, 1, 120'000, "RFC 6298 §2.1", get_time<&C::rto_initial, kMillisecond>,
     set_time<&C::rto_initial, kMillisecond>},
    {"tcp_rto_min_us", "us", 1, 1, kIntMax, "RFC 6298 §2.4", get_time<&C::rto_min, kMicrosecond>,
     set_time<&C::rto_min, kMicrosecond>},
    {"tcp_rto_max_ms", "ms", 1, 1'000, 120'000, "RFC 6298 §2.5", get_time<&C::rto_max, kMillisecond>,
     set_time<&C::rto_max, kMillisecond>},
    {"tcp_delack_ms", "ms", 1, 0, 500, "RFC 9293 §3.8.6.3", get_time<&C::delayed_ack, kMillisecond>,
     set_time<&C::delayed_ack, kMillisecond>},
    {"tcp_syn_retries", "tries", 1, 1, 127, "RFC 9293 §3.8.3", get_number<&C::syn_retries>,
     set_number<&C::syn_retries>},
    {"tcp_synack_retries", "tries", 1, 0, 255, "RFC 9293 §3.8.3", get_number<&C::synack_retries>,
     set_number<&C::synack_retries>},
    {"tcp_retries2", "tries", 1, 0, 254, "RFC 9293 §3.8.3", get_number<&C::retries2>,
     set_number<&C::retries2>},
    {"tcp_retries1", "tries", 1, 1, 255, "RFC 4821 §7.7", get_number<&C::retries1>, set_number<&C::retries1>},
    {"tcp_orphan_retries", "tries", 1, 0, 255, "", get_number<&C::orphan_retries>,
     set_number<&C::orphan_retries>},
    {"tcp_initial_cwnd", "segments", 1, 1, 1'000, "RFC 6928 §2", get_number<&C::initial_window_segments>,
     set_number<&C::initial_window_segments>},
    {"tcp_congestion_control", "word", 1, 0, kCongestionNames.size() - 1, "RFC 9438",
     get_number<&C::congestion_control>, set_number<&C::congestion_control>, kCongestionNames},
    {"tcp_pacing", "word", 1, 0, kPacingNames.size() - 1, "draft-ietf-ccwg-bbr §5.6.2",
     get_number<&C::pacing>, set_number<&C::pacing>, kPacingNames},
    {"tcp_pacing_ss_ratio", "percent", 1, 0, 1'000, "", get_number<&C::pacing_ss_ratio>,
     set_number<&C::pacing_ss_ratio>},
    {"tcp_pacing_ca_ratio", "percent", 1, 0, 1'000, "", get_number<&C::pacing_ca_ratio>,
     set_number<&C::pacing_ca_ratio>},
    {"tcp_rate_samples", "0 or 1", 1, 0, 1, "draft-ietf-ccwg-bbr §4.1", get_number<&C::rate_samples>,
     set_number<&C::rate_samples>},
    {"tcp_dsack", "0 or 1", 1, 0, 1, "RFC 2883 §4", get_number<&C::dsack>, set_number<&C::dsack>},
    // As in Linux; what its other values switched is history.
    {"tcp_early_retrans", "0 or 3", 1, 0, 4, "RFC 8985 §7", get_tail_probes, set_tail_probes},
    {"tcp_frto", "0 or 2", 1, 0, 2, "RFC 5682", get_frto, set_frto},
    {"tcp_wmem", "bytes", 3, 1, kIntMax, "", get_send_buffers, set_send_buffers},
    {"tcp_rmem", "bytes of window", 3, 1, 1 << 30, "RFC 7323 §2.3", get_receive_buffers, set_receive_buffers},
    {"tcp_moderate_rcvbuf", "0 or 1", 1, 0, 1, "RFC 9293 §3.8.6", get_number<&C::moderate_receive_buffer>,
     set_number<&C::moderate_receive_buffer>},
    {"tcp_mem", "pages of 4096 bytes", 3, 1, kIntMax, "", get_memory, set_memory},
    {"tcp_keepalive_time", "s", 1, 1, 32'767'000, "RFC 9293 §3.8.4", get_time<&C::keepalive_time, kSecond>,
     set_time<&C::keepalive_time, kSecond>},
    {"tcp_keepalive_intvl", "s", 1, 1, 32'767, "RFC 9293 §3.8.4", get_time<&C::keepalive_interval, kSecond>,
     set_time<&C::keepalive_interval, kSecond>},
    {"tcp_keepalive_probes", "tries", 1, 1, 127, "RFC 9293 §3.8.4", get_number<&C::keepalive_probes>,
     set_number<&C::keepalive_probes>},
    {"tcp_invalid_ratelimit", "ms", 1, 0, kIntMax, "RFC 5961 §7",
     get_time<&C::invalid_ratelimit, kMillisecond>, set_time<&C::invalid_ratelimit, kMillisecond>},
    {"somaxconn", "connections", 1, 1, 65'535, "", get_number<&C::backlog_max>, set_number<&C::backlog_max>},
    {"tcp_max_syn_backlog", "connections", 1, 1, kIntMax, "RFC 4987 §3.1", get_number<&C::syn_queue_max>,
     set_number<&C::syn_queue_max>},
    {"ip_local_port_range", "port", 2, 1, 65'535, "RFC 6056 §3.2", get_ports, set_ports},
    // 0: routers are believed; 1: no DF, `min_pmtu` on an error; 2: no DF, errors ignored; 3: TCP's only.
    {"ip_no_pmtu_disc", "0 to 3", 1, 0, 3, "RFC 1191 §6", get_number<&C::path_mtu_rule>,
     set_number<&C::path_mtu_rule>},
    {"min_pmtu", "bytes", 1, 68, 65'535, "RFC 1191 §3", get_number<&C::min_pmtu>, set_number<&C::min_pmtu>},
    {"mtu_expires", "s", 1, 1, 1'000'000, "RFC 1191 §6.3", get_time<&C::mtu_expires, kSecond>,
     set_time<&C::mtu_expires, kSecond>},
    {"ipfrag_time", "s", 1, 1, 3'600, "RFC 1122 §3.3.2", get_time<&C::fragment_time, kSecond>,
     set_time<&C::fragment_time, kSecond>},
    {"tcp_mtu_probing", "0, 1 or 2", 1, 0, 2, "RFC 8899 §4.2", get_number<&C::mtu_probing>,
     set_number<&C::mtu_probing>},
    {"tcp_base_mss", "bytes", 1, 48, 65'535, "RFC 4821 §7.2", get_number<&C::base_mss>,
     set_number<&C::base_mss>},
    {"tcp_mtu_probe_floor", "bytes", 1, 48, 65'535, "RFC 4821 §7.7", get_number<&C::mtu_probe_floor>,
     set_number<&C::mtu_probe_floor>},
    {"tcp_probe_threshold", "bytes", 1, 1, 65'535, "RFC 4821 §7.3", get_number<&C::probe_threshold>,
     set_number<&C::probe_threshold>},
    {"tcp_probe_interval", "s", 1, 1, 1'000'000, "RFC 8899 §5.1.1", get_time<&C::probe_interval, kSecond>,
     set_time<&C::probe_interval, kSecond>},
    {"tcp_min_snd_mss", "bytes", 1, 48, 65'535, "RFC 9293 §3.7.1", get_number<&C::mss_min>,
     set_number<&C::mss_min>},
    {"tcp_min_tso_segs", "segments", 1, 1, 65'535, "", get_number<&C::burst_segments_min>,
     set_number<&C::burst_segments_min>},
    {"tcp_timestamps", "0 or 1", 1, 0, 1, "RFC 7323 §3", get_number<&C::timestamps>,
     set_number<&C::timestamps>},
    {"tcp_window_scaling", "0 or 1", 1, 0, 1, "RFC 7323 §2", get_number<&C::window_scaling>,
     set_number<&C::window_scaling>},
    {"tcp_sack", "0 or 1", 1, 0, 1, "RFC 2018 §2", get_number<&C::sack>, set_number<&C::sack>},
    // As in Linux; the server's bits (2 and more) are not there.
    {"tcp_fastopen", "bits", 1, 0, 5, "RFC 7413 §4.2.1", get_number<&C::fast_open>, set_fast_open},
    {"tcp_stdurg", "0 or 1", 1, 0, 1, "RFC 6093 §3.1", get_number<&C::stdurg>, set_number<&C::stdurg>},
    {"tcp_slow_start_after_idle", "0 or 1", 1, 0, 1, "RFC 5681 §4.1", get_number<&C::slow_start_after_idle>,
     set_number<&C::slow_start_after_idle>},
    // 0: off; 1: asked for and accepted; 2: accepted; 3 to 5: AccECN both ways, accepted and RFC 3168 asked
    // for, accepted.
    {"tcp_ecn", "0 to 5", 1, 0, 5, "RFC 9768 §3.1", get_number<&C::ecn>, set_number<&C::ecn>},
    // 0: never; 1: as rarely as allowed; 2: with all that is new; 3: even where it seems to get lost.
    {"tcp_ecn_option", "0 to 3", 1, 0, 3, "RFC 9768 §3.2.3.3", get_number<&C::ecn_option>,
     set_number<&C::ecn_option>},
    {"tcp_ecn_option_beacon", "per round trip", 1, 0, 63, "RFC 9768 §3.2.3.3",
     get_number<&C::ecn_option_beacon>, set_number<&C::ecn_option_beacon>},
    {"tcp_ecn_fallback", "0 or 1", 1, 0, 1, "RFC 3168 §6.1.1.1", get_number<&C::ecn_fallback>,
     set_number<&C::ecn_fallback>},
    {"tcp_challenge_ack_limit", "per second", 1, 0, kIntMax, "RFC 5961 §7",
     get_number<&C::challenge_acks_per_second>, set_number<&C::challenge_acks_per_second>},

    // FreeBSD's; there they are called net.inet.tcp.insecure_rst and so on.
    {"tcp_keepinit", "ms", 1, 0, kIntMax, "RFC 9293 §3.8.3", get_time<&C::keepinit, kMillisecond>,
     set_time<&C::keepinit, kMillisecond>},
    {"tcp_insecure_rst", "0 or 1", 1, 0, 1, "RFC 5961 §3.2", get_number<&C::insecure_rst>,
     set_number<&C::insecure_rst>},
    {"tcp_insecure_syn", "0 or 1", 1, 0, 1, "RFC 5961 §4.2", get_number<&C::insecure_syn>,
     set_number<&C::insecure_syn>},
    {"tcp_ecn_maxretries", "tries", 1, 0, 255, "RFC 3168 §6.1.1.1", get_number<&C::ecn_retries>,
     set_number<&C::ecn_retries>},
    // 0: taken; 1: dropped by listeners; 2: dropped in every state.
    {"tcp_drop_synfin", "0, 1 or 2", 1, 0, 2, "RFC 9293 §3.10.7.2", get_number<&C::syn_fin>,
     set_number<&C::syn_fin>},
    {"tcp_rexmit_drop_options", "0 or 1", 1, 0, 1, "", get_number<&C::rexmit_drop_options>,
     set_number<&C::rexmit_drop_options>},
    {"tcp_tolerate_missing_ts", "0 or 1", 1, 0, 1, "RFC 7323 §3.2", get_number<&C::tolerate_missing_ts>,
     set_number<&C::tolerate_missing_ts>},

    // Habits without a name elsewhere.
    {"tcp_mss_clamp", "bytes", 1, 0, 65'535, "RFC 9293 §3.7.1", get_number<&C::mss_clamp>,
     set_number<&C::mss_clamp>},
    {"tcp_confirm_path_mtu", "0 or 1", 1, 0, 1, "RFC 5927 §7.2", get_number<&C::confirm_path_mtu>,
     set_number<&C::confirm_path_mtu>},
    {"tcp_reset_syn_ack", "0 or 1", 1, 0, 1, "RFC 9293 §3.10.7.2", get_number<&C::reset_syn_ack>,
     set_number<&C::reset_syn_ack>},
    {"tcp_ecn_control", "0 or 1", 1, 0, 1, "RFC 8311 §4.3", get_number<&C::ecn_control>,
     set_number<&C::ecn_control>},
    {"tcp_ecn_crossed_syn", "0 or 1", 1, 0, 1, "RFC 3168 §6.1.1", get_number<&C::ecn_crossed_syn>,
     set_number<&C::ecn_crossed_syn>},
    {"tcp_repeat_fin", "0 or 1", 1, 0, 1, "RFC 9293 §3.6", get_number<&C::repeat_fin>,
     set_number<&C::repeat_fin>},
};

/// `net.ipv4.tcp_sack` and `net/ipv4/tcp_sack` end in the name.
std::string_view last_part(std::string_view name) {
  const std::size_t cut = name.find_last_of("./");
  return cut == name.npos ? name : name.substr(cut + 1);
}

std::optional<std::int64_t> next_number(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == text.npos) return std::nullopt;
  text.remove_prefix(begin);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<std::int64_t> next_word(std::string_view& text, std::span<const std::string_view> words) {
  constexpr std::string_view kBlanks = " \t\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
  const auto found = std::ranges::find(words, text.substr(begin, end - begin));
  if (found == words.end()) return std::nullopt;
  text.remove_prefix(end);
  return found - words.begin();
}

struct Profile {
  std::string_view name;
  void (*apply)(TcpConfig& config);
};

/// What Linux 6.x has, where it differs. Its send buffer begins smaller; ours has its full size at once.
void apply_linux(TcpConfig& config) {
  config.send_buffer = 4U << 20;
  config.send_buffer_max = 8U << 20;
  config.receive_buffer_max = 6U << 20;
  config.push_bursts = true;
  config.fast_open = 1;
  config.mtu_probing = MtuProbing::never;
  config.confirm_path_mtu = false;
  config.retries1 = 3;
  config.send_rule = TcpSendRule::memory;
}

/// What FreeBSD 14 has, where it differs.
void apply_freebsd(TcpConfig& config) {
  config.send_buffer = 32 * 1024;
  config.send_buffer_max = config.receive_buffer_max = 2U << 20;
  config.rto_min = Duration::millis(30);
  config.quick_acks = 0;
  config.mtu_probing = MtuProbing::never;
  config.confirm_path_mtu = false;
  config.window_rule = TcpWindowRule::room;
  config.option_order = TcpOptionOrder::freebsd_like;
  config.rto_max = Duration::seconds(64);
  config.syn_retries = 12;
  config.retries2 = 12;
  config.synack_retries = 3;
  config.keepinit = Duration::seconds(75);
  config.syn_fin = TcpSynFin::taken;
  config.reset_syn_ack = false;
  config.repeat_fin = true;
  config.ecn_retries = 1;
  config.ecn_crossed_syn = true;
  config.port_first = 10'000;
  config.port_last = 65'535;
}

constexpr Profile kProfiles[] = {{"linux", apply_linux}, {"freebsd", apply_freebsd}};
constexpr std::string_view kProfileNames[] = {kProfiles[0].name, kProfiles[1].name};

}  // namespace

std::span<const Parameter> parameters() { return kTable; }

const Parameter* find_parameter(std::string_view name) {
  const auto* const found = std::ranges::find(kTable, last_part(name), &Parameter::name);
  return found == std::end(kTable) ? nullptr : found;
}

std::string value_text(const Parameter& parameter, const TcpConfig& config) {
  const Values values = parameter.get(config);
  if (!parameter.names.empty()) return std::string(parameter.names[static_cast<std::size_t>(values[0])]);
  std::string text;
  for (std::size_t i = 0; i < parameter.count; ++i) text += (i == 0 ? "" : " ") + std::to_string(values[i]);
  return text;
}

Result<void> set_parameter(const Parameter& parameter, TcpConfig& config, std::string_view text) {
  Values values{};
  for (std::size_t i = 0; i < parameter.count; ++i) {
    const std::optional<std::int64_t> number =
        parameter.names.empty() ? next_number(text) : next_word(text, parameter.names);
    if (!number || *number < parameter.least || *number > parameter.most) return Err{Errc::invalid_argument};
    values[i] = *number;
  }
  const bool ordered = std::is_sorted(values.begin(), values.begin() + parameter.count);
  if (text.find_first_not_of(" \t\n") != text.npos || !ordered) return Err{Errc::invalid_argument};
  parameter.set(config, values);
  return {};
}

std::optional<TcpConfig> profile_config(std::string_view name) {
  const auto* const found = std::ranges::find(kProfiles, name, &Profile::name);
  if (found == std::end(kProfiles)) return std::nullopt;
  TcpConfig config;
  found->apply(config);
  return config;
}

std::span<const std::string_view> profile_names() { return kProfileNames; }

}  // namespace strata
