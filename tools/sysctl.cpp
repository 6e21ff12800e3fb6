// `strata sysctl`: the parameters of a stack, their ranges, what a profile makes of them, and what they are
// in a running process, where they can be set.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "control/sysctl.hpp"
#include "strata/parameters.hpp"
#include "tools/ask.hpp"
#include "tools/report.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> names;
  std::string profile;
  StackChoice stack;
  bool json = false;
};

int wrong_usage(std::string_view text) {
  report_failure("sysctl", text);
  return kUsage;
}

void print_table(const Json& rows) {
  fmt::print("{:<22} {:<25} {:<16} {:<17} {}\n", "name", "value", "unit", "range", "from");
  for (const Json& row : rows) {
    const std::string range =
        row.contains("words")
            ? row.at("words").get<std::string>()
            : fmt::format("{}-{}", row.at("least").get<std::int64_t>(), row.at("most").get<std::int64_t>());
    fmt::print("{:<22} {:<25} {:<16} {:<17} {}\n", row.at("name").get<std::string>(),
               row.at("value").get<std::string>(), row.at("unit").get<std::string>(), range,
               row.at("rfc").get<std::string>());
  }
}

/// What a new stack has.
int list(const Options& options) {
  const auto gives_value = [](const std::string& name) { return name.find('=') != std::string::npos; };
  if (std::ranges::any_of(options.names, gives_value))
    return wrong_usage("a value is set in a running process: say which with --pid");
  const std::optional<TcpConfig> config =
      options.profile.empty() ? TcpConfig{} : profile_config(options.profile);
  if (!config) return wrong_usage("no such profile: " + options.profile + " (there are linux and freebsd)");
  const std::vector<std::string_view> names(options.names.begin(), options.names.end());
  const control::Answer rows = control::list_parameters(*config, names);
  if (!rows) return wrong_usage(rows.error().text);
  const Json parsed = Json::parse(*rows);
  options.json ? fmt::print("{}\n", parsed.dump(2)) : print_table(parsed);
  return 0;
}

/// What the stacks of a process have, after what was asked for has been set.
int ask_process(const Options& options) {
  const auto answers = ask_stacks(options.stack, "sysctl", options.names);
  if (!answers) {
    report_failure("sysctl", answers.error().text);
    return answers.error().exit_code;
  }
  Json all = Json::array();
  for (const auto& [number, rows] : *answers) {
    all.push_back({{"stack", number}, {"parameters", rows}});
    if (options.json) continue;
    if (answers->size() > 1) fmt::print("stack {}\n", number);
    print_table(rows);
  }
  if (options.json) fmt::print("{}\n", all.dump(2));
  return 0;
}

}  // namespace

void add_sysctl(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "sysctl",
      "List the parameters of a stack by the names that Linux gives them; read and set those of a process");
  verb->footer(
      "Examples:\n"
      "  strata sysctl                                # all, with unit, range and where they come from\n"
      "  strata sysctl net.ipv4.tcp_fin_timeout       # one\n"
      "  strata sysctl --profile freebsd              # as a stack that looks like FreeBSD's has them\n"
      "  strata sysctl --pid 4711                     # as they are now in a running `strata serve`\n"
      "  strata sysctl --pid 4711 tcp_fin_timeout=30 tcp_rmem='4096 131072 6291456'\n"
      "A process is asked by a socket that only its user can open. Nothing is set when anything is wrong.\n"
      "Exit codes: 1 when the process cannot be asked, 2 for a name or a value that does not exist.");
  verb->add_option("NAME", options->names,
                   "Only these, with or without net.ipv4. in front; NAME=VALUE sets (--pid)");
  auto* profile = verb->add_option("--profile", options->profile, "What this profile sets: linux or freebsd");
  verb->add_flag("--json", options->json, "For programs");
  add_stack_choice(*verb, options->stack)->excludes(profile);
  verb->callback([options, &exit_code] {
    exit_code = options->stack.pid != 0 ? ask_process(*options) : list(*options);
  });
}

}  // namespace strata::tools
