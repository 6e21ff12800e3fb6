// `strata drill FILE|DIR...`: plays .pkt scripts against the stack in virtual time and says how each ended.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "device/file_sink.hpp"
#include "obs/interface_capture.hpp"
#include "obs/pcapng.hpp"
#include "sim/drill/script_file.hpp"
#include "tools/report.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

using drill::Ending;
using drill::FileResult;

struct DrillOptions {
  std::vector<std::string> paths;
  std::vector<std::string> defines;
  std::string profile = "linux";
  std::string pcap;
  unsigned jobs = 1;
  bool json = false;
  bool keep_going = false;
  bool dry_run = false;
  bool trace = false;
  bool exact = false;
  std::string ip_version = "ipv4";
};

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  bool unreadable = false;

  void add(Ending ending) {
    passed += ending == Ending::passed ? 1 : 0;
    failed += ending == Ending::failed || ending == Ending::unreadable ? 1 : 0;
    skipped += ending == Ending::unsupported ? 1 : 0;
    unreadable = unreadable || ending == Ending::unreadable;
  }
};

std::string_view json_word(Ending ending) {
  switch (ending) {
    case Ending::passed: return "passed";
    case Ending::failed: return "failed";
    case Ending::unsupported: return "unsupported";
    case Ending::unreadable: return "error";
  }
  return {};
}

void print(const FileResult& result, const DrillOptions& options) {
  std::string text;
  if (options.json) {
    text = json_object({{"file", result.path},
                        {"result", std::string(json_word(result.ending))},
                        {"line", std::uint64_t{result.outcome.at.line}},
                        {"column", std::uint64_t{result.outcome.at.column}},
                        {"event", result.outcome.event},
                        {"what", result.outcome.what},
                        {"instead", result.outcome.actual}}) +
           "\n";
  } else {
    text = drill::report(result, options.trace);
  }
  std::fputs(text.c_str(), stdout);
}

void print_summary(const Tally& tally, const DrillOptions& options) {
  if (options.json) {
    std::puts(json_object({{"passed", std::uint64_t{tally.passed}},
                           {"failed", std::uint64_t{tally.failed}},
                           {"skipped", std::uint64_t{tally.skipped}}})
                  .c_str());
  } else {
    fmt::print("{} passed, {} failed, {} skipped\n", tally.passed, tally.failed, tally.skipped);
  }
}

/// Plays scripts on several threads; results come out in the order of the files, whoever was first.
class Players {
 public:
  Players(std::vector<std::filesystem::path> files, const drill::FileOptions& options, unsigned jobs)
      : files_(std::move(files)), options_(options), results_(files_.size()) {
    const std::size_t threads = std::min<std::size_t>(std::max(1U, jobs), files_.size());
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Players() { next_ = files_.size(); }  // then the threads come home
  Players(const Players&) = delete;
  Players& operator=(const Players&) = delete;

  std::size_t size() const { return files_.size(); }
  /// Waits for the result of file `index`.
  FileResult take(std::size_t index) {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return results_[index].has_value(); });
    FileResult result = std::move(*results_[index]);
    results_[index].reset();
    return result;
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < files_.size(); i = next_++) {
      FileResult result = drill::run_file(files_[i], options_);
      const std::scoped_lock lock(mutex_);
      results_[i] = std::move(result);
      finished_.notify_all();
    }
  }

  std::vector<std::filesystem::path> files_;
  drill::FileOptions options_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::vector<std::optional<FileResult>> results_;
  std::vector<std::jthread> threads_;  // last: they use all the rest
};

/// All scripts that the command line names; nothing, after saying why, when a path leads nowhere.
std::optional<std::vector<std::filesystem::path>> all_scripts(const DrillOptions& options) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : options.paths) {
    const auto found = drill::find_scripts(path);
    if (!found || found->empty()) {
      report_failure("drill", path + (found ? ": no .pkt files there" : ": no such file or folder"));
      return std::nullopt;
    }
    files.insert(files.end(), found->begin(), found->end());
  }
  return files;
}

/// The capture of a run, if one was asked for.
struct Capture {
  std::unique_ptr<FileSink> file;
  std::unique_ptr<obs::PcapngWriter> writer;
  std::unique_ptr<obs::InterfaceCapture> interface;
};

