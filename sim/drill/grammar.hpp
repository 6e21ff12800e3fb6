// The parts of the grammar among themselves. Each reads its part from where the scanner stands; what is wrong
// stays with the scanner.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "sim/drill/scanner.hpp"
#include "sim/drill/script.hpp"

namespace strata::drill {

/// Replaces `#ifdef` lines, and the lines that they leave out, by blanks: places stay as they were.
std::expected<std::string, ScriptError> choose_lines(std::string_view text, const Defines& defines);

When parse_when(Scanner& in);
PacketSpec parse_packet(Scanner& in);
/// Behind `<`, up to `>`.
void parse_tcp_options(Scanner& in, TcpSpec& into);
SequenceRange parse_sequence(Scanner& in);
Call parse_call(Scanner& in);

}  // namespace strata::drill
