#include "link/queue/fair_queue.hpp"

#include <algorithm>

#include "link/queue/mark.hpp"

namespace strata {

FairQueue::FairQueue(const CodelConfig& config, std::size_t flows) : config_(config) {
  for (std::size_t i = 0; i < flows; ++i) flows_.emplace_back(config);
}

void FairQueue::push(Packet frame, Instant now) {
  const std::size_t index = flow_of(frame, config_.has_ethernet_header) % flows_.size();
  Flow& flow = flows_[index];
  bytes_ += frame.size();
  ++frames_;
  flow.frames.push(std::move(frame), now);
  if (flow.listed) return;
  flow.listed = true;
  flow.deficit = static_cast<std::int64_t>(config_.frame_max);
  new_.push_back(index);
}

/// RFC 8290 §4.2.
Packet FairQueue::pop(Instant now, QueueCounts& counts) {
  Packet out;
  while (!new_.empty() || !old_.empty()) {
    const bool is_new = !new_.empty();
    if (serve(is_new ? new_ : old_, is_new, now, counts, out)) return out;
  }
  return out;
}

/// One look at the first flow of a list: true when it gave a frame.
bool FairQueue::serve(Turn& turn, bool is_new, Instant now, QueueCounts& counts, Packet& out) {
  const std::size_t index = turn.front();
  Flow& flow = flows_[index];
  if (flow.deficit <= 0) {
    flow.deficit += static_cast<std::int64_t>(config_.frame_max);
    turn.pop_front();
    old_.push_back(index);
    return false;
  }
  const std::size_t bytes_before = flow.frames.bytes();
  const std::size_t frames_before = flow.frames.size();
  out = flow.codel.pop(flow.frames, now, counts);
  bytes_ -= bytes_before - flow.frames.bytes();
  frames_ -= frames_before - flow.frames.size();
  if (out) {
    flow.deficit -= static_cast<std::int64_t>(out.size());
    return true;
  }
  turn.pop_front();
  // An empty new flow has one more turn among the old: else it could come back as new at once.
  flow.listed = is_new && !old_.empty();
  if (flow.listed) old_.push_back(index);
  return false;
}

void FairQueue::drop_from_longest(QueueCounts& counts) {
  const auto longest =
      std::ranges::max_element(flows_, {}, [](const Flow& flow) { return flow.frames.bytes(); });
  const HeldFrame dropped = longest->frames.pop();
  if (!dropped.frame) return;
  bytes_ -= dropped.frame.size();
  --frames_;
  ++counts.dropped;
}

}  // namespace strata
