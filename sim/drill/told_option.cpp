#include "sim/drill/told_option.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstdint>
#include <cstring>

namespace strata::drill {
namespace {

std::int32_t freebsd_size(posix::Host& host, int fd, std::int32_t size) {
  size /= 2;
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  if (host.getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) return size;
  std::int32_t mss = 0;
  socklen_t mss_size = sizeof mss;
  if (host.getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &mss_size) != 0 || mss <= 0) return size;
  return (size + mss - 1) / mss * mss;
}

}  // namespace

int told_option(posix::Host& host, Profile profile, int fd, int level, int name, void* value,
                socklen_t* size) {
  const int result = host.getsockopt(fd, level, name, value, size);
  const bool is_buffer = level == SOL_SOCKET && (name == SO_RCVBUF || name == SO_SNDBUF);
  std::int32_t told = 0;
  if (result != 0 || profile == Profile::linux || !is_buffer || *size != sizeof told) return result;
  std::memcpy(&told, value, sizeof told);
  told = freebsd_size(host, fd, told);
  std::memcpy(value, &told, sizeof told);
  return result;
}

}  // namespace strata::drill
