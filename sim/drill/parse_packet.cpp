// `< [ect0] P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 1 ecr 2>` and `< icmp unreachable ...
// [1:1001(1000)]`.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sim/drill/grammar.hpp"
#include "sim/drill/wire_segment.hpp"
#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

constexpr std::uint32_t kMax32 = std::numeric_limits<std::uint32_t>::max();

constexpr std::array<std::pair<std::string_view, EcnMark>, 5> kEcnMarks = {{
    {"noecn", EcnMark::not_ect},
    {"ect0", EcnMark::ect0},
    {"ect1", EcnMark::ect1},
    {"ce", EcnMark::ce},
    {"ect01", EcnMark::any_ect},
}};

constexpr std::array<std::pair<char, std::uint16_t>, 9> kFlags = {{
    {'F', tcp_flag::kFin},
    {'S', tcp_flag::kSyn},
    {'R', tcp_flag::kRst},
    {'P', tcp_flag::kPsh},
    {'.', tcp_flag::kAck},
    {'U', tcp_flag::kUrg},
    {'E', tcp_flag::kEce},
    {'W', tcp_flag::kCwr},
    {'A', tcp_flag::kAe},
}};

bool parse_ecn_mark(std::string_view word, IpFields& into) {
  for (const auto& [name, mark] : kEcnMarks) {
    if (name == word) into.ecn = mark;
  }
  return into.ecn.has_value();
}

/// One of the fields between brackets, `ect0` or `ttl 64`.
void parse_ip_field(Scanner& in, IpFields& into) {
  const Position at = in.here();
  const std::string word = in.word();
  if (word == "tos" || word == "class") {
    into.traffic_class = static_cast<std::uint8_t>(in.number_up_to(0xff, "a traffic class"));
  } else if (word == "ttl" || word == "hlim") {
    into.hop_limit = static_cast<std::uint8_t>(in.number_up_to(0xff, "a hop limit"));
  } else if (word == "flowlabel") {
    into.flow_label = in.number_up_to(0xf'ffff, "a flow label");
  } else if (!parse_ecn_mark(word, into)) {
    in.fail_at(at, "expected noecn, ect0, ect1, ect01, ce, tos, class, ttl, hlim or flowlabel");
  }
}

void parse_ip_fields(Scanner& in, IpFields& into) {
  while (in.next_is("[") || in.next_is("(")) {
    const bool square = in.accept("[");
    if (!square) in.expect("(");
    do {
      parse_ip_field(in, into);
    } while (in.accept(",") && !in.failed());
    in.expect(square ? "]" : ")");
  }
}

void parse_flags(Scanner& in, TcpSpec& into) {
  if (in.accept("-")) return;
  const Position at = in.here();
  const std::string letters = in.letters("FSRP.UEWA");
  if (letters.empty()) in.fail("expected flags (S F R P . U E W A, or - for none), not " + in.next_text());
  for (const char letter : letters) {
    for (const auto& [name, bit] : kFlags) {
      if (name != letter) continue;
      if ((into.flags & bit) != 0) in.fail_at(at, std::string("the flag ") + letter + " stands there twice");
      into.flags |= bit;
    }
  }
  // RFC 9768 §3.2.2: AE, CWR and ECE as one number. It follows the letters without a blank.
  const std::string digit = in.adjacent_digit();
  if (digit.empty()) return;
  if (digit > "7") in.fail_at(at, "the ACE counter is a number from 0 to 7");
  if ((into.flags & (tcp_flag::kEce | tcp_flag::kCwr | tcp_flag::kAe)) != 0) {
    in.fail_at(at, "E, W and A are part of the ACE counter: write one or the other");
  }
  into.ace = static_cast<std::uint8_t>(digit[0] - '0');
}

TcpSpec parse_tcp(Scanner& in) {
  TcpSpec tcp;
  parse_flags(in, tcp);
  tcp.sequence = parse_sequence(in);
  if (in.accept_word("ack")) {
    tcp.ack = in.number_up_to(kMax32, "an acknowledgment number");
    tcp.ack_absolute = in.accept("!");
  }
  if (in.accept_word("win")) tcp.window = static_cast<std::uint16_t>(in.number_up_to(0xffff, "a window"));
  if (in.accept_word("urg"))
    tcp.urgent = static_cast<std::uint16_t>(in.number_up_to(0xffff, "an urgent pointer"));
  if (in.accept("<")) parse_tcp_options(in, tcp);
  return tcp;
}

/// What an expected segment may leave open, an injected one has to say.
void check_injected(Scanner& in, const TcpSpec& tcp) {
  if (!tcp.window) in.fail("an injected segment says its window: win N");
  if (tcp.any_options) in.fail("an injected segment says its options");
  if (tcp.sequence.any) in.fail("an injected segment says its sequence numbers");
  // Of an option that nobody here knows, the size is not known either.
  const bool all_known =
      std::ranges::find(tcp.options, Option::Kind::other, &Option::kind) == tcp.options.end();
  const std::size_t size = options_size(tcp.options);
  if (all_known && (size % 4 != 0 || size > kTcpOptionsSizeMax)) {
    in.fail_at(tcp.options[0].at,
               "the options take " + std::to_string(size) + " bytes; " +
                   (size % 4 == 0 ? "there is room for 40" : "add nop or eol up to a multiple of four"));
  }
}

IcmpSpec parse_icmp(Scanner& in) {
  IcmpSpec icmp;
  icmp.type = in.word();
  if (icmp.type.empty()) in.fail("expected a type of ICMP message, not " + in.next_text());
  while (in.next_is_word() && !in.failed()) {
    if (in.accept_word("mtu")) {
      icmp.mtu = in.number_up_to(kMax32, "an MTU");
    } else if (icmp.code.empty()) {
      icmp.code = in.word();
    } else {
      in.fail("expected mtu or [sequence numbers], not " + in.next_text());
    }
  }
  if (in.accept("[")) {
    icmp.quoted = parse_sequence(in);
    in.expect("]");
  }
  return icmp;
}

/// Headers and protocols that the language knows and nothing here does.
bool parse_foreign(Scanner& in) {
  constexpr std::array kForeign = {"udp", "udplite", "ipv4", "ipv6", "gre", "mpls", "sctp"};
  const Position at = in.here();
  for (const char* name : kForeign) {
    if (!in.accept_word(name)) continue;
    in.unsupported(at, std::string(name) + " packets");
    return true;
  }
  return false;
}

}  // namespace

