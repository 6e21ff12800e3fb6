// Lines for arbitrary frames: the first byte picks the link type and whether the capture cut the frame.
#include "base/check.hpp"
#include "wire/describe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strata;
  if (size == 0) return 0;
  const Bytes frame(data + 1, size - 1);
  const DescribeOptions options{.link = (data[0] & 1) != 0 ? LinkType::raw_ip : LinkType::ethernet,
                                .wire_size = (data[0] & 2) != 0 ? frame.size() + 100 : 0};
  Describer describer;
  const std::string first = describer.describe(frame, options);
  STRATA_CHECK(frame.empty() || !first.empty());
  describer.describe(frame, options);
  return 0;
}
