#include "obs/capture_reader.hpp"

#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <memory>

namespace strata::obs {
namespace {

struct CloseCapture {
  void operator()(pcap_t* capture) const { pcap_close(capture); }
};
using Capture = std::unique_ptr<pcap_t, CloseCapture>;

/// libpcap stores nanoseconds in tv_usec when it was opened for them.
Instant time_of(const pcap_pkthdr& header) {
  return Instant::from_nanos(std::int64_t{header.ts.tv_sec} * 1'000'000'000 + header.ts.tv_usec);
}

}  // namespace

std::expected<std::vector<CapturedFrame>, std::string> read_capture(const std::string& path) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  const Capture capture(
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data()));
  if (!capture) return std::unexpected(std::string(error.data()));
  if (pcap_datalink(capture.get()) != DLT_EN10MB)
    return std::unexpected(path + ": not a capture of Ethernet frames");

  std::vector<CapturedFrame> frames;
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* bytes = nullptr;
  int status = 0;
  while ((status = pcap_next_ex(capture.get(), &header, &bytes)) == 1) {
    frames.push_back(
        {time_of(*header), std::max(header->len, header->caplen), {bytes, bytes + header->caplen}});
  }
  if (status == PCAP_ERROR) return std::unexpected(path + ": " + pcap_geterr(capture.get()));
  return frames;
}

}  // namespace strata::obs
