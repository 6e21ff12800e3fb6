#include "obs/story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "obs/end_history.hpp"
#include "obs/frame_layers.hpp"
#include "obs/frame_text.hpp"
#include "obs/paint.hpp"
#include "wire/arp.hpp"

namespace strata::obs {
namespace {

constexpr std::size_t kLineColumns = 86;    ///< of a line of strange text
constexpr std::size_t kHeadLines = 12;      ///< of an HTTP head
constexpr std::size_t kPageLines = 12;      ///< of the page
constexpr std::size_t kDumpedData = 96;     ///< bytes of payload in the nested dump
constexpr std::size_t kAnswerSegments = 4;  ///< of the answer, one by one

/// The first line of a text, taken off its front.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end == text.npos ? text.size() : end + 1);
  text.remove_prefix(line.size());
  return line;
}

/// The head of an HTTP message with its empty line.
std::string_view head_of(std::string_view message) {
  const std::size_t end = message.find("\r\n\r\n");
  return end == message.npos ? message : message.substr(0, end + 4);
}

std::string_view first_line(std::string_view message) { return message.substr(0, message.find("\r\n")); }

class Story {
 public:
  Story(const Conversation& conversation, const Recording& recording, bool colour)
      : conversation_(conversation),
        recording_(recording),
        paint_(colour),
        request_(stream_of(conversation, recording.frames, Side::client)),
        answer_(stream_of(conversation, recording.frames, Side::server)),
        asking_(first_data(Side::client)),
        layers_(asking_ == nullptr ? std::nullopt : FrameLayers::parse(recording.frames[asking_->frame])) {}

  std::string tell() {
    if (!layers_ || request_.empty() || answer_.empty()) return {};
    browser_asks();
    becomes_segment();
    becomes_packet();
    leaves_as_frame();
    network_carries();
    internet_checks();
    transport_checks();
    server_answers();
    way_back();
    browser_shows();
    return std::move(out_);
  }

 private:
  const SeenSegment* first_data(Side from) const {
    for (const SeenSegment& s : conversation_.segments) {
      if (s.from == from && s.length != 0) return &s;
    }
    return nullptr;
  }

  void step(int number, std::string_view layer, std::string_view title) {
    if (number > 1) out_ += '\n';
    out_ += paint_.bold(fmt::format("{:>2}  {}", number, title)) + paint_.dim(fmt::format("  [{}]", layer)) +
            '\n';
  }
  void say(std::string_view line) { out_ += fmt::format("      {}\n", line); }
  void say_all(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) say(line);
  }
  /// A stranger's text, line by line, its line ends visible.
  void quote(std::string_view text, std::size_t lines_max) {
    for (std::size_t i = 0; i < lines_max && !text.empty(); ++i) {
      const std::string_view line = take_line(text);
      std::string_view shown = utf8_prefix(line, kLineColumns * 2);
      while (columns(printable(shown)) > kLineColumns) shown = utf8_prefix(shown, shown.size() - 1);
      out_ += "        " + paint_.note(printable(shown) + (shown.size() < line.size() ? " ..." : "")) + '\n';
    }
    if (!text.empty()) out_ += fmt::format("        ... {} more bytes\n", grouped(text.size()));
  }

  void browser_asks() {
    step(1, "application layer", "The browser asks for a page");
    say(fmt::format("{} bytes of text for {}:", request_.size(), to_string(conversation_.server)));
    quote(head_of(request_), kHeadLines);
  }

  void becomes_segment() {
    step(2, "transport layer", "The text becomes a TCP segment");
    say_all(tcp_fields(layers_->tcp));
    say(fmt::format(
        "counted from the handshake: byte {} of the browser's stream; {} bytes of the server's are here",
        conversation_.relative_seq(*asking_), conversation_.relative_ack(*asking_) - 1));
    say(fmt::format("{} bytes = TCP header {} + text {}", layers_->ip.payload_size(),
                    layers_->tcp.header_size(), layers_->data_size()));
  }

