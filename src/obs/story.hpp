// A page on its way in ten steps: from the browser down through the layers, over the link, up to the server
// and back, with the real bytes of one run. Told from a capture and a trace alone. At most 100 columns wide.
#pragma once

#include <string>

#include "obs/conversation.hpp"
#include "obs/recording.hpp"

namespace strata::obs {

/// Empty when the conversation holds no request or no answer to it.
std::string render_story(const Conversation& conversation, const Recording& recording, bool colour);

}  // namespace strata::obs
