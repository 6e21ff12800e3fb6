// Parameters of both systems by their own names, and what they are called here.
#include <algorithm>

#include <charconv>
#include <limits>
#include <span>

#include "sim/drill/settings.hpp"
#include "strata/parameters.hpp"

namespace strata::drill {
namespace {

using Numbers = std::vector<std::int64_t>;
using Setter = bool (*)(const Numbers& values, TcpConfig& to);

struct Row {
  std::string_view name;
  Setter set;
};

Duration millis(const Numbers& values) { return Duration::millis(values[0]); }

template <class T>
bool assign(std::int64_t value, T& to) {
  if (value < 0 || static_cast<std::uint64_t>(value) > std::numeric_limits<T>::max()) return false;
  to = static_cast<T>(value);
  return true;
}

/// What nothing here can do may be switched off.
bool is_off(const Numbers& values, TcpConfig&) { return values[0] == 0; }

bool set(Duration& to, Duration value) {
  to = value;
  return true;
}

template <bool TcpConfig::* Member>
bool set_flag(const Numbers& values, TcpConfig& to) {
  to.*Member = values[0] != 0;
  return true;
}

constexpr Row kFreeBsd[] = {
    {"tcp.rfc1323",
     [](const Numbers& v, TcpConfig& to) {
       to.timestamps = to.window_scaling = v[0] != 0;
       return v[0] == 0 || v[0] == 1;
     }},
    {"tcp.sack.enable", set_flag<&TcpConfig::sack>},
    {"tcp.recvspace", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.receive_buffer); }},
    {"tcp.sendspace", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.send_buffer); }},
    {"maxsockbuf", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.window_scale_room); }},
    {"tcp.delacktime", [](const Numbers& v, TcpConfig& to) { return set(to.delayed_ack, millis(v)); }},
    {"tcp.rexmit_initial", [](const Numbers& v, TcpConfig& to) { return set(to.rto_initial, millis(v)); }},
    {"tcp.rexmit_min", [](const Numbers& v, TcpConfig& to) { return set(to.rto_min, millis(v)); }},
    {"tcp.keepidle", [](const Numbers& v, TcpConfig& to) { return set(to.keepalive_time, millis(v)); }},
    {"tcp.keepintvl", [](const Numbers& v, TcpConfig& to) { return set(to.keepalive_interval, millis(v)); }},
    {"tcp.keepcnt", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.keepalive_probes); }},
    {"tcp.msl", [](const Numbers& v, TcpConfig& to) { return set(to.time_wait, millis(v) * 2); }},
    {"tcp.keepinit", [](const Numbers& v, TcpConfig& to) { return set(to.keepinit, millis(v)); }},
    {"tcp.drop_synfin",
     [](const Numbers& v, TcpConfig& to) {
       to.syn_fin = v[0] != 0 ? TcpSynFin::dropped : TcpSynFin::taken;
       return true;
     }},
    {"tcp.ecn.enable",  // 4 is what Linux calls 5
     [](const Numbers& v, TcpConfig& to) { return v[0] <= 4 && assign(v[0] == 4 ? 5 : v[0], to.ecn); }},
    {"tcp.ecn.maxretries", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.ecn_retries); }},
    {"tcp.insecure_rst", set_flag<&TcpConfig::insecure_rst>},
    {"tcp.insecure_syn", set_flag<&TcpConfig::insecure_syn>},
    {"tcp.rexmit_drop_options", set_flag<&TcpConfig::rexmit_drop_options>},
    {"tcp.tolerate_missing_ts", set_flag<&TcpConfig::tolerate_missing_ts>},
    {"tcp.blackhole", is_off},
    {"tcp.syncookies_only", is_off},
};

