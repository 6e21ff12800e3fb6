// The options that all verbs with a network share: where it comes from, what it suffers, what is kept of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "strata/address.hpp"
#include "strata/config.hpp"
#include "strata/time.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {

/// A bad cable, the same in both directions; probabilities in parts per million.
struct Faults {
  std::uint32_t loss_ppm = 0;
  std::uint32_t mark_ppm = 0;
  std::uint32_t duplicate_ppm = 0;
  std::uint32_t reorder_ppm = 0;
  std::uint32_t corrupt_ppm = 0;
  Duration delay;
  std::uint64_t rate_bits_per_second = 0;
  std::uint64_t seed = 1;

  bool any() const {
    return loss_ppm != 0 || mark_ppm != 0 || duplicate_ppm != 0 || reorder_ppm != 0 || corrupt_ppm != 0 ||
           delay != Duration() || rate_bits_per_second != 0;
  }
};

struct RecordingOptions {
  std::string capture_file;
  bool split_capture = false;
  bool trace = false;
  std::string trace_file;
};

struct NetworkOptions {
  bool is_private = false;
  std::string tap;
  std::vector<Prefix> addresses;  ///< at most one of each family
  std::vector<IpAddress> gateways;
  bool offload = true;
  std::size_t mtu = 0;  ///< 0: the device's own
  TcpConfig tcp;        ///< the stack's parameters
  Faults faults;
  RecordingOptions recording;
  PeerCommand peer;
};

/// Adds the options to a verb; `options` must live as long as the verb.
void add_network_options(CLI::App& verb, NetworkOptions& options);
/// Throws CLI::ValidationError when the options contradict each other.
void check_network_options(const NetworkOptions& options);

}  // namespace strata::tools
