// Frames as lines of text, in the words of `tcpdump -nn` 4.99.3 (without its time stamp), so that a reader
// can compare the two and a test can diff them. Covered: Ethernet and raw IP; ARP; IPv4 and IPv6 with ICMP,
// IGMP, UDP, TCP and the first line of HTTP. Payload of other applications that tcpdump decodes by port (DNS,
// SSH, ...) is only counted here. For tools and tests: uses std::string, never on the path of a packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/seq_num.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"

namespace strata {

/// What a frame starts with; the values are those of capture files.
enum class LinkType : std::uint16_t { ethernet = 1, raw_ip = 101 };

struct DescribeOptions {
  LinkType link = LinkType::ethernet;
  std::size_t wire_size = 0;  ///< bytes the frame had before a capture cut it; 0: it was not cut
};

/// The numbers that one TCP conversation is counted from.
class FlowBases {
 public:
  /// Both directions share an entry, stored as seen from the end with the lower port (or address).
  struct Key {
    Endpoint low;
    Endpoint high;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Base {
    SeqNum seq;  ///< where the low end's sequence starts
    SeqNum ack;  ///< where the high end's sequence starts
  };
  /// A full table is emptied: conversations that go on are numbered from where they are then.
  static constexpr std::size_t kFlowsMax = 256 * 1024;

  /// The entry, or null for a conversation not seen before.
  const Base* find(const Key& key) const;
  void set(const Key& key, const Base& base);

 private:
  std::map<Key, Base> bases_;
};

/// Describes the frames of one capture in order; remembers conversations, to print relative sequence numbers.
class Describer {
 public:
  std::string describe(Bytes frame, const DescribeOptions& options);

 private:
  FlowBases flows_;
};

/// One frame alone, as if it were the first of a capture.
std::string describe_frame(Bytes frame, const DescribeOptions& options);

}  // namespace strata
