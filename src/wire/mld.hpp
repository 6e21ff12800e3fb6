// Multicast listener discovery, version 2 (RFC 3810 §5), and queries of version 1 (RFC 2710 §3), which are
// shorter.
//
//   query     | header, maximum response code, reserved | group | flags, interval, sources | 16 bytes each
//   report    | header, reserved, records | each: type, aux size, sources | group | 16 bytes each | aux
#pragma once

#include <cstdint>
#include <span>

#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/time.hpp"
#include "wire/icmp6.hpp"
#include "wire/parse_error.hpp"

namespace strata {

/// What a group record says about the sources of its group (RFC 3810 §5.2.12).
enum class MldRecord : std::uint8_t {
  is_include = 1,
  is_exclude = 2,
  to_include = 3,
  to_exclude = 4,
  allow = 5,
  block = 6,
};

class MldQueryView {
 public:
  /// Precondition: 8 bytes at least. `mld_truncated` for fewer sources than it counts, and for sizes between
  /// the two versions'.
  static Result<MldQueryView, ParseError> parse(Bytes message);

  bool is_version1() const { return bytes_.size() == kVersion1Size; }
  /// The longest time until an answer (RFC 3810 §5.1.3); of version 1, the field in milliseconds.
  Duration response_time() const;
  /// Unspecified: a general query.
  IpAddress group() const;
  std::size_t source_count() const;
  IpAddress source(std::size_t i) const;

 private:
  static constexpr std::size_t kVersion1Size = 24;
  static constexpr std::size_t kVersion2Size = 28;

  explicit MldQueryView(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

/// One group of a report.
struct MldGroupRecord {
  MldRecord type = MldRecord::is_exclude;
  IpAddress group{};
  std::span<const IpAddress> sources{};

  std::size_t size() const { return 20 + sources.size() * 16; }
};

/// Writes a version 2 report about `records`, its checksum zero; returns its size. Precondition: `to` has
/// room for 8 bytes and the records.
std::size_t write_mld_report(MutableBytes to, std::span<const MldGroupRecord> records);

}  // namespace strata
