// One live run of the founding story, recorded: a browser fetches a page from our server, and both sides
// close.
#pragma once

#include <expected>
#include <string>

namespace strata::tools {

struct DemoFiles {
  std::string capture;
  std::string trace;
};

/// Writes both files. The machine's curl over the real kernel where namespaces are allowed, else our own
/// client and server in this process; the note `way` of the trace says which. Returns whether the browser got
/// the page byte for byte; otherwise one line that says what failed.
std::expected<bool, std::string> run_demo(const DemoFiles& files);

}  // namespace strata::tools
