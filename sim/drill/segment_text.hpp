// Segments in the notation of scripts, for messages and transcripts.
#pragma once

#include <string>
#include <vector>

#include "sim/drill/script.hpp"
#include "sim/drill/wire_segment.hpp"

namespace strata::drill {

/// `P.`, `SEW`, `-` without any.
std::string flags_text(std::uint16_t flags);
/// `mss 1460,nop,wscale 8`.
std::string options_text(const std::vector<Option>& options);
/// `P. 1:1001(1000) ack 1 win 257 <nop,nop,TS val 1 ecr 2>`; the numbers of `segment` as they are.
std::string segment_text(const WireSegment& segment);

}  // namespace strata::drill
