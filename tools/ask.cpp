#include "tools/ask.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "control/client.hpp"
#include "tools/report.hpp"

namespace strata::tools {
namespace {

using Json = nlohmann::ordered_json;
using Failure = std::unexpected<AskFailure>;

/// Words with tabs between them; a blank is as good as a tab or a line feed inside of a word.
std::string line_of(std::string_view request, const std::vector<std::string>& arguments) {
  std::string line(request);
  for (std::string argument : arguments) {
    std::ranges::replace_if(argument, [](char c) { return c == '\t' || c == '\n'; }, ' ');
    line += '\t' + argument;
  }
  return line;
}

}  // namespace

CLI::Option* add_stack_choice(CLI::App& verb, StackChoice& choice) {
  auto* pid = verb.add_option("--pid", choice.pid, "In this running process")
                  ->type_name("PID")
                  ->check(CLI::PositiveNumber);
  verb.add_option("--stack", choice.stack, "Only the process's N-th stack, when it has several")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->needs(pid);
  return pid;
}

std::expected<std::vector<StackAnswer>, AskFailure> ask_stacks(const StackChoice& choice,
                                                               std::string_view request,
                                                               const std::vector<std::string>& arguments) {
  auto doors = control::doors_of(choice.pid);
  if (!doors) return Failure({doors.error().text, kFailed});
  if (choice.stack != 0) std::erase_if(*doors, [&](const auto& door) { return door.number != choice.stack; });
  if (doors->empty())
    return Failure({fmt::format("process {} has no stack {}", choice.pid, choice.stack), kFailed});

  std::vector<StackAnswer> answers;
  for (const control::Door& door : *doors) {
    const auto answer = control::ask(door, line_of(request, arguments));
    if (!answer) return Failure({answer.error().text, kFailed});
    const Json parsed = Json::parse(*answer);
    if (parsed.contains("error")) return Failure({parsed.at("text").get<std::string>(), kUsage});
    answers.emplace_back(door.number, parsed.at("result"));
  }
  return answers;
}

}  // namespace strata::tools
