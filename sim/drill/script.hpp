// A script as values: what the parser makes and the runner plays. Nothing here knows a stack. Numbers are as
// written: sequence numbers count from the initial ones, windows are unscaled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/drill/script_error.hpp"
#include "strata/time.hpp"

namespace strata::drill {

/// `--name=value` at the top.
struct OptionLine {
  Position at;
  std::string name;
  std::string value;
};

/// When an event happens: `0.5`, `+.1`, `+.1~+.2` (between), `*` (whenever), `+0...0.2` (a call that returns
/// at 0.2).
struct When {
  enum class Kind : std::uint8_t { absolute, relative, any };
  Kind kind = Kind::absolute;
  Duration at;
  std::optional<Duration> latest;   ///< of a range, from the same origin as `at`
  std::optional<Duration> returns;  ///< of a blocking call, from the same origin
};

// --- Values of calls ---

/// An argument, a member or a result of a call.
struct Value {
  enum class Kind : std::uint8_t {
    ellipsis,  ///< `...`: whatever fits
    integer,
    symbol,    ///< `SOCK_STREAM`
    text,      ///< `"192.0.2.1"`
    list,      ///< `[a, b]`
    record,    ///< `{name=a, b}`
    any_bits,  ///< `A|B`
    function,  ///< `htons(80)`
  };
  Kind kind = Kind::ellipsis;
  Position at;
  std::string label;  ///< of a record's member: `msg_iov` of `msg_iov(1)=[...]`
  std::string text;
  std::int64_t number = 0;
  std::vector<Value> items;
};

struct Call {
  std::string name;
  std::vector<Value> arguments;
  std::optional<Value> result;  ///< nothing: `?`, any result is right
  std::string error;            ///< `EAGAIN`; empty: not named
};

// --- Packets ---

enum class Direction : std::uint8_t {
  inbound,   ///< `<`: injected into the stack
  outbound,  ///< `>`: expected from the stack
};

/// RFC 3168 §5, the two low bits of the traffic class.
enum class EcnMark : std::uint8_t { not_ect = 0, ect1 = 1, ect0 = 2, ce = 3, any_ect = 4 };

struct IpFields {
  std::optional<EcnMark> ecn;
  std::optional<std::uint8_t> traffic_class;  ///< all eight bits: `(tos 0x20)`, `(class 0x20)`
  std::optional<std::uint8_t> hop_limit;      ///< `(ttl 64)`, `(hlim 64)`
  std::optional<std::uint32_t> flow_label;
};

struct SequenceRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t length = 0;
  bool absolute = false;  ///< `!`: the number on the wire
  bool any = false;       ///< `...(0)`: only the length matters
};

struct Option {
  enum class Kind : std::uint8_t {
    end_of_list,
    no_operation,
    mss,
    window_scale,
    sack_permitted,
    sack,        ///< numbers: begin, end, begin, end, ...
    timestamps,  ///< numbers: val, ecr
    fast_open,   ///< bytes: the cookie
    fast_open_experimental,
    accurate_ecn_0,  ///< numbers: e0b, ceb, e1b, or as many of them as there are
    accurate_ecn_1,  ///< numbers: e1b, ceb, e0b
    other,           ///< understood as an option, and nothing more; `text` is what stands there
  };
  Kind kind = Kind::other;
  Position at;
  std::vector<std::uint32_t> numbers;
  std::vector<std::uint8_t> bytes;
  std::string text;
};

struct TcpSpec {
  std::uint16_t flags = 0;          ///< wire bits
  std::optional<std::uint8_t> ace;  ///< `P.5`: the counter in AE, CWR and ECE
  SequenceRange sequence;
  std::optional<std::uint32_t> ack;
  bool ack_absolute = false;
  std::optional<std::uint16_t> window;
  std::optional<std::uint16_t> urgent;
  bool any_options = false;  ///< `<...>`
  std::vector<Option> options;
};

struct IcmpSpec {
  std::string type;  ///< `unreachable`
  std::string code;  ///< `frag_needed`, may be empty
  std::optional<std::uint32_t> mtu;
  std::optional<SequenceRange> quoted;  ///< `[1:1001(1000)]`
};

struct PacketSpec {
  Direction direction = Direction::inbound;
  IpFields ip;
  std::variant<TcpSpec, IcmpSpec> what;
  std::string unsupported;  ///< what of it nothing here does, `UDP encapsulation`; empty: all is fine
};

// --- Events ---

/// A line for the shell, in backticks.
struct ShellLine {
  std::string text;
};

/// Assertions on what tcp_info shows, between `%{` and `}%`.
struct CodeBlock {
  Position at;  ///< of the first character inside
  std::string text;
};

struct Event {
  Position at;
  When when;
  std::string text;  ///< as written, on one line
  std::variant<PacketSpec, Call, ShellLine, CodeBlock> what;
};

struct Script {
  std::vector<OptionLine> options;
  std::vector<Event> events;
};

}  // namespace strata::drill
