// epoll(7): an interest list, and beside it the list of entries that may be ready. A file tells its watchers,
// so that a wait looks at those entries only, however many there are.
#pragma once

#include <sys/epoll.h>

#include <map>
#include <utility>

#include "api/posix/file.hpp"

namespace strata::posix {

class Epoll final : public File {
 public:
  Epoll() : File(Kind::epoll) {}
  ~Epoll() override;

  /// epoll_ctl(2); 0 or -errno.
  int add(int fd, File& file, const epoll_event& event);
  int modify(int fd, File& file, const epoll_event& event);
  int remove(int fd, File& file);

  /// Up to `max` events that hold now; how many.
  int collect(epoll_event* events, int max);
  /// Readable when an event waits.
  std::uint32_t events() override;

 private:
  /// The same file through two descriptors is two entries.
  using Key = std::pair<int, const File*>;
  struct Entry {
    Watch watch;
    Epoll* owner = nullptr;
    Key key;
    epoll_event wish{};
    bool disarmed = false;  ///< EPOLLONESHOT has fired
    ListHook<Entry> ready_hook;
  };

  static void on_event(void* context, Watch& watch);
  static void on_gone(void* context, Watch& watch);
  static bool watches(const Epoll& from, const Epoll& target);
  void arm(Entry& entry, const epoll_event& event);
  void mark_ready(Entry& entry);
  void forget(Entry& entry);
  static std::uint32_t ready_events(Entry& entry);

  std::map<Key, Entry> entries_;
  IntrusiveList<Entry, &Entry::ready_hook> ready_;
};

}  // namespace strata::posix
