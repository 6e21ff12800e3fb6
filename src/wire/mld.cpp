#include "wire/mld.hpp"

#include "base/check.hpp"
#include "wire/ipv6.hpp"

namespace strata {
namespace {

constexpr std::size_t kGroupAt = 8;

}  // namespace

Result<MldQueryView, ParseError> MldQueryView::parse(Bytes message) {
  const MldQueryView view(message);
  if (view.is_version1()) return view;
  if (message.size() < kVersion2Size || message.size() < kVersion2Size + view.source_count() * 16)
    return Err{ParseError::mld_truncated};
  return view;
}

Duration MldQueryView::response_time() const {
  const auto code = load_be<std::uint16_t>(bytes_.data() + 4);
  if (is_version1() || code < 0x8000) return Duration::millis(code);
  // A floating number of three bits of exponent and twelve of mantissa.
  const unsigned exponent = code >> 12 & 7U;
  return Duration::millis(static_cast<std::int64_t>((code & 0xfffU) | 0x1000U) << (exponent + 3));
}

IpAddress MldQueryView::group() const { return load_ipv6(bytes_.data() + kGroupAt); }

std::size_t MldQueryView::source_count() const {
  return is_version1() ? 0 : load_be<std::uint16_t>(bytes_.data() + 26);
}

IpAddress MldQueryView::source(std::size_t i) const {
  return load_ipv6(bytes_.data() + kVersion2Size + i * 16);
}

std::size_t write_mld_report(MutableBytes to, std::span<const MldGroupRecord> records) {
  std::size_t at = Icmp6Header::kSize;
  Icmp6Header{.type = icmp6_type::kListenerReport2, .rest = static_cast<std::uint32_t>(records.size())}.write(
      to.data());
  for (const MldGroupRecord& record : records) {
    STRATA_CHECK(at + record.size() <= to.size());
    std::uint8_t* out = to.data() + at;
    out[0] = static_cast<std::uint8_t>(record.type);
    out[1] = 0;
    store_be(out + 2, static_cast<std::uint16_t>(record.sources.size()));
    store_ipv6(out + 4, record.group);
    for (std::size_t i = 0; i < record.sources.size(); ++i) store_ipv6(out + 20 + i * 16, record.sources[i]);
    at += record.size();
  }
  return at;
}

}  // namespace strata
