// Coroutines alone, and over two stacks joined by a memory link.
#include "strata/coroutine.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "strata/memory_link.hpp"

namespace strata {
namespace {

/// A timer source in virtual time.
class Timers {
 public:
  struct Callback {
    void* context;
    void (*function)(void* context);
  };
  using Id = std::pair<Instant, int>;
  Id add_timer(Instant at, Callback callback) {
    const Id id{at, ++made_};
    timers_.emplace(id, callback);
    return id;
  }
  void cancel_timer(Id id) { timers_.erase(id); }
  void fire_next() {
    const Callback callback = timers_.begin()->second;
    timers_.erase(timers_.begin());
    callback.function(callback.context);
  }
  bool empty() const { return timers_.empty(); }

 private:
  std::map<Id, Callback> timers_;
  int made_ = 0;
};

constexpr Instant at(std::int64_t n) { return Instant::from_nanos(n); }

Task<int> twice(int value) { co_return 2 * value; }

Task<std::string> text_after(Timers& timers, Instant when, std::string text) {
  co_await sleep_until(timers, when);
  co_return text;
}

Task<> append_later(Timers& timers, Instant when, std::string text, std::string& to) {
  std::string result = co_await text_after(timers, when, std::move(text));
  to += result;
}

Task<> sum_of(int count, int& sum) {
  for (int i = 0; i < count; ++i) sum += co_await twice(i);
}

TEST(Task, StartsWhenItIsAwaitedAndGivesItsValue) {
  int sum = 0;
  Task<> task = sum_of(4, sum);
  EXPECT_EQ(sum, 0);
  TaskGroup tasks;
  tasks.spawn(std::move(task));
  EXPECT_EQ(sum, 12);
  EXPECT_EQ(tasks.size(), 0U);
}

TEST(Task, OneThatIsNeverAwaitedCostsNothing) {
  int sum = 0;
  {
    Task<> task = sum_of(4, sum);
  }
  EXPECT_EQ(sum, 0);
}

TEST(TaskGroup, RunsTasksSideBySide) {
  Timers timers;
  std::string text;
  TaskGroup tasks;
  tasks.spawn(append_later(timers, at(3), "c", text));
  tasks.spawn(append_later(timers, at(1), "a", text));
  tasks.spawn(append_later(timers, at(2), "b", text));
  EXPECT_EQ(tasks.size(), 3U);
  while (!timers.empty()) timers.fire_next();
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(tasks.size(), 0U);
}

TEST(TaskGroup, ItsEndIsTheEndOfItsTasks) {
  Timers timers;
  std::string text;
  {
    TaskGroup tasks;
    tasks.spawn(append_later(timers, at(1), "a long text that is not stored in place", text));
    tasks.spawn(append_later(timers, at(2), "b", text));
    timers.fire_next();
    EXPECT_EQ(tasks.size(), 1U);
  }
  EXPECT_TRUE(timers.empty()) << "a coroutine that is gone still waits";
  EXPECT_EQ(text, "a long text that is not stored in place");
}

/// Two stacks on one wire.
class CoroutineTest : public testing::Test {
 protected:
  static constexpr Endpoint kServer{.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 80};

  CoroutineTest() {
    client_nic_ = add_interface(client_, {IpAddress::v4(10, 0, 0, 2), 24}, {{2, 0, 0, 0, 0, 2}});
    server_nic_ = add_interface(server_, {IpAddress::v4(10, 0, 0, 1), 24}, {{2, 0, 0, 0, 0, 1}});
  }
  NicId add_interface(Stack& stack, const Prefix& address, const MacAddress& mac) {
    return *stack.add_interface({.mac = mac, .link = link_.a().capabilities(), .addresses = {&address, 1}});
  }
  /// Polls both ends, a millisecond at a time, for at most `limit` of virtual time.
  template <class F>
  bool run_until(F done, Duration limit = Duration::seconds(10)) {
    const Instant until = now_ + limit;
    while (!done() && now_ < until) {
      now_ = now_ + Duration::millis(1);
      poll(client_, client_nic_, link_.a(), now_);
      poll(server_, server_nic_, link_.b(), now_);
    }
    return done();
  }

