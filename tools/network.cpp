// Builds the chain from the wire upwards: device, capture tap, bad cable or splitter, stack.
#include "tools/network.hpp"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace strata::tools {
namespace {

constexpr Duration kHousekeeping = Duration::millis(100);
constexpr Duration kDrainLimit = Duration::seconds(2);

/// A locally administered address that two stacks on one link share only when they share the IP address.
MacAddress mac_for(const IpAddress& address) {
  const auto& octets = address.octets();
  return {{0x02, 0x00, octets[12], octets[13], octets[14], octets[15]}};
}

/// The user says which addresses are ours; nobody waits for a second until a link has confirmed it.
Config config_of_tool(const NetworkOptions& options) {
  Config config{.tcp = options.tcp};
  config.ipv6.dad_transmits = 0;
  return config;
}

std::vector<Prefix> addresses_of(const NetworkOptions& options) {
  if (!options.is_private) return options.addresses;
  const PrivateNetworkOptions made;
  std::vector<Prefix> both{made.address};
  // RFC 8200 §5: a smaller link cannot have it.
  if (options.mtu == 0 || options.mtu >= 1280) both.push_back(made.address6);
  return both;
}

}  // namespace

SystemResult<std::unique_ptr<Network>> Network::open(const NetworkOptions& options) {
  auto reactor = Reactor::create();
  if (!reactor) return Err<SystemError>(reactor.error());
  std::unique_ptr<Network> network(new Network(options, std::move(*reactor)));
  if (auto done = network->set_up(); !done) return Err<SystemError>(done.error());
  return network;
}

Network::Network(const NetworkOptions& options, Reactor reactor)
    : options_(options),
      prefixes_(addresses_of(options)),
      stack_(config_of_tool(options), host_entropy()),
      reactor_(std::move(reactor)),
      wall_clock_offset_(strata::wall_clock_offset()) {}

std::optional<IpAddress> Network::address_towards(const IpAddress& peer) const {
  for (const Prefix& own : prefixes_) {
    if (own.address.family() == peer.family()) return own.address;
  }
  return std::nullopt;
}

SystemResult<void> Network::set_up() {
  if (auto done = open_device(); !done) return done;
  auto recording = Recording::create(options_.recording, device().name());
  if (!recording) return Err<SystemError>(recording.error());
  recording_ = std::move(*recording);
  if (recording_->traces()) stack_.set_trace(recording_->trace_sink());
  if (auto done = build_chain(); !done) return done;
  if (auto done = reactor_.stop_on_signals(); !done) return done;
  if (auto done = open_control(); !done) return done;
  housekeeping_.emplace(reactor_, kHousekeeping, [this] { recorded_ = recording_->flush(); });
  return {};
}

SystemResult<void> Network::open_device() {
  if (options_.is_private) {
    PrivateNetworkOptions wanted;
    wanted.offload = options_.offload;
    auto made = PrivateNetwork::create(wanted);
    if (!made) return Err<SystemError>(made.error());
    private_.emplace(std::move(*made));
    return {};
  }
  TapOptions wanted{.name = options_.tap, .offload = options_.offload, .mtu = {}, .kernel_address = {}};
  if (options_.mtu != 0) wanted.mtu = options_.mtu;
  auto opened = NetDevice::open_tap(wanted);
  if (!opened) return Err<SystemError>(opened.error());
  tap_.emplace(std::move(*opened));
  return {};
}

SystemResult<void> Network::build_chain() {
  if (!recording_->captures()) return put_on(device());
  tapped_.emplace(device(), recording_->capture_sink(),
                  CaptureTapOptions{.split = options_.recording.split_capture});
  return put_on(*tapped_);
}

/// For `strata sysctl --pid` and its kind. A machine on which it cannot be has its network all the same.
SystemResult<void> Network::open_control() {
  auto opened = control::Server::open(stack_);
  if (!opened) {
    fmt::print(stderr, "strata: this process cannot be asked by --pid: {}\n", opened.error().text);
    return {};
  }
  control_.emplace(std::move(*opened));
  const auto run = [](void* server) { static_cast<control::Server*>(server)->run(); };
  return reactor_.watch(control_->fd(), {&*control_, run});
}

template <class D>
SystemResult<void> Network::put_on(D& device) {
  if (options_.faults.any()) return attach(upper_.emplace<FaultDevice<D>>(device, fault_config()));
  if (device.capabilities().gso_max == 0) return attach(upper_.emplace<SplitDevice<D>>(device));
  return attach(device);
}

template <class D>
SystemResult<void> Network::attach(D& top) {
  LinkCapabilities link = top.capabilities();
  if (options_.mtu != 0) link.mtu = options_.mtu;
  const MacAddress mac = private_ ? private_->options().mac : mac_for(address());
  const auto nic = stack_.add_interface({.mac = mac, .link = link, .addresses = prefixes_});
  if (!nic) return Err<SystemError>({0, "no interface: " + std::string(describe(nic.error()))});
  for (const IpAddress& gateway : options_.gateways) {
    const Route route{.destination = {IpAddress::any(gateway.family()), 0}, .gateway = gateway, .nic = *nic};
    if (const auto added = stack_.add_route(route); !added) {
      return Err<SystemError>(
          {0, "no route through " + to_string(gateway) + ": " + std::string(describe(added.error()))});
    }
  }
  return reactor_.attach(stack_, *nic, top, device());
}

FaultConfig Network::fault_config() const {
  const Faults& faults = options_.faults;
  ImpairmentConfig cable;
  cable.rate_bits_per_second = faults.rate_bits_per_second;
  cable.delay = faults.delay;
  cable.loss_ppm = faults.loss_ppm;
  cable.mark.ppm = faults.mark_ppm;
  cable.duplicate_ppm = faults.duplicate_ppm;
  cable.reorder_ppm = faults.reorder_ppm;
  cable.corrupt_ppm = faults.corrupt_ppm;
  return {.out = cable, .in = cable, .seed = faults.seed};
}

std::string Network::description() const {
  if (private_) return private_->description();
  return "the TAP device " + tap_->name();
}

http::Now Network::now() const {
  const Instant now = reactor_.now();
  return {now, (now + wall_clock_offset_).count_nanos() / 1'000'000'000};
}

SystemResult<std::unique_ptr<Peer>> Network::start_peer() {
  if (options_.peer.empty()) return nullptr;
  auto started = private_->run(options_.peer);
  if (!started) return Err<SystemError>(started.error());
  return std::make_unique<Peer>(reactor_, std::move(*started));
}

void Network::drain() {
  const Instant limit = monotonic_now() + kDrainLimit;
  // Housekeeping wakes us often enough to see the limit pass; what goes wrong now is of no interest to
  // anybody.
  [[maybe_unused]] const auto ended =
      reactor_.run_until([&] { return stack_.connection_count() == 0 || reactor_.now() >= limit; });
}

SystemResult<void> Network::close_recordings() { return recording_->close(); }

}  // namespace strata::tools
