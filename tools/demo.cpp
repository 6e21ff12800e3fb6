// `strata demo`: a page on its way, told in ten steps and drawn as a ladder. The text is rendered from the
// run's two files alone, so `--from` gives the very same text later.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "obs/end_history.hpp"
#include "obs/ladder.hpp"
#include "obs/paint.hpp"
#include "obs/recording.hpp"
#include "obs/story.hpp"
#include "tools/demo_run.hpp"
#include "tools/verbs.hpp"
#include "wire/tcp.hpp"

namespace strata::tools {
namespace {

struct DemoOptions {
  std::string from;
  std::string capture = "demo.pcapng";
  std::string trace;  ///< empty: `demo.trace` for a new run, none for an old one
  bool ladder_only = false;
};

bool wants_colour() {
  const char* const no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

int fail(const std::string& reason) {
  fmt::print(stderr, "strata demo: {}\n", reason);
  return 1;
}

/// Both ends came to the end of the state diagram, and nobody said RST.
bool closed_in_order(const obs::Conversation& conversation, const obs::Trace& trace) {
  const auto reset = [](const obs::SeenSegment& s) { return s.has(tcp_flag::kRst); };
  if (std::any_of(conversation.segments.begin(), conversation.segments.end(), reset)) return false;
  return std::all_of(std::begin(obs::kSides), std::end(obs::kSides), [&](obs::Side side) {
    const TcpState last = obs::history_of(conversation, side, trace).after.back();
    return last == TcpState::closed || last == TcpState::time_wait;
  });
}

/// The first connection that carries a request and its answer.
struct Told {
  std::string story;
  const obs::Conversation* conversation = nullptr;
};
Told find_story(const std::vector<obs::Conversation>& all, const obs::Recording& recording, bool colour) {
  for (const obs::Conversation& conversation : all) {
    if (std::string story = render_story(conversation, recording, colour); !story.empty())
      return {story, &conversation};
  }
  return {};
}

int show(const DemoOptions& options, const std::string& capture, const std::string& trace) {
  const auto recording = obs::read_recording(capture, trace);
  if (!recording) return fail(recording.error());
  const bool colour = wants_colour();
  const auto conversations = obs::find_conversations(recording->frames);
  const Told told = find_story(conversations, *recording, colour);
  if (told.conversation == nullptr) return fail(capture + " holds no request with an answer");

  const obs::Paint paint(colour);
  const std::string way = obs::printable(recording->trace.note("way"));
  fmt::print("{}\n\n", paint.bold("The way: " + (way.empty() ? "not recorded" : way)));
  if (!options.ladder_only) fmt::print("{}\n", told.story);
  fmt::print("{}", render_ladder(*told.conversation, recording->trace, colour));
  std::fflush(stdout);
  if (!closed_in_order(*told.conversation, recording->trace))
    return fail("the connection was not closed in order");
  return 0;
}

int run(const DemoOptions& options) {
  if (!options.from.empty()) return show(options, options.from, options.trace);
  const std::string trace = options.trace.empty() ? "demo.trace" : options.trace;
  const auto exact = run_demo({.capture = options.capture, .trace = trace});
  if (!exact) return fail(exact.error());
  const int shown = show(options, options.capture, trace);
  fmt::print(stderr,
             "\nRecorded in {} and {}. The same text again:\n  strata demo --from {} --trace-file {}\n",
             options.capture, trace, options.capture, trace);
  if (!*exact) return fail("the browser did not get the page");
  return shown;
}

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DemoOptions>();
  CLI::App* const demo =
      app.add_subcommand("demo", "Tell how a page crosses the network, with the bytes of a real run");
  demo->add_option("--from", options->from, "Tell a recorded run instead of making one")->type_name("FILE");
  demo->add_option("--trace-file", options->trace,
                   "The trace of the run: written (demo.trace), or read with --from")
      ->type_name("FILE");
  demo->add_option("--pcap", options->capture, "The capture to write")
      ->type_name("FILE")
      ->capture_default_str();
  demo->add_flag("--ladder-only", options->ladder_only, "Only the ladder, not the ten steps");
  demo->footer("Example: strata demo --from demo.pcapng --trace-file demo.trace");
  demo->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace strata::tools
