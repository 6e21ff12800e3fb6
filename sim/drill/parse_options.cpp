// TCP options between `<` and `>`: `mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 8,sack 1:2 3:4,FO abcd`.
#include <limits>

#include "sim/drill/grammar.hpp"

namespace strata::drill {
namespace {

constexpr std::uint32_t kMax32 = std::numeric_limits<std::uint32_t>::max();

void parse_sack(Scanner& in, Option& option) {
  option.kind = Option::Kind::sack;
  do {
    option.numbers.push_back(in.number_up_to(kMax32, "a sequence number"));
    in.expect(":");
    option.numbers.push_back(in.number_up_to(kMax32, "a sequence number"));
  } while (in.next_is_number() && !in.failed());
}

void parse_timestamps(Scanner& in, Option& option) {
  option.kind = Option::Kind::timestamps;
  if (!in.accept_word("val")) in.fail("expected `val`, not " + in.next_text());
  option.numbers.push_back(in.number_up_to(kMax32, "a timestamp"));
  if (!in.accept_word("ecr")) in.fail("expected `ecr`, not " + in.next_text());
  option.numbers.push_back(in.number_up_to(kMax32, "a timestamp"));
}

/// `ECN e0b 1 ceb 0 e1b 1`, or the other order; fewer counters from the front; none: order 0, or `ECN1`.
void parse_accurate_ecn(Scanner& in, bool one_first, Option& option) {
  constexpr std::string_view kNames[][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
  std::size_t order = one_first ? 1 : 0;
  for (std::size_t i = 0; i < 3 && !in.failed(); ++i) {
    if (i == 0 && in.accept_word("e1b")) {
      order = 1;
    } else if (!in.accept_word(kNames[order][i])) {
      break;
    }
    option.numbers.push_back(in.number_up_to(0xff'ffff, "a counter of 24 bits"));
  }
  option.kind = order == 1 ? Option::Kind::accurate_ecn_1 : Option::Kind::accurate_ecn_0;
}

/// A cookie as hexadecimal digits, or a word that stands for one.
void parse_cookie(Scanner& in, Option& option) {
  const Position at = in.here();
  option.text = in.hexadecimal();
  if (option.text.size() % 2 != 0) in.fail_at(at, "a cookie has an even number of hexadecimal digits");
  for (std::size_t i = 0; i + 1 < option.text.size(); i += 2) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    option.bytes.push_back(static_cast<std::uint8_t>(digit(option.text[i]) * 16 + digit(option.text[i + 1])));
  }
}

Option parse_option(Scanner& in) {
  Option option;
  option.at = in.here();
  const std::string name = in.word();
  if (name == "mss") {
    option.kind = Option::Kind::mss;
    option.numbers.push_back(in.number_up_to(0xffff, "a segment size"));
  } else if (name == "wscale") {
    option.kind = Option::Kind::window_scale;
    option.numbers.push_back(in.number_up_to(0xff, "a window shift"));
  } else if (name == "nop") {
    option.kind = Option::Kind::no_operation;
  } else if (name == "eol") {
    option.kind = Option::Kind::end_of_list;
  } else if (name == "sackOK") {
    option.kind = Option::Kind::sack_permitted;
  } else if (name == "sack") {
    parse_sack(in, option);
  } else if (name == "TS") {
    parse_timestamps(in, option);
  } else if (name == "ECN" || name == "ECN1") {
    parse_accurate_ecn(in, name == "ECN1", option);
  } else if (name == "FO" || name == "FOEXP") {
    option.kind = name == "FO" ? Option::Kind::fast_open : Option::Kind::fast_open_experimental;
    parse_cookie(in, option);
  } else if (name.empty()) {
    in.fail("expected a TCP option, not " + in.next_text());
  } else {
    option.text = name;
    in.raw(",>");
  }
  return option;
}

}  // namespace

void parse_tcp_options(Scanner& in, TcpSpec& into) {
  if (in.accept("...")) {
    into.any_options = true;
    in.expect(">");
    return;
  }
  if (in.accept(">")) return;
  do {
    into.options.push_back(parse_option(in));
  } while (in.accept(",") && !in.failed());
  in.expect(">");
}

}  // namespace strata::drill
