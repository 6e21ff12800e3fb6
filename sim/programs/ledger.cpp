#include "sim/programs/ledger.hpp"

namespace strata::sim {
namespace {

/// Streams differ, so that bytes of another connection do not look right.
std::uint64_t salt_of(const Endpoint& from, const Endpoint& to) {
  std::uint64_t salt = std::uint64_t{from.port} << 16 | to.port;
  for (const IpAddress& address : {from.address, to.address}) {
    for (const std::uint8_t octet : address.octets()) salt = (salt ^ octet) * 0x100'0000'01b3U;
  }
  return salt;
}

/// Bytes that differ from place to place.
std::uint8_t byte_at(std::uint64_t salt, std::uint64_t offset) {
  std::uint64_t word = (salt + offset / 8) * 0x9e37'79b9'7f4a'7c15U;
  word ^= word >> 29;
  return static_cast<std::uint8_t>(word >> (8 * (offset % 8)));
}

}  // namespace

TalkRecord& Ledger::open(TalkRecord record) { return talks_.emplace_back(std::move(record)); }

void Ledger::on_connected(TalkRecord& record, Instant at) {
  record.connected = at;
  by_ends_[{record.local, record.remote}] = &record;
}

void Ledger::on_read(TalkRecord& record, Bytes bytes) {
  const std::uint64_t salt = salt_of(record.remote, record.local);
  for (const std::uint8_t byte : bytes) {
    if (byte != byte_at(salt, record.received) && record.wrong.empty())
      record.wrong = "wrong byte at offset " + std::to_string(record.received);
    ++record.received;
  }
  const auto peer = by_ends_.find({record.remote, record.local});
  if (record.wrong.empty() && (peer == by_ends_.end() || record.received > peer->second->offered))
    record.wrong = "read more than was sent: " + std::to_string(record.received) + " bytes";
}

void Ledger::fill(const TalkRecord& record, std::uint64_t offset, MutableBytes bytes) const {
  const std::uint64_t salt = salt_of(record.local, record.remote);
  for (std::uint8_t& byte : bytes) byte = byte_at(salt, offset++);
}

}  // namespace strata::sim