SequenceRange parse_sequence(Scanner& in) {
  SequenceRange range;
  if (in.accept("...")) {
    range.any = true;
  } else {
    range.begin = in.number_up_to(kMax32, "a sequence number, as in 1:1001(1000)");
    in.expect(":");
    range.end = in.number_up_to(kMax32, "a sequence number, as in 1:1001(1000)");
  }
  const Position at = in.here();
  in.expect("(");
  range.length = in.number_up_to(0xffff'ffff, "a length, as in 1:1001(1000)");
  in.expect(")");
  range.absolute = in.accept("!");
  if (!range.any && range.end - range.begin != range.length && !in.failed()) {
    in.fail_at(at, std::to_string(range.begin) + ":" + std::to_string(range.end) + " are " +
                       std::to_string(range.end - range.begin) + " bytes, not " +
                       std::to_string(range.length));
  }
  return range;
}

PacketSpec parse_packet(Scanner& in) {
  PacketSpec packet;
  packet.direction = in.accept("<") ? Direction::inbound : Direction::outbound;
  if (packet.direction == Direction::outbound) in.expect(">");
  parse_ip_fields(in, packet.ip);
  if (parse_foreign(in)) return packet;
  if (in.accept_word("icmp")) {
    packet.what = parse_icmp(in);
    return packet;
  }
  TcpSpec tcp = parse_tcp(in);
  if (packet.direction == Direction::inbound) check_injected(in, tcp);
  packet.what = std::move(tcp);
  if (in.accept("/")) {  // nplab: `/udp(9811 > 1)`
    const std::string around = in.word();
    in.expect("(");
    in.until(")", "this header");
    packet.unsupported = "TCP inside " + around;
  }
  return packet;
}

}  // namespace strata::drill
