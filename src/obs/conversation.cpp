#include "obs/conversation.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "obs/frame_layers.hpp"
#include "strata/bytes.hpp"
#include "wire/tcp.hpp"

namespace strata::obs {
namespace {

/// A segment with its addresses, before it is known whose it is.
struct Found {
  Endpoint src;
  Endpoint dst;
  SeenSegment segment;
  std::optional<std::uint8_t> wscale;  ///< of a SYN
};

std::optional<Found> find_segment(const CapturedFrame& frame) {
  const auto layers = FrameLayers::parse(frame);
  if (!layers) return std::nullopt;
  const TcpView& tcp = layers->tcp;
  Found found{.src = {layers->ip.src(), 0, tcp.src_port()},
              .dst = {layers->ip.dst(), 0, tcp.dst_port()},
              .segment = {},
              .wscale = {}};
  found.segment.at = frame.at;
  found.segment.seq = tcp.seq();
  found.segment.ack = tcp.ack();
  found.segment.flags = tcp.flags();
  found.segment.window = tcp.window();
  found.segment.length = static_cast<std::uint32_t>(layers->data_size());
  found.segment.payload_at = layers->data_at();
  if (const auto options = parse_tcp_options(tcp.options())) found.wscale = options->wscale;
  return found;
}

/// A conversation in the making, with what scales its windows.
struct Open {
  Conversation conversation;
  std::optional<std::uint8_t> wscale[2];
  bool seen[2] = {false, false};

  std::optional<Side> side_of(const Found& found) const {
    if (found.src == conversation.client && found.dst == conversation.server) return Side::client;
    if (found.src == conversation.server && found.dst == conversation.client) return Side::server;
    return std::nullopt;
  }
  /// A SYN with another initial number than the one its sender began this conversation with.
  bool is_reopened_by(const Found& found) const {
    const Side from = *side_of(found);
    const bool opening = found.segment.has(tcp_flag::kSyn) && !found.segment.has(tcp_flag::kAck);
    return opening && seen[static_cast<std::size_t>(from)] && found.segment.seq != conversation.iss(from);
  }
  void take(Found found, Side side) {
    const auto from = static_cast<std::size_t>(side);
    SeenSegment& s = found.segment;
    s.from = side;
    const bool syn = s.has(tcp_flag::kSyn);
    // Without a SYN the first number seen counts as the one after it, so that payload begins at 1.
    if (!seen[from])
      (side == Side::client ? conversation.client_iss : conversation.server_iss) = syn ? s.seq : s.seq - 1;
    seen[from] = true;
    if (syn) wscale[from] = found.wscale;
    // RFC 7323 §2.2: only after both SYNs carried the option, and never in a SYN.
    if (!syn && wscale[0] && wscale[1]) s.window <<= std::min<std::uint8_t>(*wscale[from], 14);
    conversation.segments.push_back(s);
  }
};

/// The iss of an end that never sent: the number its peer acknowledges, less the SYN.
void guess_silent_end(Open& open) {
  for (const SeenSegment& s : open.conversation.segments) {
    const Side silent = other(s.from);
    if (open.seen[static_cast<std::size_t>(silent)] || !s.has(tcp_flag::kAck)) continue;
    (silent == Side::client ? open.conversation.client_iss : open.conversation.server_iss) = s.ack - 1;
    return;
  }
}

}  // namespace

SeqNum SeenSegment::end() const {
  return seq + length + (has(tcp_flag::kSyn) ? 1 : 0) + (has(tcp_flag::kFin) ? 1 : 0);
}

std::vector<Conversation> find_conversations(std::span<const CapturedFrame> frames) {
  std::vector<Open> all;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto found = find_segment(frames[i]);
    if (!found) continue;
    found->segment.frame = i;
    auto open =
        std::find_if(all.rbegin(), all.rend(), [&](const Open& o) { return o.side_of(*found).has_value(); });
    if (open == all.rend() || open->is_reopened_by(*found)) {
      Open fresh;
      const bool answer = found->segment.has(tcp_flag::kSyn) && found->segment.has(tcp_flag::kAck);
      fresh.conversation.client = answer ? found->dst : found->src;
      fresh.conversation.server = answer ? found->src : found->dst;
      all.push_back(std::move(fresh));
      open = all.rbegin();
    }
    open->take(*found, *open->side_of(*found));
  }
  std::vector<Conversation> conversations;
  for (Open& open : all) {
    guess_silent_end(open);
    conversations.push_back(std::move(open.conversation));
  }
  return conversations;
}

std::string stream_of(const Conversation& conversation, std::span<const CapturedFrame> frames, Side from) {
  std::vector<const SeenSegment*> data;
  for (const SeenSegment& s : conversation.segments) {
    if (s.from == from && s.length != 0) data.push_back(&s);
  }
  const auto offset = [&](const SeenSegment& s) {
    return std::uint64_t{conversation.relative_seq(s)} + (s.has(tcp_flag::kSyn) ? 1 : 0) - 1;
  };
  std::sort(data.begin(), data.end(), [&](const auto* a, const auto* b) {
    return std::pair(offset(*a), a->frame) < std::pair(offset(*b), b->frame);
  });

  std::string stream;
  for (const SeenSegment* s : data) {
    const Bytes frame = frames[s->frame].bytes;
    const std::size_t begin = std::min(frame.size(), s->payload_at);
    const std::string_view payload =
        as_text(frame.subspan(begin, std::min<std::size_t>(s->length, frame.size() - begin)));
    if (offset(*s) > stream.size()) break;
    const std::size_t known = std::min(payload.size(), stream.size() - static_cast<std::size_t>(offset(*s)));
    stream += payload.substr(known);
  }
  return stream;
}

}  // namespace strata::obs
