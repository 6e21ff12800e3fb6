// poll(2).
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/timeout.hpp"

namespace strata::posix {
namespace {

class Poll final : public Wait {
 public:
  Poll(const Descriptors& descriptors, pollfd* entries, nfds_t count, Instant deadline)
      : Wait(deadline), descriptors_(&descriptors), entries_(entries), count_(count) {}

  std::optional<long> attempt(Instant) override {
    long ready = 0;
    for (nfds_t i = 0; i < count_; ++i) {
      entries_[i].revents = look(entries_[i]);
      if (entries_[i].revents != 0) ++ready;
    }
    return ready > 0 ? std::optional(ready) : std::nullopt;
  }
  long give_up() override { return 0; }

 private:
  short look(const pollfd& entry) const {
    if (entry.fd < 0) return 0;
    const std::shared_ptr<File> file = descriptors_->find(entry.fd);
    if (!file) return POLLNVAL;
    const std::uint32_t wanted = static_cast<std::uint16_t>(entry.events) | POLLERR | POLLHUP;
    return static_cast<short>(file->events() & wanted);
  }

  const Descriptors* descriptors_;
  pollfd* entries_;
  nfds_t count_;
};

}  // namespace

Operation Host::begin_poll(pollfd* descriptors, nfds_t count, int timeout_ms, Instant now) {
  if (count > static_cast<nfds_t>(Descriptors::kMax)) return Operation(-EINVAL);
  if (descriptors == nullptr && count > 0) return Operation(-EFAULT);
  const Instant deadline = deadline_of(timeout_ms, now);
  return Operation::begin(Poll(state_->descriptors, descriptors, count, deadline), true, now);
}

}  // namespace strata::posix
