// Which stack of which process a verb is about, and asking it (control/client.hpp).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace strata::tools {

struct StackChoice {
  int pid = 0;    ///< 0: no process
  int stack = 0;  ///< of the process, from 1; 0: all
};

/// Adds --pid and --stack to a verb; `choice` must live as long as the verb. Returns the option --pid.
CLI::Option* add_stack_choice(CLI::App& verb, StackChoice& choice);

/// The number of a stack, and what it answered.
using StackAnswer = std::pair<int, nlohmann::ordered_json>;

struct AskFailure {
  std::string text;
  int exit_code = 0;
};

/// Asks each chosen stack; the first that refuses ends it.
std::expected<std::vector<StackAnswer>, AskFailure> ask_stacks(const StackChoice& choice,
                                                               std::string_view request,
                                                               const std::vector<std::string>& arguments);

}  // namespace strata::tools
