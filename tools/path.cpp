// `strata path TAP1 TAP2`: a path between two TAP devices, with the delay, rate, queue and faults of the
// simulator's links: an emulator for any two programs, where the system has none.
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/pipe.hpp"
#include "strata/host.hpp"
#include "strata/net_device.hpp"
#include "strata/reactor.hpp"
#include "strata/stack.hpp"
#include "tools/quantity.hpp"
#include "tools/report.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

struct PathOptions {
  std::array<std::string, 2> taps;
  std::string delay = "0ms";
  std::string jitter = "0ms";
  std::string rate;
  std::string queue;
  std::string discipline = "tail-drop";
  std::string loss = "0%";
  std::string burst = "0%";
  std::string reorder = "0%";
  std::string reorder_delay = "2ms";
  std::string duplicate = "0%";
  std::string corrupt = "0%";
  std::string truncate = "0%";
  std::uint64_t seed = 1;
};

/// Every text was checked when the command line was read.
sim::PipeConfig pipe_config(const PathOptions& options) {
  sim::PipeConfig pipe;
  pipe.faults.delay = *parse_duration(options.delay);
  pipe.faults.jitter = *parse_duration(options.jitter);
  pipe.faults.loss_ppm = *parse_percent(options.loss);
  pipe.faults.burst.enter_ppm = *parse_percent(options.burst);
  pipe.faults.reorder_ppm = *parse_percent(options.reorder);
  pipe.faults.reorder_delay = *parse_duration(options.reorder_delay);
  pipe.faults.duplicate_ppm = *parse_percent(options.duplicate);
  pipe.faults.corrupt_ppm = *parse_percent(options.corrupt);
  pipe.truncate_ppm = *parse_percent(options.truncate);
  pipe.faults.frames_max = 64 * 1024;
  if (options.rate.empty()) return pipe;
  constexpr std::array kDisciplines{"tail-drop", "red", "codel", "fq-codel"};
  pipe.queue.rate_bits_per_second = *parse_rate(options.rate);
  if (!options.queue.empty()) pipe.queue.bytes_max = *parse_size(options.queue);
  for (std::size_t i = 0; i < kDisciplines.size(); ++i) {
    if (options.discipline == kDisciplines[i]) pipe.queue.discipline = static_cast<Discipline>(i);
  }
  return pipe;
}

/// One end, as a device that keeps its frames to itself: what arrives at the TAP enters the path, what has
/// come over the path leaves by the TAP. The stack above it never sees a frame.
class PathEnd {
 public:
  PathEnd(NetDevice& tap, sim::Pipe& away, sim::Pipe& here) : tap_(&tap), away_(&away), here_(&here) {}

  Packet receive(Stack& stack, Instant now) {
    for (int i = 0; i < kBurst; ++i) {
      Packet frame = tap_->receive(stack, now);
      if (!frame) break;
      away_->push(std::move(frame), now);
    }
    deliver(now);
    return {};
  }
  bool transmit(Packet& frame, Instant) {
    frame.reset();
    return true;
  }
  void flush() {}
  LinkCapabilities capabilities() const { return tap_->capabilities(); }
  Instant next_deadline() const { return refused_ ? retry_at_ : here_->next_deadline(); }

 private:
  static constexpr int kBurst = 64;
  static constexpr Duration kRetry = Duration::micros(100);

  /// A TAP that is full keeps nobody waiting for good.
  void deliver(Instant now) {
    if (!refused_) refused_ = here_->pop(now);
    while (refused_) {
      if (!tap_->transmit(refused_, now)) {
        retry_at_ = now + kRetry;
        return;
      }
      refused_ = here_->pop(now);
    }
  }

  NetDevice* tap_;
  sim::Pipe* away_;
  sim::Pipe* here_;
  Packet refused_;
  Instant retry_at_;
};

void print_counts(const std::string& from, const std::string& to, const sim::Pipe& pipe) {
  const Counters& faults = pipe.fault_counts();
  fmt::print(
      "{} to {}: {} frames, {} dropped by the queue, {} marked, {} lost, {} duplicated, {} reordered, {} "
      "corrupted, {} truncated\n",
      from, to, pipe.counts().offered, pipe.queue_counts().dropped, pipe.queue_counts().marked,
      faults[Counter::link_lost], faults[Counter::link_duplicated], faults[Counter::link_reordered],
      faults[Counter::link_corrupted], pipe.counts().truncated);
}

