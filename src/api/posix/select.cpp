// select(2): poll(2) in the shape of three bit sets.
#include <sys/epoll.h>

#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"

namespace strata::posix {
namespace {

/// What counts as readable, writable and exceptional (Linux's POLLIN_SET, POLLOUT_SET, POLLEX_SET).
constexpr std::uint32_t kMeaning[] = {
    EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLHUP | EPOLLERR,
    EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | EPOLLERR,
    EPOLLPRI,
};

class Select final : public Wait {
 public:
  struct Sets {
    fd_set* of[3];
  };
  Select(const Descriptors& descriptors, int count, const Sets& sets, Instant deadline)
      : Wait(deadline), descriptors_(&descriptors), count_(count), sets_(sets) {
    for (int i = 0; i < 3; ++i) {
      FD_ZERO(&asked_[i]);
      if (sets.of[i] != nullptr) asked_[i] = *sets.of[i];
    }
  }

  std::optional<long> attempt(Instant) override {
    fd_set found[3];
    for (fd_set& set : found) FD_ZERO(&set);
    long ready = 0;
    for (int fd = 0; fd < count_; ++fd) {
      const std::optional<int> count = look(fd, found);
      if (!count) return -EBADF;
      ready += *count;
    }
    if (ready == 0) return std::nullopt;
    answer(found);
    return ready;
  }
  long give_up() override {
    fd_set none[3];
    for (fd_set& set : none) FD_ZERO(&set);
    answer(none);
    return 0;
  }

 private:
  /// In how many sets `fd` is ready; nothing when it is asked for and does not exist.
  std::optional<int> look(int fd, fd_set* found) const {
    bool asked = false;
    for (const fd_set& set : asked_) asked = asked || FD_ISSET(fd, &set);
    if (!asked) return 0;
    const std::shared_ptr<File> file = descriptors_->find(fd);
    if (!file) return std::nullopt;
    const std::uint32_t events = file->events();
    int ready = 0;
    for (int i = 0; i < 3; ++i) {
      if (!FD_ISSET(fd, &asked_[i]) || (events & kMeaning[i]) == 0) continue;
      FD_SET(fd, &found[i]);
      ++ready;
    }
    return ready;
  }
  void answer(const fd_set* found) const {
    for (int i = 0; i < 3; ++i) {
      if (sets_.of[i] != nullptr) *sets_.of[i] = found[i];
    }
  }

  const Descriptors* descriptors_;
  int count_;
  Sets sets_;
  fd_set asked_[3];
};

}  // namespace

Operation Host::begin_select(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                             const timeval* timeout, Instant now) {
  if (count < 0 || count > FD_SETSIZE) return Operation(-EINVAL);
  Instant deadline = Instant::never();
  if (timeout != nullptr) {
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0) return Operation(-EINVAL);
    deadline = now + Duration::seconds(timeout->tv_sec) + Duration::micros(timeout->tv_usec);
  }
  return Operation::begin(
      Select(state_->descriptors, count, {.of = {readable, writable, exceptional}}, deadline), true, now);
}

}  // namespace strata::posix
