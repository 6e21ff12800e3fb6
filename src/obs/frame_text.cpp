#include "obs/frame_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "obs/trace_text.hpp"

namespace strata::obs {
namespace {

constexpr std::size_t kBytesPerLine = 16;
constexpr std::size_t kNameWidth = 14;

std::string option_words(const TcpView& tcp) {
  const auto options = parse_tcp_options(tcp.options());
  if (!options || tcp.options().empty()) return options ? "none" : "malformed";
  std::string words;
  const auto add = [&](const std::string& word) { words += (words.empty() ? "" : ", ") + word; };
  if (options->mss) add(fmt::format("MSS {}", *options->mss));
  if (options->sack_permitted) add("SACK permitted");
  if (options->wscale) add(fmt::format("window scale {}", *options->wscale));
  if (options->timestamps) {
    add(fmt::format("timestamps {} echo {}", options->timestamps->value, options->timestamps->echo));
  }
  if (options->sack_count != 0) add(fmt::format("{} SACK blocks", options->sack_count));
  return words.empty() ? "padding" : words;
}

/// Hex in one column, text in the next; `name` stands before the first line.
void dump(std::string& to, std::string name, std::size_t at, Bytes bytes, const Paint& paint,
          bool show_text) {
  for (std::size_t i = 0; i < bytes.size(); i += kBytesPerLine) {
    const Bytes row = bytes.subspan(i, std::min(kBytesPerLine, bytes.size() - i));
    std::string text;
    for (const std::uint8_t byte : row) text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    const std::string line = hex(as_text(row));
    to += "      " + paint.bold(name) + std::string(kNameWidth - std::min(kNameWidth, name.size()), ' ');
    to += fmt::format("{:04x}  {}", at + i, line);
    if (show_text) to += std::string(kBytesPerLine * 3 + 1 - line.size(), ' ') + paint.dim(text);
    to += '\n';
    name.clear();
  }
}

}  // namespace

std::vector<std::string> tcp_fields(const TcpView& tcp) {
  return {fmt::format("source port {}, destination port {}", tcp.src_port(), tcp.dst_port()),
          fmt::format("sequence number {}, acknowledgment number {}", tcp.seq().raw(), tcp.ack().raw()),
          fmt::format("header of {} bytes, flags {}, window {}, checksum 0x{:04x}", tcp.header_size(),
                      tcp_flag_letters(tcp.flags()), tcp.window(), tcp.checksum()),
          fmt::format("options: {}", option_words(tcp))};
}

std::vector<std::string> ip_fields(const Ipv4View& ip) {
  return {fmt::format("from {} to {}", to_string(ip.src()), to_string(ip.dst())),
          fmt::format("version 4, header of {} bytes, total length {}, protocol {} (TCP)", ip.header_size(),
                      ip.total_length(), ip.protocol()),
          fmt::format("TTL {}, identification 0x{:04x}{}", ip.ttl(), ip.id(),
                      ip.dont_fragment() ? ", do not fragment" : "")};
}

std::vector<std::string> ethernet_fields(const EthernetView& ethernet) {
  return {fmt::format("to {} from {}, type 0x{:04x} (IPv4)", to_string(ethernet.dst()),
                      to_string(ethernet.src()), ethernet.type())};
}

std::string nested_dump(const FrameLayers& layers, std::string_view data_name, std::size_t data_max,
                        const Paint& paint) {
  std::string text;
  const Bytes frame = layers.frame;
  const std::size_t data_end = std::min(frame.size(), layers.data_at() + layers.data_size());
  dump(text, "Ethernet", 0, frame.first(layers.ip_at()), paint, false);
  dump(text, "  IPv4", layers.ip_at(), frame.subspan(layers.ip_at(), layers.ip.header_size()), paint, false);
  dump(text, "    TCP", layers.tcp_at(), frame.subspan(layers.tcp_at(), layers.tcp.header_size()), paint,
       false);
  const std::size_t shown = std::min(data_max, data_end - std::min(data_end, layers.data_at()));
  dump(text, fmt::format("      {}", data_name), layers.data_at(), frame.subspan(layers.data_at(), shown),
       paint, true);
  if (shown < layers.data_size()) {
    text +=
        fmt::format("      {:{}}...   {} more bytes\n", "", kNameWidth, grouped(layers.data_size() - shown));
  }
  return text;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<std::uint8_t>(c));
  return text;
}

}  // namespace strata::obs
