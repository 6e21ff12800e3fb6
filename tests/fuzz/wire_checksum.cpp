// The fast checksum against the portable one, whole and in two pieces cut where the first byte says.
#include "base/check.hpp"
#include "wire/checksum.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strata;
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  const std::uint16_t whole = fold_checksum(sum_words_portable(bytes));
  STRATA_CHECK(fold_checksum(sum_words(bytes)) == whole);
  const std::size_t cut = bytes.size() * data[0] / 255;
  InternetChecksum sum;
  sum.add(bytes.first(cut));
  sum.add(bytes.subspan(cut));
  STRATA_CHECK(sum.folded() == wire_order(whole));
  return 0;
}