  Stack client_{Config{}, Entropy::from_seed(1)};
  Stack server_{Config{}, Entropy::from_seed(2)};
  MemoryLink link_;
  NicId client_nic_;
  NicId server_nic_;
  Instant now_ = Instant::from_nanos(1);
};

Task<> echo(AsyncStream stream) {
  std::array<std::uint8_t, 1000> buffer;
  for (;;) {
    Result<std::size_t> size = co_await read(stream, buffer);
    if (!size || *size == 0) co_return;
    Result<void> written = co_await write_all(stream, {buffer.data(), *size});
    if (!written) co_return;
  }
}

Task<> serve(TaskGroup& tasks, TcpListener& listener) {
  for (;;) {
    Result<AsyncStream> stream = co_await accept(listener);
    if (!stream) co_return;
    tasks.spawn(echo(std::move(*stream)));
  }
}

Task<> send_all(AsyncStream& stream, Bytes data) {
  Result<void> written = co_await write_all(stream, data);
  EXPECT_TRUE(written);
  EXPECT_TRUE(stream.tcp().shutdown_send());
}

/// Reads until the end while another coroutine writes.
Task<> talk(Stack& stack, Endpoint server, Instant now, Bytes question, std::string& answer, bool& done) {
  Result<AsyncStream> stream = co_await connect(stack, server, now);
  EXPECT_TRUE(stream);
  TaskGroup writer;
  writer.spawn(send_all(*stream, question));
  std::vector<std::uint8_t> buffer(3000);
  for (;;) {
    Ready ready = co_await readable(*stream);
    EXPECT_TRUE(any(ready & Ready::readable));
    Result<std::size_t> size = co_await read(*stream, buffer);
    EXPECT_TRUE(size);
    if (!size || *size == 0) break;
    answer += as_text(Bytes(buffer).first(*size));
  }
  done = true;
}

TEST_F(CoroutineTest, AnEchoServesTwoClientsInBothDirectionsAtOnce) {
  Result<TcpListener> listener = server_.listen(kServer);
  ASSERT_TRUE(listener);
  TaskGroup tasks;
  tasks.spawn(serve(tasks, *listener));
  const std::string long_question(9'000'000, 'q');  // more than both buffers of both ends hold
  std::array<std::string, 2> answers;
  std::array<bool, 2> done{};
  tasks.spawn(talk(client_, kServer, now_, as_bytes(long_question), answers[0], done[0]));
  tasks.spawn(talk(client_, kServer, now_, as_bytes("short"), answers[1], done[1]));
  EXPECT_TRUE(run_until([&] { return done[0] && done[1]; }, Duration::seconds(100)));
  EXPECT_EQ(answers[0], long_question);
  EXPECT_EQ(answers[1], "short");
}

Task<> try_to_connect(Stack& stack, Endpoint server, Instant now, std::optional<Errc>& error) {
  Result<AsyncStream> stream = co_await connect(stack, server, now);
  EXPECT_FALSE(stream);
  if (!stream) error = stream.error();
}

TEST_F(CoroutineTest, ARefusedConnectionIsAnError) {
  TaskGroup tasks;
  std::optional<Errc> refused;
  std::optional<Errc> without_route;
  tasks.spawn(try_to_connect(client_, kServer, now_, refused));
  const Endpoint elsewhere{.address = IpAddress::v4(192, 168, 1, 1), .zone = 0, .port = 80};
  tasks.spawn(try_to_connect(client_, elsewhere, now_, without_route));
  EXPECT_EQ(without_route, Errc::network_unreachable);
  EXPECT_TRUE(run_until([&] { return refused.has_value(); }));
  EXPECT_EQ(refused, Errc::connection_refused);
}

Task<> take_datagram(UdpSocket& socket, std::string& text) {
  std::array<std::uint8_t, 100> buffer;
  Result<Datagram> datagram = co_await receive(socket, buffer);
  EXPECT_TRUE(datagram);
  if (datagram) text = as_text({buffer.data(), datagram->size});
}

TEST_F(CoroutineTest, ADatagramWakesItsReader) {
  Result<UdpSocket> server = server_.bind_udp(kServer);
  Result<UdpSocket> client = client_.bind_udp({});
  ASSERT_TRUE(server && client);
  std::string text;
  TaskGroup tasks;
  tasks.spawn(take_datagram(*server, text));
  ASSERT_TRUE(client->send_to(kServer, as_bytes("hello"), now_));
  EXPECT_TRUE(run_until([&] { return tasks.size() == 0; }));
  EXPECT_EQ(text, "hello");
}

TEST_F(CoroutineTest, WaitingTasksCanBeEndedAtAnyTime) {
  for (int steps = 0; steps < 12; ++steps) {
    Result<TcpListener> listener = server_.listen(kServer);
    ASSERT_TRUE(listener);
    std::string answer;
    bool done = false;
    {
      TaskGroup tasks;
      tasks.spawn(serve(tasks, *listener));
      tasks.spawn(talk(client_, kServer, now_, as_bytes("question"), answer, done));
      run_until([] { return false; }, Duration::millis(steps));
    }
    run_until([] { return false; }, Duration::millis(50));
  }
}

}  // namespace
}  // namespace strata
