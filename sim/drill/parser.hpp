// The language of .pkt scripts, both dialects: text in, a Script or a complaint with its place out. Never
// reads a file, never runs anything. One file per part of the grammar (grammar.hpp).
#pragma once

#include <expected>
#include <string_view>

#include "sim/drill/scanner.hpp"
#include "sim/drill/script.hpp"

namespace strata::drill {

/// `defines`: what stands for words of the script, and which `#ifdef` holds.
std::expected<Script, ScriptError> parse_script(std::string_view text, const Defines& defines);

}  // namespace strata::drill
