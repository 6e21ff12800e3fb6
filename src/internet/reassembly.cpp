#include "internet/reassembly.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "internet/address_hash.hpp"

namespace strata::internet {
namespace {

/// Pieces hold no more than this part of the stack's memory for packets, however small that is.
constexpr std::size_t kShareOfPool = 4;

/// RFC 3168 §5.3: Not-ECT and something else in one datagram is somebody's error.
constexpr bool marks_agree(std::uint8_t marks) { return (marks & 1) == 0 || marks == 1; }
/// One CE stands for all; of ECT(0) and ECT(1) together the first is as good.
constexpr std::uint8_t mark_of(std::uint8_t marks) {
  if ((marks & 8) != 0) return 3;
  if ((marks & 4) != 0) return 2;
  return (marks & 2) != 0 ? 1 : 0;
}

/// Fills blocks one after the other; the first becomes the head.
class Writer {
 public:
  Writer(buf::Pools& pools, Packet& packet) : pools_(pools), packet_(packet) {}

  bool write(Bytes data) {
    while (!data.empty()) {
      if (block_ == nullptr || used_ == block_->capacity) {
        if (!next_block()) return false;
      }
      const std::size_t n = std::min<std::size_t>(data.size(), block_->capacity - used_);
      std::ranges::copy(data.first(n), block_->data + used_);
      used_ += static_cast<std::uint32_t>(n);
      data = data.subspan(n);
    }
    return true;
  }
  /// What was written last joins the packet.
  void finish() {
    if (block_ == nullptr) return;
    block_->filled = block_->capacity;  // nobody appends to it
    buf::Slice slice = buf::Slice::adopt(std::exchange(block_, nullptr), 0, used_);
    if (packet_.raw()->head_is_inline()) {
      packet_.raw()->head_slice = std::move(slice);
    } else {
      packet_.raw()->append(std::move(slice));
    }
  }

 private:
  bool next_block() {
    finish();
    used_ = 0;
    if (!packet_.raw()->full()) block_ = pools_.blocks.allocate();
    return block_ != nullptr;
  }

