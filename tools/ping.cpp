// `strata ping ADDR`: ICMP echo from our stack (RFC 792), in the lines of ping(8).
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "tools/network.hpp"
#include "tools/quantity.hpp"
#include "tools/report.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

constexpr std::size_t kEchoHeader = 8;
constexpr Duration kLastReplyLimit = Duration::seconds(1);

struct PingOptions {
  std::string address;
  bool only_ipv4 = false;
  bool only_ipv6 = false;
  std::uint64_t count = 0;  ///< 0: until interrupted
  Duration interval = Duration::seconds(1);
  std::size_t size = 56;
  bool json = false;
  NetworkOptions network;
};

int fail(std::string_view text) { return report_failure("ping", text); }

struct Statistics {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t errors = 0;
  Duration shortest;
  Duration longest;
  Duration sum;

  void add(Duration rtt) {
    shortest = received == 0 ? rtt : std::min(shortest, rtt);
    longest = std::max(longest, rtt);
    sum = sum + rtt;
    ++received;
  }
  Duration average() const { return received == 0 ? Duration() : sum / static_cast<std::int64_t>(received); }
  std::uint64_t lost_percent() const { return sent == 0 ? 0 : (sent - received) * 100 / sent; }
};

struct Destination {
  IpAddress address;
  NicId zone = NicId::none;
};

/// `fe80::1%1` names the interface, which may be left out where there is one only.
std::optional<Destination> parse_destination(const std::string& text) {
  const std::size_t percent = text.find('%');
  const auto address = parse_address(text.substr(0, percent));
  if (!address) return std::nullopt;
  if (percent == std::string::npos) return Destination{*address};
  const std::string zone = text.substr(percent + 1);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  if (error != std::errc() || end != zone.data() + zone.size() || !address->needs_zone()) return std::nullopt;
  return Destination{*address, NicId{number}};
}

class Pinger {
 public:
  Pinger(Network& network, const Destination& to, const PingOptions& options)
      : network_(&network),
        to_(to),
        options_(&options),
        payload_(options.size),
        id_(static_cast<std::uint16_t>(::getpid())) {
    for (std::size_t i = 0; i < payload_.size(); ++i) payload_[i] = static_cast<std::uint8_t>(i);
    network_->stack().set_echo_hook({this, &Pinger::on_reply});
    network_->reactor().add_timer(monotonic_now(), {this, &Pinger::on_timer});
  }
  ~Pinger() { network_->stack().set_echo_hook({}); }
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;

  bool done() const {
    if (!error_.empty()) return true;
    if (!sent_all()) return false;
    return sent_at_.empty() || network_->reactor().now() >= last_sent_ + kLastReplyLimit;
  }
  const std::string& error() const { return error_; }
  const Statistics& statistics() const { return statistics_; }

 private:
  bool sent_all() const { return options_->count != 0 && statistics_.sent == options_->count; }

  static void on_timer(void* context) { static_cast<Pinger*>(context)->send(); }

  void send() {
    Reactor& reactor = network_->reactor();
    if (sent_all()) return;  // this timer was to look for the end
    const auto sequence = static_cast<std::uint16_t>(++statistics_.sent);
    last_sent_ = reactor.now();
    sent_at_[sequence] = last_sent_;
    const auto sent = network_->stack().send_echo(to_.address, id_, sequence, payload_, last_sent_, to_.zone);
    if (!sent) error_ = explain(sent.error(), {.address = to_.address});
    reactor.add_timer(last_sent_ + (sent_all() ? kLastReplyLimit : options_->interval),
                      {this, &Pinger::on_timer});
  }

  static void on_reply(void* context, const EchoReply& reply) {
    static_cast<Pinger*>(context)->receive(reply);
  }

  void receive(const EchoReply& reply) {
    if (reply.id != id_) return;
    const auto sent = sent_at_.find(reply.sequence);
    if (reply.unreachable) {
      ++statistics_.errors;
      print(
          fmt::format("From {}: icmp_seq={} destination unreachable", to_string(reply.from), reply.sequence));
      if (sent != sent_at_.end()) sent_at_.erase(sent);
      return;
    }
    const std::string what =
        fmt::format("{} bytes from {}: icmp_seq={} ttl={}", reply.payload_size + kEchoHeader,
                    to_string(reply.from), reply.sequence, reply.ttl);
    if (sent == sent_at_.end()) {
      ++statistics_.duplicates;
      return print(what + " (duplicate)");
    }
    const Duration rtt = network_->reactor().now() - sent->second;
    statistics_.add(rtt);
    sent_at_.erase(sent);
    print(what + " time=" + format_millis(rtt) + " ms");
  }

