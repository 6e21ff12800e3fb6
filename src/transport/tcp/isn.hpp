// Initial sequence numbers (RFC 6528 §3): a 4 µs clock plus a keyed hash of both ends.
#pragma once

#include "base/seq_num.hpp"
#include "base/siphash.hpp"
#include "strata/time.hpp"
#include "transport/tcp/segment.hpp"

namespace strata::tcp {

SeqNum initial_sequence_number(const SipKey& key, const FlowKey& flow, Instant now);
/// RFC 7323 §7.1: a per-connection start of the timestamp clock, from the same key.
std::uint32_t timestamp_offset(const SipKey& key, const FlowKey& flow);

}  // namespace strata::tcp
