// The `strata` command: finds the verb and hands over.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

#include "tools/verbs.hpp"

namespace {

constexpr int kUsage = 2;

int run(int argc, char** argv) {
  // CLI11 would take the peer's options for ours, so it never sees what stands after `--`.
  char** const end = argv + argc;
  char** const mark = std::find_if(argv, end, [](const char* arg) { return std::string_view(arg) == "--"; });
  const strata::tools::PeerCommand peer(mark == end ? end : mark + 1, end);

  CLI::App app("A complete TCP/IP stack in user space, and tools to run it against real programs.", "strata");
  app.set_version_flag("--version", "strata " STRATA_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Try it without any set-up: strata demo\nExit codes: 0 well, 1 failed, 2 wrong usage, 130 "
      "interrupted.");
  int exit_code = 0;
  strata::tools::add_serve(app, peer, exit_code);
  strata::tools::add_get(app, peer, exit_code);
  strata::tools::add_ping(app, peer, exit_code);
  strata::tools::add_dump(app, exit_code);
  strata::tools::add_demo(app, exit_code);
  strata::tools::add_drill(app, exit_code);
  strata::tools::add_path(app, exit_code);
  strata::tools::add_sim(app, exit_code);
  strata::tools::add_sysctl(app, exit_code);
  try {
    app.parse(static_cast<int>(mark - argv), argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) is a write error like any other, reported where it happens.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "strata: %s\n", error.what());
    return 1;
  }
}
