#include "device/net_device.hpp"

#include <array>

#include "base/check.hpp"
#include "device/last_error.hpp"
#include "device/vnet_header.hpp"
#include "stack/core_access.hpp"

namespace strata {
namespace {

/// The vnet header, the head and every piece.
constexpr std::size_t kTransmitPieces = buf::kSlicesMax + 2;

iovec to_iovec(Bytes bytes) { return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()}; }

}  // namespace

Packet NetDevice::State::receive(Stack& stack, Instant now) {
  if (error_) return {};
  buf::Pools& memory = pools(stack);
  VnetHeader header;
  const std::size_t front = vnet_header_ ? sizeof(header) : 0;
  // Frames that cannot be kept are skipped, not left waiting: a descriptor that stays readable would never
  // let us sleep.
  constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::span<iovec> to = blocks_.prepare(memory.blocks, {&header, front});
    const ssize_t got = ::readv(fd_.get(), to.data(), static_cast<int>(to.size()));
    if (got < 0) {
      if (is_transient(errno)) return {};
      if (error_) return {};
      ++frames_lost_;
      continue;
    }
    const std::size_t size = static_cast<std::size_t>(got);
    // A TAP device reports the frame's whole size, a packet socket what it copied: a set that is full means
    // "cut off".
    if (size <= front || size - front >= blocks_.capacity()) {
      ++frames_lost_;
      continue;
    }
    Packet packet = blocks_.take(memory.packets, size - front);
    if (!packet) {
      ++frames_lost_;
      continue;
    }
    packet.meta().arrival = now;
    if (vnet_header_) apply_vnet_header(header, packet);
    return packet;
  }
  return {};
}

bool NetDevice::State::transmit(const Packet& packet) {
  if (error_) return true;
  std::array<iovec, kTransmitPieces> from;
  VnetHeader header;
  int count = 0;
  if (vnet_header_) {
    header = vnet_header_for(packet);
    from[0] = {&header, sizeof(header)};
    count = 1;
  } else {
    STRATA_CHECK(packet.meta().gso_size == 0 && packet.meta().csum != ChecksumState::partial);
  }
  from[static_cast<std::size_t>(count++)] = to_iovec(packet.head());
  for (std::size_t i = 0; i < packet.piece_count(); ++i) {
    from[static_cast<std::size_t>(count++)] = to_iovec(packet.piece(i));
  }
  if (::writev(fd_.get(), from.data(), count) >= 0) return true;
  if (is_transient(errno)) return false;
  ++frames_lost_;
  return true;
}

bool NetDevice::State::is_transient(int error) {
  switch (error) {
    case EAGAIN:
    case EINTR: return true;
    case EBADFD:  // a TAP device that was deleted
    case ENODEV:
    case ENXIO: error_ = error_of(error, "the " + quoted_interface(name_) + " is gone"); return false;
    case EIO:  // a TAP device that is down
    case ENETDOWN:
      error_ = error_of(error,
                        "the " + quoted_interface(name_) + " was taken down (ip link set " + name_ + " up)");
      return false;
    default:
      return false;  // the kernel refused this one frame: no memory, a queue that is full, a header it cannot
                     // use
  }
}

SystemResult<void> NetDevice::State::status() const {
  if (error_) return Err<SystemError>(*error_);
  return {};
}

std::string quoted_interface(const std::string& name) { return "interface \"" + name + "\""; }

NetDevice::NetDevice(std::unique_ptr<State> state) : state_(std::move(state)) {}
NetDevice::NetDevice(NetDevice&&) noexcept = default;
NetDevice& NetDevice::operator=(NetDevice&&) noexcept = default;
NetDevice::~NetDevice() = default;

Packet NetDevice::receive(Stack& stack, Instant now) { return state_->receive(stack, now); }
bool NetDevice::transmit(Packet& packet, Instant) { return state_->transmit(packet); }
LinkCapabilities NetDevice::capabilities() const { return state_->capabilities(); }
int NetDevice::fd() const { return state_->fd(); }
const std::string& NetDevice::name() const { return state_->name(); }
SystemResult<void> NetDevice::status() const { return state_->status(); }
std::uint64_t NetDevice::frames_lost() const { return state_->frames_lost(); }

}  // namespace strata
