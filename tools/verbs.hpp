// The verbs of the command. Each adds itself with its options to the command line, and when it is the one
// that was asked for, runs and leaves its exit code: 0 well, 1 failed, 130 interrupted; main() adds 2 for a
// command line that makes no sense.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace strata::tools {

/// What stands after `--`: a program and its arguments, to be run as the peer.
using PeerCommand = std::vector<std::string>;

void add_serve(CLI::App& app, const PeerCommand& peer, int& exit_code);
void add_get(CLI::App& app, const PeerCommand& peer, int& exit_code);
void add_ping(CLI::App& app, const PeerCommand& peer, int& exit_code);
void add_dump(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_drill(CLI::App& app, int& exit_code);
void add_path(CLI::App& app, int& exit_code);
void add_sim(CLI::App& app, int& exit_code);
void add_sysctl(CLI::App& app, int& exit_code);

}  // namespace strata::tools
