#include "tools/sim_watchers.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "device/file_sink.hpp"
#include "obs/pcapng.hpp"
#include "sim/machine.hpp"

namespace strata::tools {

/// One file, one interface for each port of a machine.
class SimWatchers::Capture : public sim::Watcher {
 public:
  explicit Capture(FileSink file) : file_(std::move(file)) {}

  void on_frame(const sim::FrameSeen& frame) override {
    const std::string name = frame.machine.name() + "." + std::to_string(frame.port);
    const auto [interface, is_new] = interfaces_.try_emplace(name, 0);
    if (is_new) interface->second = writer_.add_interface({.name = name, .description = {}});
    writer_.write_frame(
        {.interface = interface->second, .at = frame.at, .direction = frame.direction, .comment = {}},
        frame.bytes);
  }
  SystemResult<void> close() { return file_.close(); }

 private:
  FileSink file_;
  obs::PcapngWriter writer_{obs::ByteSink{.context = &file_, .write = &FileSink::write_to},
                            obs::PcapngOptions{}};
  std::map<std::string, std::uint32_t> interfaces_;
};

SimWatchers::SimWatchers(const Wanted& wanted) : wanted_(wanted) {
  if (!wanted_.plot.empty()) plot_ = std::make_unique<sim::Plot>();
  if (wanted_.pcap_folder.empty()) return;
  std::error_code ignored;  // creating the file says what is wrong
  std::filesystem::create_directories(wanted_.pcap_folder, ignored);
  auto file = FileSink::create(wanted_.pcap_folder + "/" + wanted_.name + "-" + std::to_string(wanted_.seed) +
                               ".pcapng");
  if (file) capture_ = std::make_unique<Capture>(std::move(*file));
}

SimWatchers::~SimWatchers() = default;

std::vector<sim::Watcher*> SimWatchers::all() const {
  std::vector<sim::Watcher*> watchers;
  if (capture_) watchers.push_back(capture_.get());
  if (plot_) watchers.push_back(plot_.get());
  return watchers;
}

void SimWatchers::finish(const sim::Scenario& scenario, sim::RunReport& report) {
  if (plot_) write_plot(scenario, report);
  if (wanted_.pcap_folder.empty()) return;
  if (!capture_) {
    report.failures.push_back("no capture can be written in " + wanted_.pcap_folder);
  } else if (const auto closed = capture_->close(); !closed) {
    report.failures.push_back(closed.error().text);
  }
}

void SimWatchers::write_plot(const sim::Scenario& scenario, sim::RunReport& report) const {
  std::ofstream file(wanted_.plot);
  file << plot_->svg(scenario, report);
  file.flush();
  if (!file) report.failures.push_back(wanted_.plot + " cannot be written");
}

}  // namespace strata::tools
