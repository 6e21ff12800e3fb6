#include "api/posix/runtime/runtime.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>

#include "device/last_error.hpp"
#include "strata/host.hpp"

namespace strata::posix {
namespace {

constexpr std::size_t kBurst = 64;

/// A locally administered address that differs from host to host.
MacAddress mac_for(const IpAddress& address) {
  const IpAddress::Octets& o = address.octets();
  return {{0x02, 0x73, o[12], o[13], o[14], o[15]}};
}

}  // namespace

Runtime::Runtime(const RuntimeOptions& options)
    : stack_(options.config, host_entropy()),
      host_(stack_),
      now_(monotonic_now()),
      driven_(options.own_thread),
      own_thread_(options.own_thread) {}

SystemResult<std::unique_ptr<Runtime>> Runtime::open(const RuntimeOptions& options) {
  std::unique_ptr<Runtime> runtime(new Runtime(options));
  runtime->wake_up_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!runtime->wake_up_) return last_error("making an eventfd");
  if (auto attached = runtime->attach(options); !attached) return Err<SystemError>(attached.error());
  if (options.control) {
    // A program can do without.
    if (auto control = control::Server::open(runtime->stack_)) runtime->control_ = std::move(*control);
  }
  if (runtime->own_thread_)
    runtime->thread_ = std::thread([self = runtime.get()] { self->run_own_thread(); });
  return runtime;
}

SystemResult<void> Runtime::attach(const RuntimeOptions& options) {
  if (!options.tap) return {};
  auto device = NetDevice::open_tap(*options.tap);
  if (!device) return Err<SystemError>(device.error());
  device_ = std::move(*device);
  const Result<NicId> nic = stack_.add_interface({.mac = mac_for(options.address.address),
                                                  .link = device_->capabilities(),
                                                  .addresses = {&options.address, 1}});
  if (!nic) return Err<SystemError>(error_of(EINVAL, "giving the stack its address"));
  nic_ = *nic;
  if (!options.gateway) return {};
  const Route route{
      .destination = {IpAddress::any(Family::ipv4), 0}, .gateway = *options.gateway, .nic = nic_};
  if (!stack_.add_route(route)) return Err<SystemError>(error_of(EINVAL, "adding the default route"));
  return {};
}

Runtime::~Runtime() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_driver();
  }
  if (thread_.joinable()) thread_.join();
}

void Runtime::begin_call() {
  now_ = monotonic_now();
  stack_.advance(now_);
}

void Runtime::end_call() {
  const bool had_room = !waits_for_room_;
  settle();
  // The driver sleeps until it has reason to wake; this call may have given it one.
  const bool sooner = next_deadline() < sleeps_until_;
  if (driven_ && (sooner || (had_room && waits_for_room_))) wake_driver();
}

long Runtime::finish(std::unique_lock<std::mutex>& lock, Waiter& waiter) {
  while (!waiter.result) {
    if (driven_) {
      // The call may have a deadline that the driver has not reckoned with.
      if (waiter.operation.deadline() < sleeps_until_) wake_driver();
      waiter.wake.wait(lock);
      continue;
    }
    driven_ = true;
    drive(lock, &waiter);
    driven_ = false;
  }
  waiters_.remove(waiter);
  if (!driven_) hand_over();
  return *waiter.result;
}

void Runtime::hand_over() {
  if (!waiters_.empty()) waiters_.front()->wake.notify_one();
}

void Runtime::drive(std::unique_lock<std::mutex>& lock, const Waiter* own) {
  now_ = monotonic_now();
  receive();
  settle();
  const Instant deadline = next_deadline();
  if ((own != nullptr && own->result) || deadline <= now_ || stopping_) return;

  sleeps_until_ = deadline;
  const int device_fd = device_ && !device_is_gone_ ? device_->fd() : -1;
  const short room = waits_for_room_ ? POLLOUT : 0;
  pollfd sources[] = {{.fd = device_fd, .events = static_cast<short>(POLLIN | room), .revents = 0},
                      {.fd = wake_up_.get(), .events = POLLIN, .revents = 0},
                      {.fd = control_ ? control_->fd() : -1, .events = POLLIN, .revents = 0}};
  lock.unlock();
  const Duration rest = deadline.is_never() ? Duration::seconds(3600) : deadline - monotonic_now();
  const Duration sleep = std::max(rest, Duration{});
  const timespec limit{.tv_sec = sleep.count_seconds(), .tv_nsec = sleep.count_nanos() % 1'000'000'000};
  ::ppoll(sources, std::size(sources), &limit, nullptr);
  lock.lock();
  sleeps_until_ = Instant{};
  eventfd_t count = 0;
  if (sources[1].revents != 0) ::eventfd_read(wake_up_.get(), &count);
  if (sources[2].revents != 0) control_->run();
}

void Runtime::receive() {
  if (!device_ || device_is_gone_) return;
  for (std::size_t i = 0; i < kBurst; ++i) {
    Packet frame = device_->receive(stack_, now_);
    if (!frame) break;
    stack_.input(nic_, std::move(frame), now_);
  }
  device_is_gone_ = !device_->status().has_value();
}

void Runtime::settle() {
  stack_.advance(now_);
  do {
    answer_waiters();
  } while (send());
}

void Runtime::answer_waiters() {
  stack_.dispatch();
  for (Waiter* waiter = waiters_.front(); waiter != nullptr; waiter = Waiters::next(*waiter)) {
    if (waiter->result) continue;
    waiter->result = waiter->operation.progress(now_);
    if (!waiter->result) continue;
    waiter->wake.notify_one();
    if (!own_thread_ && sleeps_until_ != Instant{}) wake_driver();  // it may be the driver's own call
  }
}

bool Runtime::send() {
  // What this host says to itself goes up again in advance().
  bool sent = stack_.next_deadline() <= now_;
  if (sent) stack_.advance(now_);
  if (!device_ || device_is_gone_) return sent;
  waits_for_room_ = false;
  while (Packet frame = stack_.next_output(nic_, now_)) {
    if (device_->transmit(frame, now_)) {
      sent = true;
      continue;
    }
    stack_.return_output(nic_, std::move(frame));
    waits_for_room_ = true;
    break;
  }
  device_->flush();
  return sent;
}

Instant Runtime::next_deadline() const {
  Instant next = stack_.next_deadline();
  for (const Waiter* waiter = waiters_.front(); waiter != nullptr; waiter = Waiters::next(*waiter))
    next = std::min(next, waiter->operation.deadline());
  return next;
}

void Runtime::wake_driver() { ::eventfd_write(wake_up_.get(), 1); }

void Runtime::run_own_thread() {
  // Linux delays wake-ups by up to 50 microseconds to save power; that would be added to every timer of TCP.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  std::unique_lock lock(mutex_);
  while (!stopping_) drive(lock, nullptr);
}

}  // namespace strata::posix
