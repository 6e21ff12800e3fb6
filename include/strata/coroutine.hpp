// C++20 coroutines over the sockets of a stack: code that reads from top to bottom, on one thread, without a
// thread.
//
//   Task<> echo(AsyncStream stream) {
//     std::array<std::uint8_t, 4096> buffer;
//     for (;;) {
//       Result<std::size_t> n = co_await read(stream, buffer);
//       if (!n || *n == 0) co_return;
//       Result<void> written = co_await write_all(stream, {buffer.data(), *n});
//       if (!written) co_return;
//     }
//   }
//   TaskGroup tasks;
//   tasks.spawn(echo(std::move(stream)));
//
// A coroutine runs until it has to wait; the stack's wakers (socket.hpp) resume it inside Stack::dispatch().
// Whoever polls the stack therefore drives all coroutines. Errors travel as Result; an exception that leaves
// a coroutine ends the program. The awaitables can be used with any promise type.
//
// g++ 12 destroys aggregates and capturing lambdas twice that are made inside a co_await expression: name
// them first.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "strata/bytes.hpp"
#include "strata/error.hpp"
#include "strata/socket.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"
#include "strata/time.hpp"
#include "strata/udp.hpp"

namespace strata {

// --- Tasks ---------------------------------------------------------------------------------------------

/// What Task<T> and Task<void> share: who waits for the end, and going on there.
class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept { return GoOn(); }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }

 private:
  struct GoOn {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
      return finished.promise().continuation_;
    }
    void await_resume() noexcept {}
  };
  template <class T>
  friend class Task;
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  void return_void() noexcept {}
  void take() noexcept {}
};

/// A coroutine that starts when it is awaited and then gives its value. Destroying a Task destroys its
/// coroutine.
template <class T = void>
class [[nodiscard]] Task {
 public:
  class promise_type : public TaskPromise<T> {
   public:
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept { return Awaiter(handle_); }

 private:
  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> task) : task_(task) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
      task_.promise().set_continuation(waiting);
      return task_;
    }
    T await_resume() { return task_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> task_;
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

/// Runs coroutines side by side and owns them: no coroutine outlives its group. Declare it after the sockets
/// that they refer to. Must not be destroyed by one of its own.
class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  /// Destroys the coroutines that have not ended, and with them their streams.
  ~TaskGroup();

  /// Runs `task` up to its first wait and keeps it until its end.
  void spawn(Task<void> task) { run(*this, std::move(task)); }
  /// Coroutines that have not ended.
  std::size_t size() const { return size_; }

 private:
  /// The coroutine at the root of each task: starts at once and removes itself at its end.
  struct Root {
    class promise_type {
     public:
      promise_type(TaskGroup& group, Task<void>& task);
      ~promise_type();
      Root get_return_object() noexcept { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }

     private:
      friend class TaskGroup;
      TaskGroup* group_;
      promise_type* next_;
      promise_type* previous_ = nullptr;
    };
  };
  static Root run(TaskGroup& group, Task<void> task);

  Root::promise_type* first_ = nullptr;
  std::size_t size_ = 0;
};

// --- Streams -------------------------------------------------------------------------------------------

class StreamWait;

/// A TcpStream that one coroutine may read while another one writes. Must not be moved while somebody waits
/// on it.
class AsyncStream {
 public:
  AsyncStream() = default;
  explicit AsyncStream(TcpStream stream) : stream_(std::move(stream)) {}
  AsyncStream(AsyncStream&& other) noexcept;
  AsyncStream& operator=(AsyncStream&& other) noexcept;
  ~AsyncStream();

  explicit operator bool() const { return static_cast<bool>(stream_); }
  TcpStream& tcp() { return stream_; }
  const TcpStream& tcp() const { return stream_; }

 private:
  friend class StreamWait;
  enum Side { reading, writing, kSides };

  static void on_ready(void* context, Ready ready);
  void wake(Side side);
  void abandon();

  TcpStream stream_;
  StreamWait* waits_[kSides] = {};
  bool* destroyed_ = nullptr;  ///< tells on_ready() that a coroutine it resumed has destroyed the stream
};

/// A coroutine that waits for one direction of a stream: tries its operation now, and again whenever the
/// stream wakes.
class StreamWait {
 public:
  StreamWait(const StreamWait&) = delete;
  StreamWait& operator=(const StreamWait&) = delete;
  ~StreamWait();
  bool await_ready() { return attempt_(*this); }
  void await_suspend(std::coroutine_handle<> waiting);

 protected:
  using Side = AsyncStream::Side;
  static constexpr Side kReading = AsyncStream::reading;
  static constexpr Side kWriting = AsyncStream::writing;
  StreamWait(AsyncStream& stream, Side side, bool (*attempt)(StreamWait&))
      : stream_(&stream), side_(side), attempt_(attempt) {}
  TcpStream& tcp() { return stream_->tcp(); }

 private:
  friend class AsyncStream;
  AsyncStream* stream_;
  Side side_;
  bool (*attempt_)(StreamWait&);  ///< true once the operation has its result
  std::coroutine_handle<> waiting_;
};

class ReadyWait : public StreamWait {
 public:
  /// Which facts end the wait; the end of the connection always does.
  ReadyWait(AsyncStream& stream, Ready wanted);
  Ready await_resume() { return tcp().ready(); }