  buf::Pools& pools_;
  Packet& packet_;
  buf::Block* block_ = nullptr;
  std::uint32_t used_ = 0;
};

}  // namespace

Reassembly::Reassembly(const Config& config, std::uint64_t hash_key, buf::Pools& pools, Counters& counters)
    : bytes_max_(std::min(config.tables.fragment_bytes_max,
                          config.buffers.blocks_max * config.buffers.block_size / kShareOfPool)),
      source_bytes_max_(config.tables.fragment_source_bytes_max),
      pieces_max_(config.tables.fragments_per_datagram_max),
      hash_key_(hash_key),
      pools_(pools),
      counters_(counters),
      pieces_(config.buffers.packets_max / kShareOfPool),
      datagrams_(config.tables.fragmented_datagrams_max),
      sources_(config.tables.fragmented_datagrams_max),
      buckets_(std::bit_ceil(std::max<std::size_t>(config.tables.fragmented_datagrams_max, 2)), kNone),
      source_buckets_(buckets_.size(), kNone) {
  set_rules(config.tcp);
}

std::uint32_t& Reassembly::bucket_of(const FragmentKey& key) {
  const std::uint64_t salt = std::uint64_t{key.id} << 8 | key.protocol;
  const std::uint64_t hash = address_hash(address_hash(hash_key_ ^ salt, key.src), key.dst);
  return buckets_[hash & (buckets_.size() - 1)];
}

std::uint32_t& Reassembly::bucket_of(const IpAddress& source) {
  return source_buckets_[address_hash(~hash_key_, source) & (source_buckets_.size() - 1)];
}

Reassembly::Datagram* Reassembly::find(const FragmentKey& key) {
  std::uint32_t i = bucket_of(key);
  while (i != kNone && datagrams_[i].key != key) i = datagrams_[i].next_in_bucket;
  return i == kNone ? nullptr : &datagrams_[i];
}

std::uint32_t Reassembly::source_of(const IpAddress& address) {
  std::uint32_t i = bucket_of(address);
  while (i != kNone && sources_[i].address != address) i = sources_[i].next_in_bucket;
  if (i != kNone) return i;
  i = sources_.emplace(address);
  if (i != kNone) sources_[i].next_in_bucket = std::exchange(bucket_of(address), i);
  return i;
}

Reassembly::Datagram* Reassembly::create(const FragmentKey& key, Instant now) {
  if (datagrams_.size() == datagrams_.max_size()) {
    Datagram* oldest = by_age_[0].empty() ? by_age_[1].front() : by_age_[0].front();
    if (oldest == nullptr) return nullptr;
    counters_.add(Counter::frag_evicted);
    erase(*oldest);
  }
  const std::uint32_t index = datagrams_.emplace(key);
  if (index == kNone) return nullptr;
  const std::uint32_t source = source_of(key.src);
  if (source == kNone) {
    datagrams_.erase(index);
    return nullptr;
  }
  Datagram& datagram = datagrams_[index];
  datagram.begun = now;
  datagram.source = source;
  datagram.next_in_bucket = std::exchange(bucket_of(key), index);
  by_age_[family_of(key)].push_back(datagram);
  sources_[source].datagrams.push_back(datagram);
  return &datagram;
}

void Reassembly::leave_source(Datagram& datagram) {
  Source& source = sources_[datagram.source];
  source.datagrams.remove(datagram);
  if (!source.datagrams.empty()) return;
  std::uint32_t* link = &bucket_of(source.address);
  while (*link != datagram.source) link = &sources_[*link].next_in_bucket;
  *link = source.next_in_bucket;
  sources_.erase(datagram.source);
}

void Reassembly::erase(Datagram& datagram) {
  drop_pieces(datagram);
  by_age_[family_of(datagram.key)].remove(datagram);
  leave_source(datagram);
  std::uint32_t* link = &bucket_of(datagram.key);
  while (&datagrams_[*link] != &datagram) link = &datagrams_[*link].next_in_bucket;
  const std::uint32_t index = *link;
  *link = datagram.next_in_bucket;
  datagrams_.erase(index);
}

void Reassembly::drop_pieces(Datagram& datagram) {
  for (std::uint32_t i = datagram.pieces; i != kNone;) {
    const std::uint32_t next = pieces_[i].next;
    pieces_.erase(i);
    i = next;
  }
  bytes_ -= datagram.cost;
  sources_[datagram.source].cost -= datagram.cost;
  datagram.cost = 0;
  datagram.pieces = kNone;
}

/// RFC 5722 §3: also what still comes of it is discarded, so its name stays taken until its time is over.
void Reassembly::kill(Datagram& datagram, Counter reason) {
  counters_.add(reason);
  drop_pieces(datagram);
  datagram.is_dead = true;
}

/// Block memory that a packet keeps in use, and its descriptor, which is not free either.
std::size_t Reassembly::cost_of(const Packet& packet) const {
  const std::size_t blocks = packet.raw()->slice_count + (packet.raw()->head_is_inline() ? 0U : 1U);
  return blocks * pools_.blocks.block_size() + sizeof(buf::PacketBuf);
}

/// That has memory to give; the other family's only if this one has none.
Reassembly::Datagram* Reassembly::oldest_but(const Datagram& kept) {
  const std::size_t own = family_of(kept.key);
  for (const std::size_t family : {own, 1 - own}) {
    Datagram* datagram = by_age_[family].front();
    while (datagram != nullptr && (datagram == &kept || datagram->cost == 0))
      datagram = ByAge::next(*datagram);
    if (datagram != nullptr) return datagram;
  }
  return nullptr;
}

/// The source pays first, then who waits longest.
bool Reassembly::make_room(Datagram& datagram, std::size_t cost) {
  Source& source = sources_[datagram.source];
  while (source.cost + cost > source_bytes_max_) {
    Datagram* oldest = source.datagrams.front();
    if (oldest == &datagram) oldest = source.datagrams.next(datagram);
    if (oldest == nullptr) return false;
    counters_.add(Counter::frag_evicted);
    erase(*oldest);
  }
  while (bytes_ + cost > bytes_max_ || pieces_.size() == pieces_.max_size()) {
    Datagram* oldest = oldest_but(datagram);
    if (oldest == nullptr) return false;
    counters_.add(Counter::frag_evicted);
    erase(*oldest);
  }
  return true;
}

std::optional<Counter> Reassembly::contradiction(const Datagram& datagram, const Fragment& fragment,
                                                 std::uint32_t size) const {
  const std::uint32_t end = fragment.offset + size;
  if (fragment.header_size + end > kSizeMax) return Counter::frag_too_long;  // RFC 791 §3.1
  if (!marks_agree(datagram.marks | static_cast<std::uint8_t>(1U << fragment.ecn)))
    return Counter::frag_bad_ecn;
  if (datagram.end && (fragment.more ? end >= *datagram.end : end != *datagram.end))
    return Counter::frag_bad_end;
  std::uint32_t last_end = 0;
  for (std::uint32_t i = datagram.pieces; i != kNone; i = pieces_[i].next) {
    const Piece& piece = pieces_[i];
    last_end = piece.end;
    if (piece.begin < end && fragment.offset < piece.end) return Counter::frag_overlap;
  }
  if (!fragment.more && last_end > end) return Counter::frag_bad_end;
  if (datagram.piece_count == pieces_max_) return Counter::frag_too_many;
  return std::nullopt;
}

bool Reassembly::insert(Datagram& datagram, const Fragment& fragment, Packet packet) {
  const auto size = static_cast<std::uint32_t>(packet.size());
  const std::size_t cost = cost_of(packet);
  const bool has_room = make_room(datagram, cost);
  const std::uint32_t index =
      has_room ? pieces_.emplace(fragment.offset, fragment.offset + size, cost) : kNone;
  if (index == kNone) return false;
  pieces_[index].packet = std::move(packet);
  std::uint32_t* link = &datagram.pieces;
  while (*link != kNone && pieces_[*link].begin < fragment.offset) link = &pieces_[*link].next;
  pieces_[index].next = std::exchange(*link, index);
  ++datagram.piece_count;
  datagram.cost += cost;
  sources_[datagram.source].cost += cost;
  bytes_ += cost;
  datagram.received += size;
  datagram.marks |= static_cast<std::uint8_t>(1U << fragment.ecn);
  if (!fragment.more) datagram.end = fragment.offset + size;
  if (fragment.offset == 0) datagram.first = fragment;
  return true;
}

Reassembly::Whole Reassembly::add(const Fragment& fragment, Packet packet, Instant now) {
  counters_.add(Counter::frag_in);
  const auto size = static_cast<std::uint32_t>(packet.size());
  const auto refuse = [this](Counter reason) {
    counters_.add(reason);
    return Whole{};
  };
  if (size == 0) return refuse(Counter::frag_empty);
  if (fragment.more && size % 8 != 0) return refuse(Counter::frag_bad_length);  // RFC 791 §3.2
  Datagram* datagram = find(fragment.key);
  if (datagram == nullptr) datagram = create(fragment.key, now);
  if (datagram == nullptr) return refuse(Counter::frag_no_room);
  if (datagram->is_dead) return refuse(Counter::frag_of_dead);
  for (std::uint32_t i = datagram->pieces; i != kNone; i = pieces_[i].next) {
    const bool is_twin = pieces_[i].begin == fragment.offset && pieces_[i].end == fragment.offset + size;
    if (is_twin) return refuse(Counter::frag_duplicate);  // the network's doing: the first one counts
  }
  if (const auto reason = contradiction(*datagram, fragment, size)) {
    kill(*datagram, *reason);
    return {};
  }
  if (!insert(*datagram, fragment, std::move(packet))) {
    kill(*datagram, Counter::frag_no_room);
    return {};
  }
  if (datagram->end != datagram->received) return {};
  Whole whole = assemble(*datagram);
  erase(*datagram);
  return whole;
}

/// Copied into fresh blocks: headers that were spread over tiny fragments lie in one piece again.
Reassembly::Whole Reassembly::assemble(Datagram& datagram) {
  Whole whole{.packet = pools_.packets.allocate(),
              .header_size = datagram.first.header_size,
              .ecn = mark_of(datagram.marks)};
  if (!whole.packet) {
    counters_.add(Counter::no_packet);
    return {};
  }
  Writer writer(pools_, whole.packet);
  const Packet& first = pieces_[datagram.pieces].packet;
  bool done = writer.write({first.head().data() - whole.header_size, whole.header_size});
  for (std::uint32_t i = datagram.pieces; done && i != kNone; i = pieces_[i].next) {
    const Packet& piece = pieces_[i].packet;
    done = writer.write(piece.head());
    for (std::size_t n = 0; done && n < piece.piece_count(); ++n) done = writer.write(piece.piece(n));
  }
  writer.finish();
  counters_.add(done ? Counter::frag_whole : Counter::no_block);
  return done ? std::move(whole) : Whole{};
}

std::optional<Reassembly::Unfinished> Reassembly::expire(Instant now) {
  for (const std::size_t family : {0U, 1U}) {
    while (Datagram* oldest = by_age_[family].front()) {
      if (now < oldest->begun + lifetimes_[family]) break;
      if (!oldest->is_dead) counters_.add(Counter::frag_timeout);
      std::optional<Unfinished> told;
      if (oldest->pieces != kNone && pieces_[oldest->pieces].begin == 0) {
        told = Unfinished{.first = oldest->first, .packet = std::move(pieces_[oldest->pieces].packet)};
      }
      erase(*oldest);
      if (told) return told;
    }
  }
  return std::nullopt;
}

Instant Reassembly::next_deadline() const {
  Instant next = Instant::never();
  for (const std::size_t family : {0U, 1U}) {
    if (const Datagram* oldest = by_age_[family].front()) {
      next = std::min(next, oldest->begun + lifetimes_[family]);
    }
  }
  return next;
}

}  // namespace strata::internet