  void becomes_packet() {
    step(3, "internet layer", "The segment becomes an IP packet");
    say_all(ip_fields(layers_->ip));
    say(fmt::format("{} bytes = IP header {} + segment {}", layers_->ip.total_length(),
                    layers_->ip.header_size(), layers_->ip.payload_size()));
  }

  void leaves_as_frame() {
    step(4, "physical layer", "The packet becomes an Ethernet frame and leaves, header inside header");
    say_all(ethernet_fields(layers_->ethernet));
    say(fmt::format("{} bytes = Ethernet header {} + packet {}", layers_->frame.size(), layers_->ip_at(),
                    layers_->frame.size() - layers_->ip_at()));
    out_ += nested_dump(*layers_, "HTTP", kDumpedData, paint_);
  }

  /// The capture's ARP reply that told the browser's side the server's MAC address, or the other way round.
  std::optional<ArpView> arp_reply() const {
    for (const CapturedFrame& frame : recording_.frames) {
      const auto ethernet = EthernetView::parse(frame.bytes);
      if (!ethernet || ethernet->type() != kEtherTypeArp) continue;
      const auto arp = ArpView::parse(ethernet->payload());
      if (!arp || arp->is_request()) continue;
      const bool ours = arp->sender_ip() == conversation_.server.address ||
                        arp->sender_ip() == conversation_.client.address;
      if (ours) return *arp;
    }
    return std::nullopt;
  }

  void network_carries() {
    step(5, "network", "The network carries it");
    if (const std::string link = printable(recording_.trace.note("link")); !link.empty())
      say("link: " + link);
    if (const auto arp = arp_reply()) {
      say(fmt::format("ARP had asked: who has {}? The answer: {} is at {}", to_string(arp->sender_ip()),
                      to_string(arp->sender_ip()), to_string(arp->sender_mac())));
      say("The answer came from that address itself: both ends share one network, without a router.");
    }
    say(fmt::format("{} bytes cross the link {}", layers_->frame.size(), since_start(*asking_)));
  }

  std::string since_start(const SeenSegment& s) const {
    const std::int64_t micros = (s.at - conversation_.segments.front().at).count_micros();
    return fmt::format("{}.{:03} ms after the first SYN", micros / 1000, micros % 1000);
  }

  void internet_checks() {
    step(6, "internet layer, other side", "Is the packet whole, and for whom is it?");
    say("Ethernet header off. Version 4, the lengths fit, the header checksum is right");
    say(fmt::format("it came from {} and is for {}: the server's own address", to_string(layers_->ip.src()),
                    to_string(layers_->ip.dst())));
    say("IP header off. Protocol 6: up to TCP");
  }

  /// How a stream arrived: segments that came again, and such that came after a later one.
  std::string order_of(Side from) const {
    std::set<std::uint32_t> begins;
    std::size_t segments = 0;
    std::size_t repeated = 0;
    std::size_t late = 0;
    for (const SeenSegment& s : conversation_.segments) {
      if (s.from != from || s.length == 0) continue;
      const std::uint32_t begin = conversation_.relative_seq(s);
      ++segments;
      if (begins.contains(begin)) {
        ++repeated;
      } else if (!begins.empty() && begin < *begins.rbegin()) {
        ++late;
      }
      begins.insert(begin);
    }
    return fmt::format("{} segment{}, {} repeated, {} out of order", grouped(segments),
                       segments == 1 ? "" : "s", repeated, late);
  }