 private:
  static bool attempt(StreamWait& wait);
  Ready wanted_;
};

class ReadWait : public StreamWait {
 public:
  ReadWait(AsyncStream& stream, MutableBytes into);
  Result<std::size_t> await_resume() { return result_; }

 private:
  static bool attempt(StreamWait& wait);
  MutableBytes into_;
  Result<std::size_t> result_ = 0;
};

class WriteWait : public StreamWait {
 public:
  WriteWait(AsyncStream& stream, Bytes data);
  Result<void> await_resume() { return result_; }

 private:
  static bool attempt(StreamWait& wait);
  Bytes left_;
  Result<void> result_;
};

/// Until something can be read: data, the end of the stream or an error. Gives the stream's facts.
inline ReadyWait readable(AsyncStream& stream) { return {stream, Ready::readable | Ready::peer_closed}; }
/// Until something can be written, or the connection has ended.
inline ReadyWait writable(AsyncStream& stream) { return {stream, Ready::writable}; }
/// Some bytes, at most as many as fit; 0 at the end of the stream.
inline ReadWait read(AsyncStream& stream, MutableBytes into) { return {stream, into}; }
/// Until the send buffer has taken everything. `data` must stay valid so long.
inline WriteWait write_all(AsyncStream& stream, Bytes data) { return {stream, data}; }

// --- Other sockets -------------------------------------------------------------------------------------

/// One coroutine at a time waits for `operation` on a socket that has room for one waker.
template <class Socket, class Operation>
class SocketWait {
 public:
  SocketWait(Socket& socket, Operation operation) : socket_(&socket), operation_(std::move(operation)) {}
  SocketWait(const SocketWait&) = delete;
  SocketWait& operator=(const SocketWait&) = delete;
  ~SocketWait() {
    if (waiting_) forget();
  }
  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    socket_->set_waker({this, &SocketWait::on_ready});
  }
  auto await_resume() { return std::move(*result_); }

 private:
  bool attempt() {
    result_.emplace(operation_(*socket_));
    return result_->has_value() || result_->error() != Errc::would_block;
  }
  void forget() {
    if (*socket_) socket_->set_waker({});
  }
  static void on_ready(void* context, Ready) {
    auto* self = static_cast<SocketWait*>(context);
    if (!self->attempt()) return;
    self->forget();
    std::exchange(self->waiting_, nullptr).resume();
  }

  Socket* socket_;
  Operation operation_;
  std::optional<decltype(std::declval<Operation&>()(std::declval<Socket&>()))> result_;
  std::coroutine_handle<> waiting_;
};

struct AcceptOperation {
  Result<AsyncStream> operator()(TcpListener& listener) const {
    Result<TcpStream> stream = listener.accept();
    if (!stream) return Err<Errc>(stream.error());
    return AsyncStream(std::move(*stream));
  }
};

class ReceiveOperation {
 public:
  explicit ReceiveOperation(MutableBytes into) : into_(into) {}
  Result<Datagram> operator()(UdpSocket& socket) const { return socket.receive(into_); }

 private:
  MutableBytes into_;
};

/// The next connection. The listener must stay where it is.
inline SocketWait<TcpListener, AcceptOperation> accept(TcpListener& listener) {
  return {listener, AcceptOperation()};
}
/// The next datagram. The socket must stay where it is.
inline SocketWait<UdpSocket, ReceiveOperation> receive(UdpSocket& socket, MutableBytes into) {
  return {socket, ReceiveOperation(into)};
}

/// Until a connection is established or refused.
class ConnectWait {
 public:
  ConnectWait(Stack& stack, const Endpoint& remote, Instant now);
  ConnectWait(const ConnectWait&) = delete;
  ConnectWait& operator=(const ConnectWait&) = delete;
  bool await_ready() const { return !stream_; }
  void await_suspend(std::coroutine_handle<> waiting);
  Result<AsyncStream> await_resume();

 private:
  static void on_ready(void* context, Ready ready);
  Result<TcpStream> stream_;
  std::coroutine_handle<> waiting_;
};

inline ConnectWait connect(Stack& stack, const Endpoint& remote, Instant now) { return {stack, remote, now}; }

// --- Time ----------------------------------------------------------------------------------------------

/// `Timers` has add_timer(Instant, {context, function}) and cancel_timer(id), as Reactor has.
template <class Timers>
class SleepWait {
 public:
  SleepWait(Timers& timers, Instant at) : timers_(&timers), at_(at) {}
  SleepWait(const SleepWait&) = delete;
  SleepWait& operator=(const SleepWait&) = delete;
  ~SleepWait() {
    if (waiting_) timers_->cancel_timer(id_);
  }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    id_ = timers_->add_timer(at_, {this, &SleepWait::on_time});
  }
  void await_resume() {}

 private:
  using Id = decltype(std::declval<Timers&>().add_timer(Instant(), {}));

  static void on_time(void* context) {
    std::exchange(static_cast<SleepWait*>(context)->waiting_, nullptr).resume();
  }

  Timers* timers_;
  Instant at_;
  Id id_{};
  std::coroutine_handle<> waiting_;
};

template <class Timers>
SleepWait<Timers> sleep_until(Timers& timers, Instant at) {
  return {timers, at};
}

}  // namespace strata
