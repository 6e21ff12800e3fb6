#include "strata/reactor.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/check.hpp"
#include "device/fd.hpp"
#include "device/last_error.hpp"
#include "strata/host.hpp"

namespace strata {

struct Reactor::State {
  struct Watch {
    int fd;  ///< -1 after unwatch()
    Callback callback;
  };
  static constexpr std::size_t kEvents = 64;

  ~State();
  void run_callbacks();
  void run_timers();
  SystemResult<void> poll_devices();
  void note_room(Attached& attached, bool full);
  /// How long there is nothing to do; nothing: for as long as no descriptor says otherwise.
  std::optional<Duration> idle_time() const;
  static void on_signal(void* context);

  Fd epoll;
  Fd signals;
  std::optional<sigset_t> signals_before;
  std::vector<Attached> devices;
  std::vector<std::unique_ptr<Watch>> watches;
  std::map<TimerId, Callback> timers;
  std::uint64_t timers_made = 0;
  std::array<epoll_event, kEvents> events;
  std::size_t event_count = 0;
  Instant now;
  bool made_progress = false;
  bool stopped = false;
  int stop_signal = 0;
};

Reactor::State::~State() {
  if (signals_before) ::pthread_sigmask(SIG_SETMASK, &*signals_before, nullptr);
}

void Reactor::State::run_callbacks() {
  for (const epoll_event& event : std::span(events).first(event_count)) {
    // Devices have no Watch: that they woke us is all there is to know.
    const auto* watch = static_cast<const Watch*>(event.data.ptr);
    if (watch != nullptr && watch->fd >= 0) watch->callback.function(watch->callback.context);
  }
  event_count = 0;
  std::erase_if(watches, [](const auto& watch) { return watch->fd < 0; });
}

void Reactor::State::run_timers() {
  while (!timers.empty() && timers.begin()->first.at <= now) {
    const Callback callback = timers.begin()->second;
    timers.erase(timers.begin());
    callback.function(callback.context);
  }
}

SystemResult<void> Reactor::State::poll_devices() {
  made_progress = false;
  for (Attached& attached : devices) {
    const PollResult result = attached.poll(attached.device, *attached.stack, attached.nic, now);
    note_room(attached, result.device_full);
    const bool others_may_have_work = attached.fd < 0 || devices.size() > 1;
    if (others_may_have_work && (result.received > 0 || result.sent > 0)) made_progress = true;
    if (attached.status == nullptr) continue;
    if (auto alive = attached.status(attached.source); !alive) return alive;
  }
  return {};
}

void Reactor::State::note_room(Attached& attached, bool full) {
  if (attached.waits_for_room == full || attached.fd < 0) return;
  attached.waits_for_room = full;
  epoll_event event{};
  event.events = EPOLLIN | (full ? EPOLLOUT : 0U);
  STRATA_CHECK(::epoll_ctl(epoll.get(), EPOLL_CTL_MOD, attached.fd, &event) == 0);
}

std::optional<Duration> Reactor::State::idle_time() const {
  if (made_progress) return Duration();
  Instant next = timers.empty() ? Instant::never() : timers.begin()->first.at;
  for (const Attached& attached : devices) {
    next = std::min(next, attached.stack->next_deadline());
    if (attached.next_deadline != nullptr) next = std::min(next, attached.next_deadline(attached.device));
  }
  if (next.is_never()) return std::nullopt;
  // The turn may have been long: what counts is how far the deadline is from here.
  return std::max(next - monotonic_now(), Duration());
}

void Reactor::State::on_signal(void* context) {
  auto* state = static_cast<State*>(context);
  signalfd_siginfo info;
  while (::read(state->signals.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    state->stop_signal = static_cast<int>(info.ssi_signo);
    state->stopped = true;
  }
}

SystemResult<Reactor> Reactor::create() {
  auto state = std::make_unique<State>();
  state->epoll = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!state->epoll) return last_error("making an epoll");
  // Linux delays wake-ups by up to 50 microseconds to save power; that would be added to every timer of TCP.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  return Reactor(std::move(state));
}

Reactor::Reactor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reactor::Reactor(Reactor&&) noexcept = default;
Reactor& Reactor::operator=(Reactor&&) noexcept = default;
Reactor::~Reactor() = default;

SystemResult<void> Reactor::attach(const Attached& attached) {
  if (attached.fd >= 0) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, attached.fd, &event) != 0)
      return last_error("watching a device");
  }
  state_->devices.push_back(attached);
  return {};
}

SystemResult<void> Reactor::watch(int fd, Callback callback) {
  auto watch = std::make_unique<State::Watch>(fd, callback);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = watch.get();
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return last_error("watching a descriptor");
  state_->watches.push_back(std::move(watch));
  return {};
}

void Reactor::unwatch(int fd) {
  const auto found =
      std::ranges::find_if(state_->watches, [fd](const auto& watch) { return watch->fd == fd; });
  STRATA_CHECK(found != state_->watches.end());
  ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  // An event for it may be waiting in this turn, so it goes after the callbacks.
  (*found)->fd = -1;
}

Reactor::TimerId Reactor::add_timer(Instant at, Callback callback) {
  const TimerId id{at, ++state_->timers_made};
  state_->timers.emplace(id, callback);
  return id;
}

void Reactor::cancel_timer(TimerId id) { state_->timers.erase(id); }

SystemResult<void> Reactor::stop_on_signals() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGINT);
  ::sigaddset(&wanted, SIGTERM);
  state_->signals = Fd(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!state_->signals) return last_error("making a signalfd");
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &wanted, &before);
  state_->signals_before = before;
  return watch(state_->signals.get(), {.context = state_.get(), .function = &State::on_signal});
}

int Reactor::stop_signal() const { return state_->stop_signal; }
Instant Reactor::now() const { return state_->now; }
void Reactor::stop() { state_->stopped = true; }
bool Reactor::is_stopped() const { return state_->stopped; }
void Reactor::begin() { state_->stopped = false; }

SystemResult<void> Reactor::turn() {
  state_->now = monotonic_now();
  state_->run_callbacks();
  state_->run_timers();
  return state_->poll_devices();
}

void Reactor::wait() {
  const std::optional<Duration> idle = state_->idle_time();
  timespec timeout{};
  if (idle) timeout = {.tv_sec = idle->count_seconds(), .tv_nsec = idle->count_nanos() % 1'000'000'000};
  const int ready = ::epoll_pwait2(state_->epoll.get(), state_->events.data(), State::kEvents,
                                   idle ? &timeout : nullptr, nullptr);
  STRATA_CHECK(ready >= 0 || errno == EINTR);
  state_->event_count = static_cast<std::size_t>(std::max(ready, 0));
}

}  // namespace strata
