#include "api/posix/file.hpp"

namespace strata::posix {

File::~File() { leave_watchers(); }

void File::leave_watchers() {
  while (Watch* watch = watches_.pop_front()) {
    watch->file = nullptr;
    watch->on_gone(watch->context, *watch);
  }
}

void File::add_watch(Watch& watch) {
  watch.file = this;
  watches_.push_back(watch);
}

void File::remove_watch(Watch& watch) {
  watches_.remove(watch);
  watch.file = nullptr;
}

void File::notify() {
  for (Watch* watch = watches_.front(); watch != nullptr;) {
    Watch* const next = IntrusiveList<Watch, &Watch::file_hook>::next(*watch);
    watch->on_event(watch->context, *watch);
    watch = next;
  }
}

}  // namespace strata::posix
