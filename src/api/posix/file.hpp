// An open file description: what descriptors name and what operations hold on to, so that closing a
// descriptor does not take the ground from under a call that waits. Knows who watches it (epoll.hpp), not who
// they are.
#pragma once

#include <cstdint>

#include "base/intrusive_list.hpp"

namespace strata::posix {

class File;

/// One entry of an epoll's interest list, as the watched file sees it.
struct Watch {
  File* file = nullptr;
  ListHook<Watch> file_hook;
  void* context = nullptr;
  void (*on_event)(void* context, Watch& watch) = nullptr;  ///< something may have become true
  void (*on_gone)(void* context, Watch& watch) = nullptr;   ///< the file is closed
};

class File {
 public:
  enum class Kind : std::uint8_t { stream, datagram, epoll };

  explicit File(Kind kind) : kind_(kind) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File();

  Kind kind() const { return kind_; }
  /// What holds now: EPOLLIN, EPOLLOUT, ... (poll(2) has the same bits).
  virtual std::uint32_t events() = 0;

  bool is_nonblocking() const { return nonblocking_; }
  void set_nonblocking(bool on) { nonblocking_ = on; }

  void add_watch(Watch& watch);
  void remove_watch(Watch& watch);
  /// Nobody watches any more: the last descriptor is gone.
  void leave_watchers();
  /// Something may have become true: tells every watcher.
  void notify();

 private:
  Kind kind_;
  bool nonblocking_ = false;
  IntrusiveList<Watch, &Watch::file_hook> watches_;
};

}  // namespace strata::posix
