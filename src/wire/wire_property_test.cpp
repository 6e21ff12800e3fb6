// Properties over random input: modular order of sequence numbers, checksums computed in every way, TCP
// options written and read back, and no view that reads outside its bytes.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/seq_num.hpp"
#include "wire/checksum.hpp"
#include "wire/describe.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets random_octets(std::size_t size_max) {
  const auto size = *rc::gen::inRange<std::size_t>(0, size_max + 1);
  return *rc::gen::container<Octets>(size, rc::gen::arbitrary<std::uint8_t>());
}

RC_GTEST_PROP(SeqNumProperty, DistanceUndoesAddition, (std::uint32_t start, std::int32_t distance)) {
  const SeqNum a(start);
  RC_ASSERT((a + static_cast<std::uint32_t>(distance)) - a == distance);
}

RC_GTEST_PROP(SeqNumProperty, OrderHoldsAcrossTheWrap, (std::uint32_t start)) {
  const auto distance = *rc::gen::inRange<std::uint32_t>(1, 1U << 31);
  const SeqNum a(start);
  const SeqNum b = a + distance;
  RC_ASSERT(a.before(b) && b.after(a) && !b.before(a) && !a.after(b));
  RC_ASSERT(a.at_or_before(b) && b.at_or_after(a));
  RC_ASSERT(later(a, b) == b && earlier(a, b) == a);
  RC_ASSERT(bytes_between(a, b) == distance);
}

RC_GTEST_PROP(SeqNumProperty, AWindowHoldsExactlyItsSize,
              (std::uint32_t start, std::uint32_t size, std::uint32_t offset)) {
  RC_ASSERT((SeqNum(start) + offset).in_window(SeqNum(start), size) == (offset < size));
}

/// The sum as RFC 1071 §1 defines it: words in network order, carries added back at once.
std::uint16_t sum_by_definition(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(sum);
}

RC_GTEST_PROP(ChecksumProperty, FastSumsEqualTheDefinition, ()) {
  const Octets data = random_octets(3000);
  const std::size_t skip = std::min<std::size_t>(*rc::gen::inRange(0, 33), data.size());
  const Bytes bytes = Bytes(data).subspan(skip);
  const std::uint16_t expected = sum_by_definition(bytes);
  RC_ASSERT(wire_order(fold_checksum(sum_words(bytes))) == expected);
  RC_ASSERT(wire_order(fold_checksum(sum_words_portable(bytes))) == expected);
}

RC_GTEST_PROP(ChecksumProperty, PiecesOfAnyLengthSumToTheWhole, ()) {
  const Octets data = random_octets(2000);
  InternetChecksum sum;
  for (Bytes left = data; !left.empty();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, left.size() + 1);
    sum.add(left.first(size));
    left = left.subspan(size);
  }
  RC_ASSERT(sum.folded() == sum_by_definition(data));
}

RC_GTEST_PROP(ChecksumProperty, UpdateEqualsComputingAnew, (std::uint16_t before, std::uint16_t after)) {
  Octets data = random_octets(100);
  data.resize(std::max<std::size_t>(data.size(), 4));
  data[0] |= 1;  // an all-zero packet has two right checksums
  store_be(data.data() + 2, before);
  InternetChecksum old_sum;
  old_sum.add(data);
  store_be(data.data() + 2, after);
  InternetChecksum new_sum;
  new_sum.add(data);
  RC_ASSERT(checksum_update(old_sum.finish(), before, after) == new_sum.finish());
}

TcpOptions random_options() {
  TcpOptions options;
  if (*rc::gen::arbitrary<bool>()) options.mss = *rc::gen::arbitrary<std::uint16_t>();
  if (*rc::gen::arbitrary<bool>()) options.wscale = *rc::gen::arbitrary<std::uint8_t>();
  options.sack_permitted = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) {
    const auto value = *rc::gen::arbitrary<std::uint32_t>();
    options.timestamps = TcpTimestamps{.value = value, .echo = *rc::gen::arbitrary<std::uint32_t>()};
  }
  options.sack_count = *rc::gen::inRange<std::uint8_t>(0, 5);
  for (std::size_t i = 0; i < options.sack_count; ++i) {
    const auto begin = *rc::gen::arbitrary<std::uint32_t>();
    options.sack[i] = {SeqNum(begin), SeqNum(*rc::gen::arbitrary<std::uint32_t>())};
  }
  return options;
}

RC_GTEST_PROP(TcpOptionsProperty, ReadingGivesWhatWasWritten, ()) {
  TcpOptions options = random_options();
  Octets bytes(kTcpOptionsSizeMax);
  bytes.resize(write_tcp_options(options, bytes));
  RC_ASSERT(bytes.size() == tcp_options_size(options));
  RC_ASSERT(bytes.size() % 4 == 0);
  const auto found = parse_tcp_options(bytes);
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->sack_count <= options.sack_count);
  for (std::size_t i = found->sack_count; i < options.sack.size(); ++i) options.sack[i] = {};
  options.sack_count = found->sack_count;
  RC_ASSERT(*found == options);
}

RC_GTEST_PROP(TcpOptionsProperty, AnyBytesAreReadOrRefused, ()) {
  const Octets bytes = random_octets(kTcpOptionsSizeMax);
  const auto found = parse_tcp_options(bytes);
  // In parentheses: the macro takes the expression apart and would ask for the value in either case.
  RC_ASSERT((!found || found->sack_count <= found->sack.size()));
}

RC_GTEST_PROP(HostileInputProperty, ViewsStayWithinTheirBytes, ()) {
  const Octets bytes = random_octets(100);
  if (const auto tcp = TcpView::parse(bytes)) {
    RC_ASSERT(tcp->header_size() + tcp->payload().size() == bytes.size());
    RC_ASSERT(tcp->options().size() + TcpView::kMinSize == tcp->header_size());
  }
  if (const auto ip = Ipv4View::parse(bytes))
    RC_ASSERT(ip->header_size() + ip->payload_size() <= bytes.size());
  describe_frame(bytes, {});
}

}  // namespace
}  // namespace strata
