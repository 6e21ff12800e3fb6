#include "control/sysctl.hpp"

#include <algorithm>
#include <vector>

#include "control/json.hpp"
#include "strata/parameters.hpp"

namespace strata::control {
namespace {

Refusal no_such(std::string_view name) {
  return {"ENOENT", "no such parameter: " + std::string(name) + " (`strata sysctl` lists all)"};
}

std::string words_of(const Parameter& parameter) {
  std::string words;
  for (const std::string_view word : parameter.names) words += (words.empty() ? "" : " ") + std::string(word);
  return words;
}

Refusal no_value(const Parameter& parameter, std::string_view text) {
  if (!parameter.names.empty()) {
    return {"EINVAL", std::string(parameter.name) + " cannot be \"" + std::string(text) +
                          "\": it is one of: " + words_of(parameter)};
  }
  const std::string count = parameter.count == 1 ? "a number" : std::to_string(parameter.count) + " numbers";
  const std::string order = parameter.count == 1 ? "" : ", none smaller than the one before";
  return {"EINVAL", std::string(parameter.name) + " cannot be \"" + std::string(text) + "\": it is " + count +
                        " from " + std::to_string(parameter.least) + " to " + std::to_string(parameter.most) +
                        " (" + std::string(parameter.unit) + ")" + order};
}

std::string to_json(std::span<const Parameter* const> selected, const TcpConfig& config) {
  JsonArray rows;
  for (const Parameter* parameter : selected) {
    JsonObject row;
    row.add("name", parameter->name)
        .add("value", value_text(*parameter, config))
        .add("unit", parameter->unit);
    if (parameter->names.empty()) {
      row.add("least", parameter->least).add("most", parameter->most);
    } else {
      row.add("words", words_of(*parameter));
    }
    rows.add(row.add("rfc", parameter->rfc));
  }
  return rows.text();
}

using Selected = std::vector<const Parameter*>;

Selected all_parameters() {
  Selected selected;
  for (const Parameter& parameter : parameters()) selected.push_back(&parameter);
  return selected;
}

/// Finds what the arguments name and takes the values that they give into `config`.
Result<Selected, Refusal> apply(Arguments arguments, TcpConfig& config) {
  Selected selected;
  for (const std::string_view argument : arguments) {
    const std::size_t sign = argument.find('=');
    const std::string_view name = argument.substr(0, sign);
    const Parameter* parameter = find_parameter(name);
    if (parameter == nullptr) return Err<Refusal>(no_such(name));
    selected.push_back(parameter);
    if (sign == argument.npos) continue;
    const std::string_view value = argument.substr(sign + 1);
    if (!set_parameter(*parameter, config, value)) return Err<Refusal>(no_value(*parameter, value));
  }
  return selected.empty() ? all_parameters() : selected;
}

}  // namespace

Answer answer_sysctl(Stack& stack, Arguments arguments) {
  TcpConfig config = stack.tcp_config();
  const Result<Selected, Refusal> selected = apply(arguments, config);
  if (!selected) return Err<Refusal>(selected.error());
  const bool changes = std::ranges::any_of(arguments, [](auto word) { return word.find('=') != word.npos; });
  if (!changes) return to_json(*selected, config);
  if (const auto set = stack.set_tcp_config(config); !set)
    return Err<Refusal>({"EINVAL", std::string(describe(set.error()))});
  return to_json(*selected, config);
}

Answer list_parameters(const TcpConfig& config, Arguments names) {
  TcpConfig unchanged = config;
  const Result<Selected, Refusal> selected = apply(names, unchanged);
  if (!selected) return Err<Refusal>(selected.error());
  return to_json(*selected, config);
}

}  // namespace strata::control