/// Known to their systems. What they switch is not there, or always on, or about memory and speed: a script
/// that depends on one of them sees so by its packets.
constexpr std::string_view kWithoutEffect[] = {
    "net.ipv4.tcp_abort_on_overflow",
    "net.ipv4.tcp_adv_win_scale",
    "net.ipv4.tcp_app_win",
    "net.ipv4.tcp_autocorking",
    "net.ipv4.tcp_backlog_ack_defer",
    "net.ipv4.tcp_comp_sack_delay_ns",
    "net.ipv4.tcp_comp_sack_nr",
    "net.ipv4.tcp_comp_sack_slack_ns",
    "net.ipv4.tcp_early_demux",
    "net.ipv4.tcp_fack",
    "net.ipv4.tcp_fastopen_blackhole_timeout_sec",
    "net.ipv4.tcp_fastopen_key",
    "net.ipv4.tcp_limit_output_bytes",
    "net.ipv4.tcp_low_latency",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_max_reordering",

    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_min_rtt_wlen",
    "net.ipv4.tcp_moderate_rcvbuf",
    "net.ipv4.tcp_no_metrics_save",
    "net.ipv4.tcp_no_ssthresh_metrics_save",
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_pacing_ca_ratio",
    "net.ipv4.tcp_pacing_ss_ratio",
    "net.ipv4.tcp_pingpong_thresh",
    "net.ipv4.tcp_plb_enabled",
    "net.ipv4.tcp_recovery",
    "net.ipv4.tcp_reflect_tos",
    "net.ipv4.tcp_reordering",
    "net.ipv4.tcp_retrans_collapse",
    "net.ipv4.tcp_rfc1337",
    "net.ipv4.tcp_shrink_window",
    "net.ipv4.tcp_syn_linear_timeouts",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_thin_linear_timeouts",
    "net.ipv4.tcp_tso_rtt_log",
    "net.ipv4.tcp_tso_win_divisor",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.tcp_workaround_signed_windows",
    "net.ipv4.route.flush",
    "net.core.default_qdisc",
    "net.core.optmem_max",
    "net.core.rmem_max",
    "net.core.wmem_max",

    "net.inet.tcp.cc.algorithm",
    "net.inet.tcp.delayed_ack",
    "net.inet.tcp.hostcache.enable",
    "net.inet.tcp.hostcache.purge",
    "net.inet.tcp.hostcache.purgenow",
    "net.inet.tcp.recvbuf_auto",
    "net.inet.tcp.rexmit_slop",
    "net.inet.tcp.sendbuf_auto",
    "net.inet.tcp.syncookies",
    "net.inet.tcp.tso",
};

std::optional<Numbers> numbers_of(std::string_view text) {
  Numbers numbers;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t,"), text.size()));
    if (text.empty()) break;
    std::int64_t value = 0;
    const bool hex = text.starts_with("0x");
    const char* const begin = text.data() + (hex ? 2 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value, hex ? 16 : 10);
    if (error != std::errc{}) return std::nullopt;
    numbers.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return numbers.empty() ? std::nullopt : std::optional(numbers);
}

SysctlOutcome apply_freebsd(std::string_view name, std::string_view value, TcpConfig& to) {
  const auto row = std::ranges::find(kFreeBsd, name, &Row::name);
  const auto numbers = numbers_of(value);
  const bool applied = row != std::end(kFreeBsd) && numbers && row->set(*numbers, to);
  return applied ? SysctlOutcome::applied : SysctlOutcome::unsupported;
}

/// Linux's parameters have their names here as well (`strata sysctl`).
SysctlOutcome apply_linux(std::string_view name, std::string_view value, TcpConfig& to) {
  const Parameter* parameter = find_parameter(name);
  const bool applied = parameter != nullptr && set_parameter(*parameter, to, value).has_value();
  if (applied && parameter->name == "tcp_rmem") {
    // Linux's buffer grows while a connection runs; ours has its full size at once.
    to.receive_buffer = to.receive_buffer_max;
  }
  return applied ? SysctlOutcome::applied : SysctlOutcome::unsupported;
}

}  // namespace

SysctlOutcome apply_sysctl(std::string_view name, std::string_view value, Settings& to) {
  constexpr std::string_view kInet = "net.inet.";
  TcpConfig& tcp = to.stack.tcp;
  if (std::ranges::find(kWithoutEffect, name) != std::end(kWithoutEffect)) return SysctlOutcome::irrelevant;
  if (name.starts_with(kInet)) return apply_freebsd(name.substr(kInet.size()), value, tcp);
  if (name == "kern.ipc.maxsockbuf") return apply_freebsd("maxsockbuf", value, tcp);
  return name.starts_with("net.") ? apply_linux(name, value, tcp) : SysctlOutcome::unsupported;
}

}  // namespace strata::drill
