// System calls: `setsockopt(3, SOL_SOCKET, SO_SNDBUF, [1000], 4) = -1 EINVAL (Invalid argument)`.
#include <utility>

#include "sim/drill/grammar.hpp"

namespace strata::drill {
namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kItemsMax = 4096;

Value parse_value(Scanner& in, int depth);

/// `name=value`, `name(note)=value` or a bare value.
Value parse_member(Scanner& in, int depth) {
  Value first = parse_value(in, depth);
  const bool may_be_label = first.kind == Value::Kind::symbol || first.kind == Value::Kind::function;
  if (!may_be_label || !in.accept("=")) return first;
  Value member = parse_value(in, depth);
  member.label = std::move(first.text);
  return member;
}

/// Values up to `end`, which is taken.
std::vector<Value> parse_values(Scanner& in, std::string_view end, int depth) {
  std::vector<Value> values;
  if (depth > kDepthMax) in.fail("values are nested too deeply");
  if (in.accept(end)) return values;
  do {
    values.push_back(parse_member(in, depth + 1));
    if (values.size() > kItemsMax) in.fail("too many values");
  } while (in.accept(",") && !in.failed());
  in.expect(end);
  return values;
}

Value parse_plain_value(Scanner& in, int depth) {
  Value value;
  value.at = in.here();
  if (in.accept("...")) return value;
  if (in.next_is_number()) {
    value.kind = Value::Kind::integer;
    value.number = in.number("a number");
  } else if (in.next_is("\"")) {
    value.kind = Value::Kind::text;
    value.text = in.quoted();
  } else if (in.accept("[")) {
    value.kind = Value::Kind::list;
    value.items = parse_values(in, "]", depth);
  } else if (in.accept("{")) {
    value.kind = Value::Kind::record;
    value.items = parse_values(in, "}", depth);
  } else if (in.next_is_word()) {
    value.kind = Value::Kind::symbol;
    value.text = in.word();
    if (in.accept("(")) {
      value.kind = Value::Kind::function;
      value.items = parse_values(in, ")", depth);
    }
  } else {
    in.fail("expected a value, not " + in.next_text());
  }
  return value;
}

Value parse_value(Scanner& in, int depth) {
  Value first = parse_plain_value(in, depth);
  if (!in.next_is("|")) return first;
  Value all;
  all.kind = Value::Kind::any_bits;
  all.at = first.at;
  all.items.push_back(std::move(first));
  while (in.accept("|") && all.items.size() < kItemsMax) all.items.push_back(parse_plain_value(in, depth));
  return all;
}

/// `= 3`, `= ?`, `= -1 EAGAIN (Resource temporarily unavailable)`.
void parse_result(Scanner& in, Call& call) {
  if (!in.expect("=")) return;
  if (!in.accept("?")) call.result = parse_value(in, 0);
  if (!in.on_new_line() && in.next_is_word()) call.error = in.word();
  if (!in.on_new_line() && in.accept("(")) in.until(")", "this note");
}

}  // namespace

Call parse_call(Scanner& in) {
  Call call;
  call.name = in.word();
  if (!in.expect("(")) return call;
  call.arguments = parse_values(in, ")", 0);
  parse_result(in, call);
  return call;
}

}  // namespace strata::drill
