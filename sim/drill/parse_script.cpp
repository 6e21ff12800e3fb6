// The frame of a script: option lines, then events, each with its time.
#include <utility>

#include "sim/drill/code.hpp"
#include "sim/drill/grammar.hpp"
#include "sim/drill/parser.hpp"

namespace strata::drill {
namespace {

constexpr std::size_t kEventsMax = 100'000;

OptionLine parse_option_line(Scanner& in) {
  OptionLine option{.at = in.here(), .name = {}, .value = {}};
  in.expect("--");
  option.name = in.word();
  if (option.name.empty()) in.fail("expected the name of an option, not " + in.next_text());
  if (!in.on_new_line() && in.accept("=") && !in.on_new_line()) option.value = in.raw(" \t/");
  return option;
}

bool begins_time(Scanner& in) {
  return in.next_is("+") || in.next_is("*") || in.next_is(".") || in.next_is_number();
}

/// The script between two events on one line, blanks drawn together.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

void parse_event_body(Scanner& in, Event& event) {
  if (in.accept("`")) {
    event.what = ShellLine{.text = in.until("`", "this command")};
  } else if (in.accept("%{")) {
    CodeBlock block{.at = in.here(), .text = {}};
    block.text = in.until("}%", "this code");
    if (const auto trouble = check_code(block)) in.fail_at(trouble->at, trouble->what, trouble->trouble);
    event.what = std::move(block);
  } else if (in.next_is("<") || in.next_is(">")) {
    event.what = parse_packet(in);
  } else if (in.next_is_word()) {
    event.what = parse_call(in);
  } else {
    in.fail("expected a packet (< or >), a call, `a command` or %{ code }%, not " + in.next_text());
  }
}

Event parse_event(Scanner& in) {
  Event event;
  event.at = in.here();
  const std::size_t begin = in.offset();
  // The first command may stand without a time.
  if (begins_time(in)) {
    event.when = parse_when(in);
  } else {
    event.when = {.kind = When::Kind::relative, .at = {}, .latest = {}, .returns = {}};
  }
  parse_event_body(in, event);
  event.text = one_line(in.text_since(begin));
  if (event.when.returns && !std::holds_alternative<Call>(event.what)) {
    in.fail_at(event.at,
               "only a call can take from one time to another (`...`); a packet may come between (`~`)");
  }
  return event;
}

}  // namespace

When parse_when(Scanner& in) {
  When when;
  if (in.accept("*")) {
    when.kind = When::Kind::any;
    return when;
  }
  if (in.accept("+")) when.kind = When::Kind::relative;
  when.at = in.time();
  const bool is_relative = when.kind == When::Kind::relative;
  if (in.accept("~")) {
    if (is_relative) in.expect("+");
    when.latest = in.time();
    if (*when.latest < when.at) in.fail("this range ends before it begins");
  } else if (in.accept("...")) {
    when.returns = in.time();
    if (*when.returns < when.at) in.fail("this call returns before it begins");
  }
  return when;
}

std::expected<Script, ScriptError> parse_script(std::string_view text, const Defines& defines) {
  const auto chosen = choose_lines(text, defines);
  if (!chosen) return std::unexpected(chosen.error());
  Scanner in(*chosen, defines);
  Script script;
  while (in.next_is("--")) script.options.push_back(parse_option_line(in));
  while (!in.at_end()) {
    if (script.events.size() == kEventsMax) in.fail("more than 100,000 events");
    script.events.push_back(parse_event(in));
  }
  if (in.error()) return std::unexpected(*in.error());
  return script;
}

}  // namespace strata::drill