  void print(const std::string& line) const {
    if (options_->json) return;
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }

  Network* network_;
  Destination to_;
  const PingOptions* options_;
  std::vector<std::uint8_t> payload_;
  std::uint16_t id_;
  std::unordered_map<std::uint16_t, Instant> sent_at_;  // requests without an answer
  Instant last_sent_;
  Statistics statistics_;
  std::string error_;
};

void print_statistics(const Statistics& s, const PingOptions& options) {
  if (options.json) {
    const auto micros = [](Duration d) { return static_cast<std::uint64_t>(d.count_micros()); };
    fmt::print("{}\n", json_object({{"address", options.address},
                                    {"transmitted", s.sent},
                                    {"received", s.received},
                                    {"duplicates", s.duplicates},
                                    {"errors", s.errors},
                                    {"rtt_min_us", micros(s.shortest)},
                                    {"rtt_avg_us", micros(s.average())},
                                    {"rtt_max_us", micros(s.longest)}}));
    return;
  }
  fmt::print("\n--- {} ping statistics ---\n{} packets transmitted, {} received, {}% packet loss\n",
             options.address, s.sent, s.received, s.lost_percent());
  if (s.received > 0) {
    fmt::print("rtt min/avg/max = {}/{}/{} ms\n", format_millis(s.shortest), format_millis(s.average()),
               format_millis(s.longest));
  }
}

int ping(const PingOptions& options) {
  const auto to = parse_destination(options.address);
  if (!to)
    return fail(options.address + ": names need the resolver, which does not exist yet: give an address");
  if (options.only_ipv4 && !to->address.is_v4())
    return fail(options.address + " is not of IPv4: leave -4 out");
  if (options.only_ipv6 && to->address.is_v4())
    return fail(options.address + " is not of IPv6: leave -6 out");
  auto network = Network::open(options.network);
  if (!network) return fail(network.error().text);
  auto peer = (*network)->start_peer();
  if (!peer) return fail(peer.error().text);

  if (!options.json) {
    const auto own = (*network)->address_towards(to->address);
    fmt::print("PING {} from {}: {} data bytes\n", options.address, own ? to_string(*own) : "nowhere",
               options.size);
  }
  Pinger pinger(**network, *to, options);
  const auto ran = (*network)->run_until([&pinger] { return pinger.done(); });
  print_statistics(pinger.statistics(), options);

  int exit_code = pinger.statistics().received > 0 ? 0 : kFailed;
  if (!ran) exit_code = fail(ran.error().text);
  if (!pinger.error().empty()) exit_code = fail(pinger.error());
  if (*peer) {
    if (const auto ended = (*peer)->end(); !ended) exit_code = fail(ended.error().text);
  }
  if (const auto closed = (*network)->close_recordings(); ran && !closed)
    exit_code = fail(closed.error().text);
  return exit_code;
}

}  // namespace

void add_ping(CLI::App& app, const PeerCommand& peer, int& exit_code) {
  const auto options = std::make_shared<PingOptions>();
  options->network.peer = peer;
  CLI::App* verb = app.add_subcommand("ping", "Ask a host to echo");
  verb->add_option("ADDR", options->address, "The host's address")->required();
  auto* only_ipv4 = verb->add_flag("-4", options->only_ipv4, "Only by IPv4");
  verb->add_flag("-6", options->only_ipv6, "Only by IPv6")->excludes(only_ipv4);
  verb->add_option("-c", options->count, "Stop after so many requests")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  const auto take_interval = [options](const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed || *parsed <= Duration())
      throw CLI::ValidationError("-i", "\"" + text + "\" is not of the form 200ms");
    options->interval = *parsed;
  };
  verb->add_option_function<std::string>("-i", take_interval, "Time between two requests, as 200ms [1s]")
      ->type_name("T");
  verb->add_option("-s", options->size, "Bytes of data in a request")
      ->type_name("SIZE")
      ->check(CLI::Range(0, 65507))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "Print the statistics only, as JSON");
  add_network_options(*verb, options->network);
  verb->footer(
      "Example:\n"
      "  strata ping 10.77.0.1 -c 3 --private\n"
      "  strata ping fd77::1 -c 3 --private\n"
      "Exit code 0 when at least one answer came, also after Ctrl-C.");
  verb->callback([options, &exit_code] {
    check_network_options(options->network);
    exit_code = ping(*options);
  });
}

}  // namespace strata::tools
