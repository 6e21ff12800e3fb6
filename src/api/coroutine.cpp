#include "strata/coroutine.hpp"

#include "base/check.hpp"

namespace strata {

TaskGroup::~TaskGroup() {
  while (first_ != nullptr) std::coroutine_handle<Root::promise_type>::from_promise(*first_).destroy();
}

TaskGroup::Root TaskGroup::run(TaskGroup&, Task<void> task) { co_await std::move(task); }

TaskGroup::Root::promise_type::promise_type(TaskGroup& group, Task<void>&)
    : group_(&group), next_(group.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  group.first_ = this;
  ++group.size_;
}

TaskGroup::Root::promise_type::~promise_type() {
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ == nullptr ? group_->first_ : previous_->next_) = next_;
  --group_->size_;
}

AsyncStream::AsyncStream(AsyncStream&& other) noexcept {
  other.abandon();
  stream_ = std::move(other.stream_);
}

AsyncStream& AsyncStream::operator=(AsyncStream&& other) noexcept {
  abandon();
  other.abandon();
  stream_ = std::move(other.stream_);
  return *this;
}

AsyncStream::~AsyncStream() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  // A group that is being destroyed may take a stream away from a coroutine that waits and will never run
  // again.
  for (StreamWait* wait : waits_) {
    if (wait != nullptr) wait->stream_ = nullptr;
  }
}

/// Before the TcpStream goes to another place: the waker would still call this one.
void AsyncStream::abandon() {
  STRATA_CHECK(waits_[reading] == nullptr && waits_[writing] == nullptr);
  if (stream_) stream_.set_waker({});
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
// g++ 12 does not see that the pointer is gone in both cases: taken back below, or destroyed with the stream.
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#endif
void AsyncStream::on_ready(void* context, Ready) {
  auto* self = static_cast<AsyncStream*>(context);
  bool destroyed = false;
  self->destroyed_ = &destroyed;
  self->wake(reading);
  if (destroyed) return;
  self->wake(writing);
  if (!destroyed) self->destroyed_ = nullptr;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

void AsyncStream::wake(Side side) {
  StreamWait* wait = waits_[side];
  if (wait == nullptr || !wait->attempt_(*wait)) return;
  waits_[side] = nullptr;
  std::exchange(wait->waiting_, nullptr).resume();
}

StreamWait::~StreamWait() {
  if (waiting_ && stream_ != nullptr) stream_->waits_[side_] = nullptr;
}

void StreamWait::await_suspend(std::coroutine_handle<> waiting) {
  STRATA_CHECK(stream_->waits_[side_] == nullptr);
  waiting_ = waiting;
  stream_->waits_[side_] = this;
  stream_->stream_.set_waker({stream_, &AsyncStream::on_ready});
}

ReadyWait::ReadyWait(AsyncStream& stream, Ready wanted)
    : StreamWait(stream, any(wanted & Ready::writable) ? kWriting : kReading, &ReadyWait::attempt),
      wanted_(wanted) {}

bool ReadyWait::attempt(StreamWait& wait) {
  auto& self = static_cast<ReadyWait&>(wait);
  if (any(self.tcp().ready() & (self.wanted_ | Ready::closed))) return true;
  // Who only looks has not been refused anything: without this nobody would tell of room, or of memory.
  if (any(self.wanted_ & Ready::writable)) self.tcp().notify_when_writable();
  return false;
}

ReadWait::ReadWait(AsyncStream& stream, MutableBytes into)
    : StreamWait(stream, kReading, &ReadWait::attempt), into_(into) {}

bool ReadWait::attempt(StreamWait& wait) {
  auto& self = static_cast<ReadWait&>(wait);
  self.result_ = self.tcp().receive(self.into_);
  return self.result_.has_value() || self.result_.error() != Errc::would_block;
}

WriteWait::WriteWait(AsyncStream& stream, Bytes data)
    : StreamWait(stream, kWriting, &WriteWait::attempt), left_(data) {}

bool WriteWait::attempt(StreamWait& wait) {
  auto& self = static_cast<WriteWait&>(wait);
  while (!self.left_.empty()) {
    const Result<std::size_t> taken = self.tcp().send(self.left_);
    if (!taken && taken.error() == Errc::would_block) return false;
    if (!taken) {
      self.result_ = Err<Errc>(taken.error());
      return true;
    }
    self.left_ = self.left_.subspan(*taken);
  }
  return true;
}

ConnectWait::ConnectWait(Stack& stack, const Endpoint& remote, Instant now)
    : stream_(stack.connect(remote, now)) {}

void ConnectWait::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  stream_->set_waker({this, &ConnectWait::on_ready});
}

void ConnectWait::on_ready(void* context, Ready) {
  auto* self = static_cast<ConnectWait*>(context);
  // Not whether it is writable: a stack without memory connects, and its writer waits.
  const TcpState state = self->stream_->state();
  if (state == TcpState::syn_sent || state == TcpState::syn_received) return;
  self->stream_->set_waker({});
  self->waiting_.resume();
}

Result<AsyncStream> ConnectWait::await_resume() {
  if (!stream_) return Err<Errc>(stream_.error());
  if (const Result<void> ended = stream_->error(); !ended) return Err<Errc>(ended.error());
  return AsyncStream(std::move(*stream_));
}

}  // namespace strata
