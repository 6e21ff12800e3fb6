// A conversation as a ladder in the terminal: two life lines, one arrow per segment, both ends' states at
// each step. Drawn from a capture and a trace alone, so that a run and its recording give the same picture.
// At most 100 columns wide.
#pragma once

#include <string>

#include "obs/conversation.hpp"
#include "obs/trace_text.hpp"

namespace strata::obs {

/// States that no trace vouches for are marked `~`. Long stretches of plain data are folded into one line.
std::string render_ladder(const Conversation& conversation, const Trace& trace, bool colour);

}  // namespace strata::obs
