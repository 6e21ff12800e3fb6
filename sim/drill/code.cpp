#include "sim/drill/code.hpp"

#include <algorithm>

#include "sim/drill/scanner.hpp"

namespace strata::drill {
namespace {

/// One pass that reads and computes. A text counts as 0: it stands in messages only.
class Evaluator {
 public:
  /// Without `lookup` only the form counts: names have a value, and every assertion holds.
  Evaluator(std::string_view text, Position begin, const NameLookup* lookup)
      : in_(text, no_defines(), begin), lookup_(lookup) {}

  std::optional<ScriptError> run() {
    while (!in_.at_end()) {
      if (in_.accept(";")) continue;
      statement();
    }
    return in_.error();
  }

 private:
  using Number = std::int64_t;
  static constexpr int kDepthMax = 32;

  static const Defines& no_defines() {
    static const Defines none;
    return none;
  }

  // Sums and products wrap instead of overflowing.
  static Number wrap(std::uint64_t value) { return static_cast<Number>(value); }
  static std::uint64_t bits(Number value) { return static_cast<std::uint64_t>(value); }

  void statement() {
    const Position at = in_.here();
    if (in_.accept_word("print")) {
      any_of();
    } else if (in_.accept_word("assert")) {
      assertion(at);
    } else if (const std::string name = in_.word(); !name.empty()) {
      in_.unsupported(at, "code other than assert: " + name);
    } else {
      in_.fail("expected `assert`, not " + in_.next_text());
    }
    if (!in_.at_end() && !in_.next_is(";") && !in_.on_new_line()) {
      in_.fail("expected `;` or a new line, not " + in_.next_text());
    }
  }

  void assertion(Position at) {
    seen_.clear();
    const std::size_t begin = in_.offset();
    const Number holds = any_of();
    std::string text(in_.text_since(begin));
    const std::string seen = seen_;
    if (in_.accept(",")) any_of();
    if (holds != 0 || lookup_ == nullptr) return;
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    in_.fail_at(at, "does not hold: " + text + (seen.empty() ? "" : " (" + seen + ")"));
  }

  Number any_of() {
    Number value = all_of();
    while (in_.accept_word("or") || in_.accept("||")) {
      const Number other = all_of();
      if (value == 0) value = other;
    }
    return value;
  }

  Number all_of() {
    Number value = negated();
    while (in_.accept_word("and") || in_.accept("&&")) {
      const Number other = negated();
      if (value != 0) value = other;
    }
    return value;
  }

  Number negated() {
    if (++depth_ > kDepthMax) in_.fail("this expression is nested too deeply");
    const bool is_negated =
        in_.accept_word("not") || (in_.next_is("!") && !in_.next_is("!=") && in_.accept("!"));
    const Number value = is_negated ? Number{negated() == 0} : compared();
    --depth_;
    return value;
  }

  /// `a <= b <= c` means both.
  Number compared() {
    Number left = bit_or();
    bool chained = false;
    bool holds = true;
    while (true) {
      bool (*compare)(Number, Number) = nullptr;
      if (in_.accept("=="))
        compare = [](Number a, Number b) { return a == b; };
      else if (in_.accept("!="))
        compare = [](Number a, Number b) { return a != b; };
      else if (in_.accept("<="))
        compare = [](Number a, Number b) { return a <= b; };
      else if (in_.accept(">="))
        compare = [](Number a, Number b) { return a >= b; };
      else if (in_.accept("<"))
        compare = [](Number a, Number b) { return a < b; };
      else if (in_.accept(">"))
        compare = [](Number a, Number b) { return a > b; };
      else
        return chained ? Number{holds} : left;
      const Number right = bit_or();
      holds = holds && compare(left, right);
      chained = true;
      left = right;
    }
  }

  Number bit_or() {
    Number value = bit_xor();
    while (!in_.next_is("||") && in_.accept("|")) value |= bit_xor();
    return value;
  }

  Number bit_xor() {
    Number value = bit_and();
    while (in_.accept("^")) value ^= bit_and();
    return value;
  }

  Number bit_and() {
    Number value = shifted();
    while (!in_.next_is("&&") && in_.accept("&")) value &= shifted();
    return value;
  }

  Number shifted() {
    Number value = sum();
    while (in_.next_is("<<") || in_.next_is(">>")) {
      const bool left = in_.accept("<<");
      if (!left) in_.accept(">>");
      const Number by = std::clamp<Number>(sum(), 0, 63);
      value = left ? wrap(bits(value) << by) : value >> by;
    }
    return value;
  }

  Number sum() {
    Number value = product();
    while (in_.next_is("+") || in_.next_is("-")) {
      const bool plus = in_.accept("+");
      if (!plus) in_.accept("-");
      const Number other = product();
      value = wrap(plus ? bits(value) + bits(other) : bits(value) - bits(other));
    }
    return value;
  }

  Number product() {
    Number value = signed_value();
    while (in_.next_is("*") || in_.next_is("/") || in_.next_is("%")) {
      if (in_.accept("*")) {
        value = wrap(bits(value) * bits(signed_value()));
        continue;
      }
      const bool divides = in_.accept("//") || in_.accept("/");
      if (!divides) in_.accept("%");
      const Number by = signed_value();
      if (by == 0 || by == -1) {  // a text's `%`, or the one quotient that does not fit
        value = divides && by == -1 ? wrap(0 - bits(value)) : 0;
      } else {
        value = divides ? value / by : value % by;
      }
    }
    return value;
  }

  Number signed_value() {
    bool negative = false;
    bool inverted = false;
    if (in_.accept("-"))
      negative = true;
    else if (in_.accept("~"))
      inverted = true;
    const Number value = primary();
    if (negative) return wrap(0 - bits(value));
    return inverted ? ~value : value;
  }

  Number primary() {
    if (in_.accept("(")) {
      Number value = in_.next_is(")") ? 0 : any_of();
      while (in_.accept(",")) value = any_of();
      in_.expect(")");
      return value;
    }
    if (in_.next_is("'") || in_.next_is("\"")) {
      in_.quoted();
      return 0;
    }
    if (in_.next_is_number()) return in_.number("a number");
    return named();
  }

  Number named() {
    const Position at = in_.here();
    const std::string name = in_.word();
    if (name.empty()) in_.fail("expected a value, not " + in_.next_text());
    if (name == "True" || name == "False") return Number{name == "True"};
    if (in_.next_is("(")) return primary();  // str(x) and its like, in messages
    const std::optional<Number> value = lookup_ == nullptr ? 1 : (*lookup_)(name);
    if (!value) {
      in_.unsupported(at, "the name " + name);
      return 0;
    }
    seen_ += (seen_.empty() ? "" : ", ") + name + " = " + std::to_string(*value);
    return *value;
  }

  Scanner in_;
  const NameLookup* lookup_;
  std::string seen_;
  int depth_ = 0;
};

/// Lines that a backslash continues are one; places stay.
std::string joined(std::string text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && (text[i + 1] == '\n' || text[i + 1] == '\r')) text[i] = ' ';
  }
  return text;
}

}  // namespace

std::optional<ScriptError> check_code(const CodeBlock& block) {
  const std::string text = joined(block.text);
  return Evaluator(text, block.at, nullptr).run();
}

std::optional<ScriptError> run_code(const CodeBlock& block, const NameLookup& lookup) {
  const std::string text = joined(block.text);
  return Evaluator(text, block.at, &lookup).run();
}

}  // namespace strata::drill
