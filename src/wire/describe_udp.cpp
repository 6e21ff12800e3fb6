// UDP in describe.
#include "wire/describe_line.hpp"
#include "wire/udp.hpp"

namespace strata::describing {

void describe_udp(const Message& message, Line& line) {
  line.enter("udp");
  const Bytes bytes = message.bytes;
  if (bytes.size() < 4) {
    if (!message.after_extension) {
      put_addresses(message.src, message.dst, line);
      line.put(' ');
    }
    return line.put_truncated();
  }
  put_ports(message, line.u16(bytes, 0), line.u16(bytes, 2), line);
  if (message.length < UdpView::kSize) return line.put("truncated-udp ", message.length);
  if (bytes.size() < 6) return line.put_truncated();
  const std::size_t length = line.u16(bytes, 4);
  if (length < UdpView::kSize) return line.put("truncated-udplength ", length);
  if (bytes.size() < UdpView::kSize) return line.put_truncated();
  const std::size_t claimed = length - UdpView::kSize;
  const std::size_t available = message.length - UdpView::kSize;
  if (claimed > available && !message.fragmented) {
    line.put("UDP, bad length ", claimed, " > ", available);
  } else {
    line.put("UDP, length ", claimed);
  }
}

}  // namespace strata::describing
