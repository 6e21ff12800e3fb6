// Writing ICMPv4 messages: one shape (type, code, four bytes, body) behind three value structs.
#include "wire/icmp.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace strata {
namespace {

struct Shape {
  std::uint8_t type;
  std::uint8_t code;
  std::uint32_t rest_of_header;
};

std::size_t write_message(const Shape& shape, Bytes body, MutableBytes to) {
  const std::size_t size = IcmpView::kHeaderSize + body.size();
  STRATA_CHECK(to.size() >= size);
  to[0] = shape.type;
  to[1] = shape.code;
  store_be(to.data() + 2, std::uint16_t{0});
  store_be(to.data() + 4, shape.rest_of_header);
  std::ranges::copy(body, to.begin() + IcmpView::kHeaderSize);
  InternetChecksum sum;
  sum.add(to.first(size));
  store_be(to.data() + 2, sum.finish());
  return size;
}

}  // namespace

std::size_t IcmpEcho::write(MutableBytes to) const {
  const std::uint8_t type = reply ? icmp_type::kEchoReply : icmp_type::kEchoRequest;
  return write_message({type, 0, std::uint32_t{id} << 16 | sequence}, payload, to);
}

std::size_t IcmpUnreachable::write(MutableBytes to) const {
  const std::uint32_t rest = code == icmp_code::kFragmentationNeeded ? mtu : 0;
  return write_message({icmp_type::kUnreachable, code, rest}, quoted, to);
}

std::size_t IcmpTimeExceeded::write(MutableBytes to) const {
  return write_message({icmp_type::kTimeExceeded, code, 0}, quoted, to);
}

}  // namespace strata