  void transport_checks() {
    step(7, "transport layer, other side", "Is anything missing, is it in order?");
    say(fmt::format("checksum over pseudo header, header and data: {}",
                    layers_->tcp_checksum_ok() ? "right" : "WRONG"));
    const bool expected = conversation_.relative_seq(*asking_) == 1;
    say(fmt::format(
        "sequence number {}{}", layers_->tcp.seq().raw(),
        expected ? fmt::format(" = {} of the SYN + 1: the byte expected next", conversation_.client_iss.raw())
                 : ""));
    say("the request came in " + order_of(Side::client));
    for (const SeenSegment& s : conversation_.segments) {
      if (s.from != Side::server || conversation_.relative_ack(s) != request_.size() + 1) continue;
      say(fmt::format("TCP header off. The server acknowledges: ack {} = {} + {} bytes", s.ack.raw(),
                      layers_->tcp.seq().raw(), request_.size()));
      break;
    }
  }

  /// Bytes that the server's application moved by calls of this kind, as its own stack traced them.
  std::uint64_t traced_bytes(Cause call) const {
    std::uint64_t bytes = 0;
    for (const TraceEvent& event : events_of(conversation_, Side::server, recording_.trace)) {
      if (event.kind == TraceKind::app_call && event.cause == call) bytes += event.call.length;
    }
    return bytes;
  }

  void server_answers() {
    step(8, "application layer, other side", "The server reads the request and the page");
    if (const std::uint64_t read = traced_bytes(Cause::app_receive); read != 0) {
      say(fmt::format("the server's program reads {} bytes from its socket", grouped(read)));
    }
    say("request: " + printable(first_line(request_)));
    const std::string_view head = head_of(answer_);
    say("answer:");
    quote(head, kHeadLines);
    if (const std::uint64_t sent = traced_bytes(Cause::app_send); sent != 0) {
      say(fmt::format("the server's program hands {} bytes to its socket", grouped(sent)));
    }
  }

  void way_back() {
    step(9, "all layers", "The way back, in the opposite order");
    const std::size_t head = head_of(answer_).size();
    say(fmt::format("{} bytes of answer = {} of HTTP head + {} of page", grouped(answer_.size()), head,
                    grouped(answer_.size() - head)));
    std::size_t shown = 0;
    for (const SeenSegment& s : conversation_.segments) {
      if (s.from != Side::server || s.length == 0 || ++shown > kAnswerSegments) continue;
      const auto layers = FrameLayers::parse(recording_.frames[s.frame]);
      if (!layers) continue;
      say(fmt::format(
          "Ethernet {} [ IPv4 {} [ TCP {} [ bytes {} to {} of the answer ] ] ], {} bytes on the link",
          layers->ip_at(), layers->ip.header_size(), layers->tcp.header_size(), conversation_.relative_seq(s),
          conversation_.relative_seq(s) + s.length - 1, grouped(recording_.frames[s.frame].size)));
    }
    if (shown > kAnswerSegments) say(fmt::format("... and {} segments more", shown - kAnswerSegments));
    say("the answer came in " + order_of(Side::server));
  }

  void browser_shows() {
    step(10, "application layer", "The browser shows the page");
    say(printable(first_line(answer_)));
    const std::string_view page = std::string_view(answer_).substr(head_of(answer_).size());
    quote(page, kPageLines);
    if (const std::string_view letter = first_wide_letter(page); !letter.empty()) {
      say(fmt::format("one letter is not one byte: {} is {} bytes, {}", letter, letter.size(), hex(letter)));
    }
    if (const std::string end = printable(recording_.trace.note("browser")); !end.empty()) say(end);
  }

  static std::string_view first_wide_letter(std::string_view text) {
    while (!text.empty()) {
      const std::size_t size = std::max<std::size_t>(1, utf8_length(text));
      if (size >= 3) return text.substr(0, size);
      text.remove_prefix(size);
    }
    return {};
  }

  const Conversation& conversation_;
  const Recording& recording_;
  Paint paint_;
  std::string request_;
  std::string answer_;
  const SeenSegment* asking_;
  std::optional<FrameLayers> layers_;
  std::string out_;
};

}  // namespace

std::string render_story(const Conversation& conversation, const Recording& recording, bool colour) {
  return Story(conversation, recording, colour).tell();
}

}  // namespace strata::obs
