#include "api/posix/epoll.hpp"

#include <cerrno>

#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/timeout.hpp"

namespace strata::posix {
namespace {

constexpr std::uint32_t kModes = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;
/// What may stand beside EPOLLEXCLUSIVE.
constexpr std::uint32_t kExclusive =
    EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

class EpollWait final : public Wait {
 public:
  EpollWait(std::shared_ptr<Epoll> epoll, epoll_event* events, int max, Instant deadline)
      : Wait(deadline), epoll_(std::move(epoll)), events_(events), max_(max) {}

  std::optional<long> attempt(Instant) override {
    const int count = epoll_->collect(events_, max_);
    return count > 0 ? std::optional<long>(count) : std::nullopt;
  }
  long give_up() override { return 0; }

 private:
  std::shared_ptr<Epoll> epoll_;
  epoll_event* events_;
  int max_;
};

}  // namespace

Epoll::~Epoll() {
  while (!entries_.empty()) forget(entries_.begin()->second);
}

void Epoll::on_event(void* context, Watch&) {
  auto& entry = *static_cast<Entry*>(context);
  entry.owner->mark_ready(entry);
}

void Epoll::on_gone(void* context, Watch&) {
  auto& entry = *static_cast<Entry*>(context);
  entry.owner->forget(entry);
}

void Epoll::mark_ready(Entry& entry) {
  if (entry.disarmed || entry.ready_hook.linked()) return;
  ready_.push_back(entry);
  notify();  // another epoll may watch this one
}

void Epoll::forget(Entry& entry) {
  if (entry.watch.file != nullptr) entry.watch.file->remove_watch(entry.watch);
  if (entry.ready_hook.linked()) ready_.remove(entry);
  entries_.erase(Key(entry.key));
}

std::uint32_t Epoll::ready_events(Entry& entry) {
  return entry.watch.file->events() & (entry.wish.events | EPOLLERR | EPOLLHUP) & ~kModes;
}

void Epoll::arm(Entry& entry, const epoll_event& event) {
  entry.wish = event;
  entry.disarmed = false;
  if (ready_events(entry) != 0) mark_ready(entry);
}

bool Epoll::watches(const Epoll& from, const Epoll& target) {
  if (&from == &target) return true;
  for (const auto& [key, entry] : from.entries_) {
    if (key.second->kind() == Kind::epoll && watches(static_cast<const Epoll&>(*key.second), target))
      return true;
  }
  return false;
}

int Epoll::add(int fd, File& file, const epoll_event& event) {
  const bool exclusive = (event.events & EPOLLEXCLUSIVE) != 0;
  if (exclusive && ((event.events & ~kExclusive) != 0 || file.kind() == Kind::epoll)) return -EINVAL;
  if (file.kind() == Kind::epoll && watches(static_cast<const Epoll&>(file), *this)) return -ELOOP;
  const auto [place, is_new] = entries_.try_emplace({fd, &file});
  if (!is_new) return -EEXIST;
  Entry& entry = place->second;
  entry.owner = this;
  entry.key = place->first;
  entry.watch.context = &entry;
  entry.watch.on_event = &Epoll::on_event;
  entry.watch.on_gone = &Epoll::on_gone;
  file.add_watch(entry.watch);
  arm(entry, event);
  return 0;
}

int Epoll::modify(int fd, File& file, const epoll_event& event) {
  if ((event.events & EPOLLEXCLUSIVE) != 0) return -EINVAL;
  const auto place = entries_.find({fd, &file});
  if (place == entries_.end()) return -ENOENT;
  if ((place->second.wish.events & EPOLLEXCLUSIVE) != 0) return -EINVAL;
  arm(place->second, event);
  return 0;
}

int Epoll::remove(int fd, File& file) {
  const auto place = entries_.find({fd, &file});
  if (place == entries_.end()) return -ENOENT;
  forget(place->second);
  return 0;
}

// Level-triggered entries go back to the end of the list and are looked at again next time; edge-triggered
// ones wait for the file to tell of something new.
int Epoll::collect(epoll_event* events, int max) {
  int count = 0;
  IntrusiveList<Entry, &Entry::ready_hook> again;
  while (count < max) {
    Entry* entry = ready_.pop_front();
    if (entry == nullptr) break;
    const std::uint32_t found = ready_events(*entry);
    if (found == 0) continue;
    events[count].events = found;
    events[count].data = entry->wish.data;
    ++count;
    if ((entry->wish.events & EPOLLONESHOT) != 0) {
      entry->disarmed = true;
    } else if ((entry->wish.events & EPOLLET) == 0) {
      again.push_back(*entry);
    }
  }
  while (Entry* entry = again.pop_front()) ready_.push_back(*entry);
  return count;
}

std::uint32_t Epoll::events() {
  for (Entry* entry = ready_.front(); entry != nullptr;) {
    Entry* const next = IntrusiveList<Entry, &Entry::ready_hook>::next(*entry);
    if (ready_events(*entry) != 0) return EPOLLIN | EPOLLRDNORM;
    ready_.remove(*entry);
    entry = next;
  }
  return 0;
}

int Host::epoll_create1(int flags) {
  if ((flags & ~EPOLL_CLOEXEC) != 0) return -EINVAL;
  return state_->descriptors.add(std::make_shared<Epoll>(), (flags & EPOLL_CLOEXEC) != 0);
}

int Host::epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event) {
  const bool needs_event = operation == EPOLL_CTL_ADD || operation == EPOLL_CTL_MOD;
  if (needs_event && event == nullptr) return -EFAULT;
  const std::shared_ptr<File> owner = state_->descriptors.find(epoll_fd);
  const std::shared_ptr<File> file = state_->descriptors.find(fd);
  if (!owner || !file) return -EBADF;
  if (owner->kind() != File::Kind::epoll || owner == file) return -EINVAL;
  auto& epoll = static_cast<Epoll&>(*owner);
  switch (operation) {
    case EPOLL_CTL_ADD: return epoll.add(fd, *file, *event);
    case EPOLL_CTL_MOD: return epoll.modify(fd, *file, *event);
    case EPOLL_CTL_DEL: return epoll.remove(fd, *file);
    default: return -EINVAL;
  }
}

Operation Host::begin_epoll_wait(int epoll_fd, epoll_event* events, int max, int timeout_ms, Instant now) {
  if (max <= 0) return Operation(-EINVAL);
  std::shared_ptr<File> file = state_->descriptors.find(epoll_fd);
  if (!file) return Operation(-EBADF);
  if (file->kind() != File::Kind::epoll) return Operation(-EINVAL);
  if (events == nullptr) return Operation(-EFAULT);
  return Operation::begin(
      EpollWait(std::static_pointer_cast<Epoll>(std::move(file)), events, max, deadline_of(timeout_ms, now)),
      true, now);
}

}  // namespace strata::posix
