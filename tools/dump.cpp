// `strata dump FILE`: a capture as lines, the same as those of `tcpdump -nn -r FILE`.
#include <pcap/pcap.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "tools/report.hpp"
#include "tools/verbs.hpp"
#include "wire/describe.hpp"

namespace strata::tools {
namespace {

struct DumpOptions {
  std::string file;
  bool json = false;
};

struct CloseCapture {
  void operator()(pcap_t* capture) const { pcap_close(capture); }
};
using Capture = std::unique_ptr<pcap_t, CloseCapture>;

/// The reader stopped before the end: its output has nowhere to go.
struct WriteError {
  int error;
};

int fail(std::string_view text) { return report_failure("dump", text); }

/// libpcap puts the name first in some of its messages only.
std::string with_name(const std::string& file, std::string_view reason) {
  if (reason.starts_with(file)) return std::string(reason);
  return fmt::format("{}: {}", file == "-" ? "standard input" : file, reason);
}

std::optional<LinkType> link_type(int datalink) {
  if (datalink == DLT_EN10MB) return LinkType::ethernet;
  if (datalink == DLT_RAW) return LinkType::raw_ip;
  return std::nullopt;
}

std::string time_of_day(const timeval& time) {
  std::tm local{};
  std::array<char, 16> text{};
  const std::time_t seconds = time.tv_sec;
  localtime_r(&seconds, &local);
  std::strftime(text.data(), text.size(), "%H:%M:%S", &local);
  return fmt::format("{}.{:06}", text.data(), time.tv_usec);
}

/// What is wrong with the sizes that the file gives for a packet; empty when they make sense.
std::string size_complaint(const pcap_pkthdr& header) {
  std::string text;
  const auto add = [&](const std::string& what) {
    text += (text.empty() ? "[Invalid header: " : ", ") + what;
  };
  if (header.caplen == 0) add("caplen==0");
  if (header.len == 0) {
    add("len==0");
  } else if (header.len < header.caplen) {
    add(fmt::format("len({}) < caplen({})", header.len, header.caplen));
  }
  return text.empty() ? text : text + "]";
}

void write_line(const std::string& line) {
  if (std::fputs(line.c_str(), stdout) < 0 || std::fputc('\n', stdout) == EOF) throw WriteError{errno};
}

void print_text(const pcap_pkthdr& header, const std::string& text) {
  if (const std::string complaint = size_complaint(header); !complaint.empty()) return write_line(complaint);
  write_line(time_of_day(header.ts) + " " + text);
}

void print_json(const pcap_pkthdr& header, const std::string& text) {
  write_line(json_object({{"time", fmt::format("{}.{:06}", header.ts.tv_sec, header.ts.tv_usec)},
                          {"length", std::uint64_t{header.len}},
                          {"captured", std::uint64_t{header.caplen}},
                          {"text", text}}));
}

int print_packets(pcap_t* capture, LinkType link, const DumpOptions& options) {
  Describer describer;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  int status = 0;
  while ((status = pcap_next_ex(capture, &header, &bytes)) == 1) {
    const std::string text =
        describer.describe({bytes, header->caplen}, {.link = link, .wire_size = header->len});
    options.json ? print_json(*header, text) : print_text(*header, text);
  }
  if (std::fflush(stdout) != 0) throw WriteError{errno};
  return status == PCAP_ERROR ? fail(with_name(options.file, pcap_geterr(capture))) : 0;
}

int run_dump(const DumpOptions& options) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  const Capture capture(pcap_open_offline(options.file.c_str(), error.data()));
  if (!capture) return fail(with_name(options.file, error.data()) + " (a pcap or pcapng file is needed)");
  const int datalink = pcap_datalink(capture.get());
  const std::optional<LinkType> link = link_type(datalink);
  if (!link) {
    const char* name = pcap_datalink_val_to_name(datalink);
    return fail(
        with_name(options.file, fmt::format("it holds {} frames; only Ethernet and raw IP can be shown",
                                            name != nullptr ? name : "unknown")));
  }
  try {
    return print_packets(capture.get(), *link, options);
  } catch (const WriteError& failure) {
    return fail(fmt::format("cannot write to standard output: {}", std::strerror(failure.error)));
  }
}

}  // namespace

void add_dump(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<DumpOptions>();
  CLI::App* dump =
      app.add_subcommand("dump", "Print a capture file (pcap or pcapng) in the lines of tcpdump");
  dump->add_option("FILE", options->file, "The capture; - reads standard input")->required();
  dump->add_flag("--json", options->json, "One JSON object per packet");
  dump->footer("Example: strata dump demo.pcapng");
  dump->callback([options, &exit_code] { exit_code = run_dump(*options); });
}

}  // namespace strata::tools
