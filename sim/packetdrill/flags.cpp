#include "sim/packetdrill/flags.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/drill/parser.hpp"
#include "sim/drill/script_file.hpp"
#include "sim/drill/shell.hpp"

namespace strata::packetdrill {
namespace {

using Done = std::expected<void, std::string>;

struct Item {
  std::string name;
  std::string value;
};

std::vector<Item> items_of(std::string_view text) {
  std::vector<Item> items;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    if (item.empty()) continue;
    items.push_back({.name = std::string(item.substr(0, equals)),
                     .value = std::string(item.substr(std::min(equals + 1, item.size())))});
  }
  return items;
}

Done set_parameter(const std::string& name, const std::string& value, drill::Settings& to) {
  const bool has_path = name.find_first_of("./") != name.npos;
  const drill::SysctlOutcome outcome = drill::apply_sysctl(has_path ? name : "net.ipv4." + name, value, to);
  if (outcome != drill::SysctlOutcome::unsupported) return {};
  return std::unexpected("no parameter " + name + ", or not with the value '" + value +
                         "' (`strata sysctl` lists parameters and their ranges)");
}

Done perform(const drill::ShellAction& action, drill::Settings& to) {
  if (const auto* parameter = std::get_if<drill::SetParameter>(&action)) {
    return set_parameter(parameter->name, parameter->value, to);
  }
  if (std::holds_alternative<drill::SetLinuxDefaults>(action)) drill::apply_linux_defaults(to);
  return {};
}

Done perform(const drill::ShellLine& line, bool has_begun, drill::Settings& to) {
  const auto actions = drill::interpret_shell(line.text);
  if (!actions) return std::unexpected("unsupported: the command " + actions.error());
  for (const drill::ShellAction& action : *actions) {
    if (std::holds_alternative<drill::CountSockets>(action)) continue;
    if (has_begun) return std::unexpected("unsupported: a parameter that changes while the script runs");
    if (auto done = perform(action, to); !done) return done;
  }
  return {};
}

/// Those before the first event. One between the events would come too early, one behind them changes
/// nothing.
Done apply_commands(const drill::Script& script, const std::string& path, drill::Settings& to) {
  const auto is_command = [](const drill::Event& event) {
    return std::holds_alternative<drill::ShellLine>(event.what);
  };
  const auto first = std::ranges::find_if_not(script.events, is_command);
  const auto end = std::ranges::find_if_not(script.events.rbegin(), script.events.rend(), is_command).base();
  for (auto event = script.events.begin(); event < end; ++event) {
    if (!is_command(*event)) continue;
    const auto done = perform(std::get<drill::ShellLine>(event->what), event > first, to);
    if (!done) return std::unexpected(drill::place(path, event->at) + ": " + done.error());
  }
  return {};
}

Done apply_script(const std::string& path, drill::Settings& to) {
  const auto text = drill::read_script(path);
  if (!text) return std::unexpected(path + ": cannot be read");
  const auto script = drill::parse_script(*text, {});
  if (!script) return std::unexpected(drill::place(path, script.error().at) + ": " + script.error().what);
  for (const drill::OptionLine& option : script->options) {
    if (const auto error = drill::apply_option(option, to)) {
      return std::unexpected(drill::place(path, error->at) + ": unsupported: " + error->what);
    }
  }
  return apply_commands(*script, path, to);
}

Done apply(const Item& item, Flags& to) {
  if (item.name == "profile") return {};
  if (item.name == "script") return apply_script(item.value, to.settings);
  if (item.name == "trace") {
    to.trace = true;
    return {};
  }
  const drill::OptionLine as_option{.at = {}, .name = item.name, .value = item.value};
  if (!drill::apply_option(as_option, to.settings)) return {};
  return set_parameter(item.name, item.value, to.settings);
}

}  // namespace

std::expected<Flags, std::string> parse_flags(std::string_view text) {
  const std::vector<Item> items = items_of(text);
  auto profile = drill::Profile::linux;
  for (const Item& item : items) {
    if (item.name != "profile") continue;
    const auto named = drill::parse_profile(item.value);
    if (!named) return std::unexpected("profile=" + item.value + ": there are linux and freebsd");
    profile = *named;
  }
  Flags flags{.profile = profile, .settings = drill::settings_of(profile, false)};
  for (const Item& item : items) {
    if (auto done = apply(item, flags); !done) return std::unexpected(done.error());
  }
  return flags;
}

}  // namespace strata::packetdrill
