// The clock and the network device of the table.
#include <algorithm>
#include <cstdint>

#include "sim/packetdrill/calls.hpp"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kNanosPerMicro = 1000;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

std::int64_t micros_of(Instant at) { return at.count_nanos() / kNanosPerMicro; }

int netdev_send(void* userdata, const void* packet, size_t size) {
  session_of(userdata).deliver({static_cast<const std::uint8_t*>(packet), size});
  return 0;
}

int netdev_receive(void* userdata, void* packet, size_t* size, long long* time_usecs) {
  const SentPacket sent = session_of(userdata).next_packet();
  *size = std::min(*size, sent.bytes.size());
  std::copy_n(sent.bytes.begin(), *size, static_cast<std::uint8_t*>(packet));
  *time_usecs = micros_of(sent.at);
  return 0;
}

int usleep(void* userdata, useconds_t time) {
  session_of(userdata).sleep(Duration::micros(time));
  return 0;
}

int gettimeofday(void* userdata, timeval* time, struct timezone*) {
  const std::int64_t now = micros_of(session_of(userdata).time());
  *time = {.tv_sec = now / kMicrosPerSecond, .tv_usec = now % kMicrosPerSecond};
  return 0;
}

}  // namespace

void add_device(packetdrill_interface& to) {
  to.netdev_send = netdev_send;
  to.netdev_receive = netdev_receive;
  to.usleep = usleep;
  to.gettimeofday = gettimeofday;
}

}  // namespace strata::packetdrill
