// `strata sysctl`: the parameters of a stack, their ranges, and what a profile makes of them.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "strata/parameters.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

struct Options {
  std::vector<std::string> names;
  std::string profile;
  bool json = false;
};

std::string range_text(const Parameter& parameter) {
  return fmt::format("{}-{}", parameter.least, parameter.most);
}

void print_row(const Parameter& parameter, const TcpConfig& config) {
  const std::string value = value_text(parameter, config);
  fmt::print("{:<23}{:<26}{:<17}{:<18}{}\n", parameter.name, value, parameter.unit, range_text(parameter),
             parameter.rfc);
}

nlohmann::ordered_json to_json(const Parameter& parameter, const TcpConfig& config) {
  return {{"name", parameter.name}, {"value", value_text(parameter, config)},
          {"unit", parameter.unit}, {"least", parameter.least},
          {"most", parameter.most}, {"rfc", parameter.rfc}};
}

/// The parameters that were asked for, all of them when none was; an unknown name ends up in `unknown`.
std::vector<const Parameter*> select(const std::vector<std::string>& names, std::string& unknown) {
  std::vector<const Parameter*> selected;
  if (names.empty()) {
    for (const Parameter& parameter : parameters()) selected.push_back(&parameter);
  }
  for (const std::string& name : names) {
    const Parameter* parameter = find_parameter(name);
    if (parameter == nullptr) unknown = name;
    selected.push_back(parameter);
  }
  return selected;
}

int run(const Options& options) {
  const std::optional<TcpConfig> config =
      options.profile.empty() ? TcpConfig{} : profile_config(options.profile);
  if (!config) {
    fmt::print(stderr, "strata sysctl: no such profile: {} (there are linux and freebsd)\n", options.profile);
    return 2;
  }
  std::string unknown;
  const std::vector<const Parameter*> selected = select(options.names, unknown);
  if (!unknown.empty()) {
    fmt::print(stderr, "strata sysctl: no such parameter: {} (`strata sysctl` lists all)\n", unknown);
    return 2;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  if (!options.json) fmt::print("{:<23}{:<26}{:<17}{:<18}{}\n", "name", "value", "unit", "range", "from");
  for (const Parameter* parameter : selected) {
    if (options.json) {
      list.push_back(to_json(*parameter, *config));
    } else {
      print_row(*parameter, *config);
    }
  }
  if (options.json) fmt::print("{}\n", list.dump(2));
  return 0;
}

}  // namespace

void add_sysctl(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("sysctl", "List the parameters of a stack by the names that Linux gives them");
  verb->footer(
      "Examples:\n"
      "  strata sysctl                            # all, with unit, range and where they come from\n"
      "  strata sysctl net.ipv4.tcp_fin_timeout   # one\n"
      "  strata sysctl --profile freebsd          # as a stack that looks like FreeBSD's has them");
  verb->add_option("NAME", options->names, "Only these; with or without net.ipv4. in front");
  verb->add_option("--profile", options->profile, "What this profile sets: linux or freebsd");
  verb->add_flag("--json", options->json, "For programs");
  verb->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace strata::tools
