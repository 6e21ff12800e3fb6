// Any permutation, duplication and overlap of segments yields the stream once, through reassembly alone and
// through a connection; and what a connection sends is the stream, whatever is lost.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

std::vector<std::uint8_t> stream(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + (i >> 8));
  return bytes;
}

/// Random pieces, overlapping and repeated, and then a shuffled set that covers everything.
std::vector<Piece> some_pieces(std::uint32_t total) {
  const auto raw = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint32_t>>>(
      rc::gen::pair(rc::gen::inRange(0U, total), rc::gen::inRange(1U, total + 1)));
  std::vector<Piece> pieces;
  for (const auto& [begin, size] : raw)
    pieces.push_back({.begin = begin, .size = std::min(size, total - begin)});
  const auto step = *rc::gen::inRange(1U, total + 1);
  for (std::uint32_t begin = 0; begin < total; begin += step) {
    const auto at = *rc::gen::inRange(std::size_t{0}, pieces.size() + 1);
    pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at),
                  {.begin = begin, .size = std::min(step, total - begin)});
  }
  return pieces;
}

std::vector<std::uint8_t> read_all(buf::Pools& pools, buf::ByteQueue& queue) {
  std::vector<std::uint8_t> bytes(queue.size());
  queue.read(pools, bytes);
  return bytes;
}

void reassembles_the_stream() {
  buf::Pools pools({.block_size = 256, .blocks_max = 8192, .packets_max = 8, .queue_nodes_max = 4096});
  IslandSlab slab(4096);
  const SeqNum base(*rc::gen::element(0U, 0xffff'fff0U, 0x7fff'ffe0U));
  const auto total = *rc::gen::inRange(1U, 600U);
  const std::vector<std::uint8_t> bytes = stream(total);
  Reassembly islands;
  buf::ByteQueue queue;
  const Reassembly::Memory memory{pools, slab, 4096};
  std::uint32_t taken = 0;
  for (const Piece& piece : some_pieces(total)) {
    const Packet packet = buf::copy_in(pools, Bytes(bytes).subspan(piece.begin, piece.size));
    if (piece.begin + piece.size > taken) {
      (void)islands.insert(memory, base + piece.begin, *packet.raw(), 0, piece.size);
      taken += islands.take(memory, base + taken, queue);
    }
  }
  const bool empty = islands.empty();
  const std::vector<std::uint8_t> found = read_all(pools, queue);
  islands.clear(memory);
  RC_ASSERT(empty);
  RC_ASSERT(found == bytes);
  RC_ASSERT(slab.size() == 0U);
  RC_ASSERT(pools.blocks.in_use() == 0U);
}

TEST(ReassemblyProperty, AnyOrderOfPiecesGivesTheStreamOnce) {
  EXPECT_TRUE(rc::check("reassembly", reassembles_the_stream));
}

void receives_the_stream() {
  Scene scene;
  scene.irs = *rc::gen::element(0U, 0xffff'fff0U, 0x7fff'ffe0U);
  scene.islands_max = 4096;  // each piece is sent once, so nothing may be refused for want of memory
  scene.buffers.blocks_max = scene.buffers.queue_nodes_max = 8192;
  scene.peer_syn = *rc::gen::element(std::string("mss 1460"), std::string("mss 1460 sackOK"));
  Script t(State::established, scene);
  const auto total = *rc::gen::inRange(1U, 2000U);
  const auto batch = *rc::gen::inRange(1, 8);
  int arrived = 0;
  for (const Piece& piece : some_pieces(total)) {
    t.peer("P. seq " + std::to_string(piece.begin + 1) + " len " + std::to_string(piece.size));
    if (++arrived % batch != 0) continue;
    while (t.connection().poll_transmit(t.context())) {
    }
  }
  RC_ASSERT(t.connection().info().rcv_nxt == scene.irs + 1 + total);
  t.app_read(total);
  RC_ASSERT(t.tcb().reassembly.empty());
  RC_ASSERT(!t.has_failed());
}

TEST(ConnectionProperty, AnyOrderOfSegmentsGivesTheStreamOnce) {
  EXPECT_TRUE(rc::check("receive", receives_the_stream));
}

/// A peer that keeps what it has not seen, drops what `lost` says, and acknowledges in order.
class LossyPeer {
 public:
  explicit LossyPeer(Script& script, std::vector<bool> lost) : t_(script), lost_(std::move(lost)) {}

  /// Takes everything that the connection says now. Whether anything arrived.
  bool listen() {
    bool arrived = false;
    while (const auto segment = t_.connection().poll_transmit(t_.context())) {
      if (segment->payload_size == 0) continue;
      if (count_ < lost_.size() && lost_[count_++]) continue;
      arrived = true;
      take(bytes_between(t_.tcb().iss + 1, segment->seq), *segment);
      t_.peer(".  ack " + std::to_string(next_ + 1));
    }
    return arrived;
  }
  const std::vector<std::uint8_t>& received() const { return bytes_; }

 private:
  void take(std::uint32_t begin, const TxSegment& segment) {
    if (begin > next_ || begin + segment.payload_size <= next_) return;  // keeps nothing out of order
    std::vector<std::uint8_t> data(segment.packet.size());
    segment.packet.copy_to(data);
    bytes_.insert(bytes_.end(), data.begin() + (next_ - begin), data.end());
    next_ = static_cast<std::uint32_t>(bytes_.size());
  }

  Script& t_;
  std::vector<bool> lost_;
  std::size_t count_ = 0;
  std::uint32_t next_ = 0;
  std::vector<std::uint8_t> bytes_;
};

void sends_the_stream() {
  Scene scene;
  scene.iss = *rc::gen::element(0U, 0xffff'f000U, 0x7fff'ff00U);
  scene.path.gso_max = *rc::gen::element(0U, 5000U, 65'000U);
  scene.peer_syn = *rc::gen::element(std::string("mss 1460"), std::string("mss 1460 sackOK"));
  scene.config.retries2 = 255;  // however often the same segment is lost
  Script t(State::established, scene);
  LossyPeer peer(t, *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>()));
  const auto size = *rc::gen::inRange(std::size_t{1}, std::size_t{60'000});
  t.app_send(size);
  for (int i = 0; i < 1000 && t.connection().info().send_queued > 0 && !t.has_failed(); ++i) {
    if (peer.listen()) continue;
    t.advance(t.connection().next_deadline() - t.now());
  }
  Script reference(State::established);  // the same application, and nothing is lost
  reference.app_send(size);
  LossyPeer exact(reference, {});
  while (exact.listen()) {
  }
  RC_ASSERT(!t.has_failed());
  RC_ASSERT(peer.received().size() == size);
  RC_ASSERT(peer.received() == exact.received());
}

TEST(ConnectionProperty, WhateverIsLostThePeerGetsTheStream) {
  EXPECT_TRUE(rc::check("send", sends_the_stream));
}

}  // namespace
}  // namespace strata::tcp
