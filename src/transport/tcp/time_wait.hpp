// TIME-WAIT in a compact record (RFC 9293 §3.6, §3.10.7.4): what is needed to answer a repeated FIN and to
// tell a new connection's SYN from an old duplicate. All wait equally long, so they expire in the order of a
// list.
#pragma once

#include <cstdint>
#include <optional>

#include "base/slab.hpp"
#include "strata/trace.hpp"
#include "transport/tcp/segment.hpp"

namespace strata::tcp {

struct Tcb;
struct Context;

struct TimeWaitRecord {
  IpAddress local;
  IpAddress remote;
  std::uint32_t zone = 0;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  SeqNum snd_nxt;
  SeqNum rcv_nxt;
  std::uint32_t ts_recent = 0;  ///< 0 with ts_offset 0: no timestamps
  std::uint32_t ts_offset = 0;
  std::uint32_t flow_number = 0;
  std::uint32_t prev = 0xffff'ffff;
  std::uint32_t next = 0xffff'ffff;
  bool reuse_address = false;
  std::uint16_t ecn_flags = 0;  ///< RFC 9768 §3.2.2.2: the counter in every ACK
  std::uint32_t hash = 0;       ///< its place in the flow table
  Instant expires;

  FlowKey key() const {
    return {.local = {.address = local, .zone = zone, .port = local_port},
            .remote = {.address = remote, .zone = zone, .port = remote_port}};
  }
};

enum class TimeWaitVerdict : std::uint8_t {
  drop,         ///< nothing to say
  answer,       ///< send time_wait_ack(); the FIN came again: the wait begins anew
  acknowledge,  ///< send time_wait_ack()
  reuse,        ///< a SYN that can only be new (RFC 6191 §2, RFC 9293 §3.6.1): hand it to the listener
};
TimeWaitVerdict process_time_wait(const TimeWaitRecord& record, const Segment& segment);
TxSegment time_wait_ack(const TimeWaitRecord& record, Instant now);

/// The records of one stack in order of expiry; the owner keeps the flow table.
class TimeWaitTable {
 public:
  explicit TimeWaitTable(std::size_t max) : records_(max) {}

  /// kNone when full: make room with oldest().
  std::uint32_t add(const Tcb& tcb, std::uint32_t hash, Instant expires);
  void remove(std::uint32_t index);
  /// Back to the end of the list.
  void restart(std::uint32_t index, Instant expires);
  std::uint32_t oldest() const { return head_; }
  Instant next_expiry() const { return head_ == kNone ? Instant::never() : records_[head_].expires; }
  TimeWaitRecord& operator[](std::uint32_t index) { return records_[index]; }
  const TimeWaitRecord& operator[](std::uint32_t index) const { return records_[index]; }
  std::size_t size() const { return records_.size(); }

  static constexpr std::uint32_t kNone = 0xffff'ffff;

 private:
  void link_last(std::uint32_t index);
  void unlink(std::uint32_t index);

  Slab<TimeWaitRecord, 256> records_;
  std::uint32_t head_ = kNone;
  std::uint32_t tail_ = kNone;
};

}  // namespace strata::tcp
