// Parameters of both systems by their own names, and what they are called here.
#include <algorithm>

#include <charconv>
#include <limits>
#include <span>

#include "sim/drill/settings.hpp"

namespace strata::drill {
namespace {

using Numbers = std::vector<std::int64_t>;
using Setter = bool (*)(const Numbers& values, TcpConfig& to);

struct Row {
  std::string_view name;
  Setter set;  ///< null: irrelevant
};

Duration seconds(const Numbers& values) { return Duration::seconds(values[0]); }
Duration millis(const Numbers& values) { return Duration::millis(values[0]); }

template <class T>
bool assign(std::int64_t value, T& to) {
  if (value < 0 || static_cast<std::uint64_t>(value) > std::numeric_limits<T>::max()) return false;
  to = static_cast<T>(value);
  return true;
}

/// The third of minimum, default, maximum.
bool assign_largest(const Numbers& values, std::uint32_t& to) {
  return values.size() == 3 && assign(values[2], to);
}

bool is_zero(const Numbers& values, TcpConfig&) { return values[0] == 0; }

bool set(Duration& to, Duration value) {
  to = value;
  return true;
}

constexpr Row kLinux[] = {
    {"tcp_timestamps",
     [](const Numbers& v, TcpConfig& to) {
       to.timestamps = v[0] != 0;
       return true;
     }},
    {"tcp_sack",
     [](const Numbers& v, TcpConfig& to) {
       to.sack = v[0] != 0;
       return true;
     }},
    {"tcp_window_scaling",
     [](const Numbers& v, TcpConfig& to) {
       to.window_scaling = v[0] != 0;
       return true;
     }},
    {"tcp_rmem", [](const Numbers& v, TcpConfig& to) { return assign_largest(v, to.receive_buffer); }},
    {"tcp_wmem", [](const Numbers& v, TcpConfig& to) { return assign_largest(v, to.send_buffer); }},
    {"tcp_syn_retries", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.syn_retries); }},
    {"tcp_synack_retries", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.synack_retries); }},
    {"tcp_retries2", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.retries2); }},
    {"tcp_orphan_retries", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.orphan_retries); }},
    {"tcp_fin_timeout", [](const Numbers& v, TcpConfig& to) { return set(to.fin_timeout, seconds(v)); }},
    {"tcp_keepalive_time",
     [](const Numbers& v, TcpConfig& to) { return set(to.keepalive_time, seconds(v)); }},
    {"tcp_keepalive_intvl",
     [](const Numbers& v, TcpConfig& to) { return set(to.keepalive_interval, seconds(v)); }},
    {"tcp_keepalive_probes",
     [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.keepalive_probes); }},
    {"tcp_invalid_ratelimit",
     [](const Numbers& v, TcpConfig& to) { return set(to.invalid_ratelimit, millis(v)); }},
    {"tcp_challenge_ack_limit",
     [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.challenge_acks_per_second); }},
    {"tcp_ecn", [](const Numbers& v, TcpConfig&) { return v[0] == 0 || v[0] == 2; }},
    {"tcp_fastopen", is_zero},
    {"tcp_min_tso_segs", nullptr},
    {"tcp_tso_win_divisor", nullptr},
    {"tcp_moderate_rcvbuf", nullptr},
    {"tcp_no_metrics_save", nullptr},
    {"tcp_syncookies", nullptr},
    {"tcp_pacing_ss_ratio", nullptr},
    {"tcp_pacing_ca_ratio", nullptr},
};

constexpr Row kFreeBsd[] = {
    {"tcp.rfc1323",
     [](const Numbers& v, TcpConfig& to) {
       to.timestamps = to.window_scaling = v[0] != 0;
       return v[0] == 0 || v[0] == 1;
     }},
    {"tcp.sack.enable",
     [](const Numbers& v, TcpConfig& to) {
       to.sack = v[0] != 0;
       return true;
     }},
    {"tcp.recvspace", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.receive_buffer); }},
    {"tcp.sendspace", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.send_buffer); }},
    {"tcp.delacktime", [](const Numbers& v, TcpConfig& to) { return set(to.delayed_ack, millis(v)); }},
    {"tcp.rexmit_initial", [](const Numbers& v, TcpConfig& to) { return set(to.rto_initial, millis(v)); }},
    {"tcp.rexmit_min", [](const Numbers& v, TcpConfig& to) { return set(to.rto_min, millis(v)); }},
    {"tcp.keepidle", [](const Numbers& v, TcpConfig& to) { return set(to.keepalive_time, millis(v)); }},
    {"tcp.keepintvl", [](const Numbers& v, TcpConfig& to) { return set(to.keepalive_interval, millis(v)); }},
    {"tcp.keepcnt", [](const Numbers& v, TcpConfig& to) { return assign(v[0], to.keepalive_probes); }},
    {"tcp.msl", [](const Numbers& v, TcpConfig& to) { return set(to.time_wait, millis(v) * 2); }},
    {"tcp.ecn.enable", [](const Numbers& v, TcpConfig&) { return v[0] == 0 || v[0] == 2; }},
    {"tcp.blackhole", is_zero},
    {"tcp.insecure_rst", is_zero},
    {"tcp.insecure_syn", is_zero},
    {"tcp.drop_synfin", is_zero},
    {"tcp.rexmit_drop_options", is_zero},
    {"tcp.syncookies_only", is_zero},
    {"tcp.syncookies", nullptr},
    {"tcp.rexmit_slop", nullptr},
    {"tcp.hostcache.purgenow", nullptr},
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

SysctlOutcome apply(std::span<const Row> table, std::string_view name, std::string_view value,
                    TcpConfig& to) {
  const auto row = std::ranges::find(table, name, &Row::name);
  if (row == table.end()) return SysctlOutcome::unsupported;
  if (row->set == nullptr) return SysctlOutcome::irrelevant;
  const auto numbers = numbers_of(value);
  return numbers && row->set(*numbers, to) ? SysctlOutcome::applied : SysctlOutcome::unsupported;
}

}  // namespace

SysctlOutcome apply_sysctl(std::string_view name, std::string_view value, Settings& to) {
  constexpr std::string_view kIpv4 = "net.ipv4.";
  constexpr std::string_view kInet = "net.inet.";
  if (name.starts_with(kIpv4)) return apply(kLinux, name.substr(kIpv4.size()), value, to.stack.tcp);
  if (name.starts_with(kInet)) return apply(kFreeBsd, name.substr(kInet.size()), value, to.stack.tcp);
  if (name == "kern.ipc.maxsockbuf") return SysctlOutcome::irrelevant;
  return SysctlOutcome::unsupported;
}

}  // namespace strata::drill