int run_path(const PathOptions& options) {
  // Memory for frames: the order matters, devices hold blocks of the stack.
  Config memory;
  memory.buffers.packets_max = 256 * 1024;
  memory.buffers.blocks_max = 256 * 1024;
  memory.tables = {.connections_max = 1, .time_wait_max = 1, .listeners_max = 1, .udp_sockets_max = 1};
  Stack stack(memory, Entropy::from_seed(options.seed));
  const sim::PipeConfig config = pipe_config(options);
  std::array pipes{sim::Pipe(config, options.seed), sim::Pipe(config, ~options.seed)};
  auto reactor = Reactor::create();
  if (!reactor) return report_failure("path", reactor.error().text);
  if (const auto caught = reactor->stop_on_signals(); !caught)
    return report_failure("path", caught.error().text);
  std::array<std::optional<NetDevice>, 2> taps;
  std::array<std::optional<PathEnd>, 2> ends;
  for (std::size_t i = 0; i < 2; ++i) {
    auto tap =
        NetDevice::open_tap({.name = options.taps[i], .offload = false, .mtu = {}, .kernel_address = {}});
    if (!tap) return report_failure("path", tap.error().text);
    taps[i].emplace(std::move(*tap));
    ends[i].emplace(*taps[i], pipes[i], pipes[1 - i]);
    const auto nic = stack.add_interface({.mac = {}, .link = ends[i]->capabilities(), .addresses = {}});
    if (!nic) return report_failure("path", "no interface: " + std::string(describe(nic.error())));
    if (const auto attached = reactor->attach(stack, *nic, *ends[i], *taps[i]); !attached)
      return report_failure("path", attached.error().text);
  }
  fmt::print("a path between {} and {}; ends with Ctrl-C\n", taps[0]->name(), taps[1]->name());
  std::fflush(stdout);
  const auto ended = reactor->run();
  for (std::size_t i = 0; i < 2; ++i) print_counts(taps[i]->name(), taps[1 - i]->name(), pipes[i]);
  return ended ? 0 : report_failure("path", ended.error().text);
}

/// Refuses what `parse` does not understand.
template <class Parse>
CLI::Option* add_checked(CLI::App& verb, const char* name, std::string& value, Parse parse, const char* type,
                         const char* help) {
  return verb.add_option(name, value, help)->type_name(type)->check([parse, type](const std::string& text) {
    return parse(text) ? std::string() : "expected " + std::string(type);
  });
}

}  // namespace

void add_path(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<PathOptions>();
  CLI::App* verb =
      app.add_subcommand("path", "Join two TAP devices by a path with delay, rate, queue and faults");
  verb->add_option("TAP1", options->taps[0], "A TAP device; created if there is none of this name")
      ->required();
  verb->add_option("TAP2", options->taps[1], "Another one")->required();
  add_checked(*verb, "--delay", options->delay, parse_duration, "T, as 20ms", "Time on the way");
  add_checked(*verb, "--jitter", options->jitter, parse_duration, "T, as 1ms",
              "Up to so much more; keeps the order");
  auto* rate =
      add_checked(*verb, "--rate", options->rate, parse_rate, "R, as 10mbit", "Bits per second, each way");
  add_checked(*verb, "--queue", options->queue, parse_size, "N, as 60kB", "Bytes that may wait for the rate")
      ->needs(rate);
  verb->add_option("--discipline", options->discipline, "Who waits, and who is dropped or marked")
      ->check(CLI::IsMember({"tail-drop", "red", "codel", "fq-codel"}))
      ->needs(rate);
  add_checked(*verb, "--loss", options->loss, parse_percent, "P%", "Frames that never arrive");
  add_checked(*verb, "--burst", options->burst, parse_percent, "P%",
              "Frames with which a burst of losses begins");
  add_checked(*verb, "--reorder", options->reorder, parse_percent, "P%", "Frames that arrive late,");
  add_checked(*verb, "--reorder-delay", options->reorder_delay, parse_duration, "T, as 2ms",
              "by so much at most");
  add_checked(*verb, "--duplicate", options->duplicate, parse_percent, "P%", "Frames that arrive twice");
  add_checked(*verb, "--corrupt", options->corrupt, parse_percent, "P%", "Frames with one bit turned over");
  add_checked(*verb, "--truncate", options->truncate, parse_percent, "P%", "Frames that end early");
  verb->add_option("--seed", options->seed, "The same seed makes the same choices");
  verb->footer("Example:\n  strata path tap1 tap2 --delay 30ms --rate 20mbit --queue 75kB --loss 0.1%");
  verb->callback([options, &exit_code] { exit_code = run_path(*options); });
}

}  // namespace strata::tools