SystemResult<Capture> open_capture(const std::string& path) {
  Capture capture;
  if (path.empty()) return capture;
  auto file = FileSink::create(path);
  if (!file) return std::unexpected(file.error());
  capture.file = std::make_unique<FileSink>(std::move(*file));
  capture.writer = std::make_unique<obs::PcapngWriter>(
      obs::ByteSink{.context = capture.file.get(), .write = &FileSink::write_to}, obs::PcapngOptions{});
  capture.interface = std::make_unique<obs::InterfaceCapture>(
      *capture.writer,
      obs::PcapngInterface{.name = "drill", .description = {}, .has_ethernet_header = false});
  return capture;
}

drill::FileOptions file_options(const DrillOptions& options) {
  drill::FileOptions files;
  for (const std::string& define : options.defines) {
    const std::size_t equals = define.find('=');
    files.defines[define.substr(0, equals)] = equals == define.npos ? "" : define.substr(equals + 1);
  }
  files.play.profile = *drill::parse_profile(options.profile);
  files.play.exact = options.exact;
  files.play.ipv6 = options.ip_version == "ipv6";
  files.dry_run = options.dry_run;
  return files;
}

int run_drill(const DrillOptions& options) {
  auto files = all_scripts(options);
  if (!files) return kUsage;
  auto capture = open_capture(options.pcap);
  if (!capture) return report_failure("drill", capture.error().text);
  drill::FileOptions file = file_options(options);
  if (capture->interface) file.play.capture = capture->interface->sink();
  // One capture holds one order of frames.
  Players players(std::move(*files), file, capture->interface ? 1 : options.jobs);
  Tally tally;
  for (std::size_t i = 0; i < players.size(); ++i) {
    const FileResult result = players.take(i);
    tally.add(result.ending);
    print(result, options);
    const bool is_bad = result.ending == Ending::failed || result.ending == Ending::unreadable;
    if (is_bad && !options.keep_going) {
      tally.skipped += players.size() - i - 1;
      break;
    }
  }
  print_summary(tally, options);
  if (capture->file) {
    if (const auto closed = capture->file->close(); !closed) {
      return report_failure("drill", closed.error().text);
    }
  }
  return tally.unreadable ? kUsage : (tally.failed > 0 ? kFailed : 0);
}

}  // namespace

void add_drill(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DrillOptions>();
  CLI::App* drill =
      app.add_subcommand("drill", "Play .pkt scripts (packetdrill) against the stack in virtual time");
  drill->add_option("PATH", options->paths, "Script files, or folders with .pkt files")->required();
  drill
      ->add_option("-D,--define", options->defines,
                   "NAME=VALUE: a word of the scripts and what stands for it")
      ->take_all()
      ->expected(1);
  drill->add_option("--profile", options->profile, "Whose choices the scripts expect where RFCs leave one")
      ->check(CLI::IsMember({"linux", "freebsd"}))
      ->capture_default_str();
  drill->add_option("-j,--jobs", options->jobs, "Scripts played at the same time")->check(CLI::Range(1, 256));
  drill->add_flag("--exact", options->exact, "No tolerance of time where a script names none");
  drill->add_option("--ip_version", options->ip_version, "Play over ipv4 or ipv6 what names neither")
      ->check(CLI::IsMember({"ipv4", "ipv6"}));
  drill->add_flag("-k,--keep-going", options->keep_going, "Go on after a script that failed");
  drill->add_flag("-n,--dry-run", options->dry_run, "Read the scripts and say what is wrong with them");
  drill->add_flag("--trace", options->trace, "Show what happened in scripts that passed, too");
  drill->add_option("--pcap", options->pcap, "Write all frames to this file (pcapng)");
  drill->add_flag("--json", options->json, "One JSON object per script");
  drill->footer(
      "Examples:\n  strata drill tests/scripts\n  strata drill --trace --pcap run.pcapng script.pkt\n"
      "  strata drill -k -j 2 -D TFO_COOKIE=abcd --profile linux google/tcp\n"
      "Exit codes: 0 no script failed, 1 one did, 2 one could not be read.");
  drill->callback([options, &exit_code] { exit_code = run_drill(*options); });
}

}  // namespace strata::tools
