// strata.h from many threads that call everything at once, also on sockets that another thread closes, shuts
// down or duplicates meanwhile. What has to hold: every call returns, what is sent arrives in order, and
// (under ThreadSanitizer) nobody races. As with a kernel, close() does not end a call that waits on the same
// descriptor; shutdown() does.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.hpp"
#include "strata/strata.h"

namespace strata::posix {
namespace {

class Stress : public testing::TestWithParam<unsigned> {
 protected:
  Stress() {
    strata_options options = STRATA_OPTIONS;
    options.tap = nullptr;
    options.flags = GetParam();
    host = strata_open(&options);
  }
  ~Stress() override { strata_free(host); }

  int socket(int flags = 0) { return strata_socket(host, AF_INET, SOCK_STREAM | flags, 0); }
  long connect(int fd) {
    const sockaddr_in address = server();
    return strata_connect(host, fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  int listening(int backlog = 100) {
    const int fd = socket();
    const sockaddr_in address = server();
    EXPECT_EQ(strata_bind(host, fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(strata_listen(host, fd, backlog), 0);
    return fd;
  }
  /// Both ends of a connection.
  std::pair<int, int> pair(int listener) {
    const int one = socket();
    EXPECT_EQ(connect(one), 0);
    return {one, strata_accept(host, listener, nullptr, nullptr)};
  }
  /// Until `thread` waits inside a call, nobody knows; calls that come earlier or later have to end alike.
  template <class Call>
  static long ends(Call call, const std::function<void()>& meanwhile) {
    long result = 0;
    std::thread thread([&] { result = call(); });
    meanwhile();
    thread.join();
    return result;
  }

  strata_host* host;

 private:
  static sockaddr_in server() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(7);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
};
INSTANTIATE_TEST_SUITE_P(Driven, Stress, testing::Values(0U, static_cast<unsigned>(STRATA_OWN_THREAD)),
                         [](const auto& by) { return by.param == 0 ? "ByCallers" : "ByItself"; });

TEST_P(Stress, ShutdownEndsAReadThatWaits) {
  const auto [one, other] = pair(listening());
  char byte = 0;
  EXPECT_EQ(ends([&, fd = one] { return strata_read(host, fd, &byte, 1); },
                 [&, fd = one] { EXPECT_EQ(strata_shutdown(host, fd, SHUT_RD), 0); }),
            0);
}

TEST_P(Stress, ShutdownEndsAnAcceptThatWaits) {
  const int listener = listening();
  EXPECT_EQ(ends(
                [&] {
                  const long fd = strata_accept(host, listener, nullptr, nullptr);
                  return fd < 0 ? -errno : fd;
                },
                [&] { EXPECT_EQ(strata_shutdown(host, listener, SHUT_RDWR), 0); }),
            -EINVAL);
}

TEST_P(Stress, ShutdownEndsAPollThatWaits) {
  const auto [one, other] = pair(listening());
  pollfd entry{.fd = one, .events = POLLIN, .revents = 0};
  EXPECT_EQ(ends([&] { return strata_poll(host, &entry, 1, -1); },
                 [&, fd = one] { EXPECT_EQ(strata_shutdown(host, fd, SHUT_RDWR), 0); }),
            1);
  EXPECT_NE(entry.revents & POLLIN, 0);
}

TEST_P(Stress, ThePeersCloseEndsAWriteThatWaits) {
  const auto [one, other] = pair(listening());
  const std::string much(32 << 20, 'x');
  EXPECT_LT(ends([&, fd = one] { return strata_write(host, fd, much.data(), much.size()); },
                 [&, fd = other] {
                   char byte = 0;
                   EXPECT_EQ(strata_read(host, fd, &byte, 1), 1);
                   EXPECT_EQ(strata_close(host, fd), 0);
                 }),
            static_cast<long>(much.size()));
}

TEST_P(Stress, ADuplicateKeepsTheConnection) {
  const auto [one, other] = pair(listening());
  const int copy = strata_dup(host, one);
  EXPECT_EQ(strata_close(host, one), 0);
  EXPECT_EQ(strata_write(host, copy, "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(strata_read(host, other, &byte, 1), 1);
  EXPECT_EQ(strata_close(host, copy), 0);
  EXPECT_EQ(strata_read(host, other, &byte, 1), 0);
}

TEST_P(Stress, AnEventFdWatchedByManyWakesThem) {
  const auto [one, other] = pair(listening());
  const int epoll = strata_epoll_create1(host, 0);
  epoll_event event{};
  event.events = EPOLLIN;
  EXPECT_EQ(strata_epoll_ctl(host, epoll, EPOLL_CTL_ADD, other, &event), 0);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      epoll_event found{};
      EXPECT_EQ(strata_epoll_wait(host, epoll, &found, 1, -1), 1);
    });
  }
  EXPECT_EQ(strata_write(host, one, "x", 1), 1);
  for (std::thread& thread : threads) thread.join();
}

/// Threads that do at random what a thread may, on descriptors that are shared by all.
class Chaos {
 public:
  Chaos(strata_host* host, std::uint64_t seed) : host_(host), rng_(seed) {}

  void act(std::array<std::atomic<int>, 16>& shared) {
    std::atomic<int>& place = shared[below(rng_, 16)];
    const int fd = place.load();
    std::array<char, 256> bytes{};
    pollfd entry{.fd = fd, .events = POLLIN | POLLOUT, .revents = 0};
    int value = 1;
    socklen_t size = sizeof value;
    switch (below(rng_, 16)) {
      case 0: return replace(place, strata_dup(host_, fd));
      case 1: (void)strata_shutdown(host_, fd, static_cast<int>(below(rng_, 3))); return;
      case 2: (void)strata_poll(host_, &entry, 1, 0); return;
      case 3: (void)strata_setsockopt(host_, fd, SOL_SOCKET, SO_KEEPALIVE, &value, size); return;
      case 4: (void)strata_getsockopt(host_, fd, SOL_SOCKET, SO_ERROR, &value, &size); return;
      case 5: return watch(fd);
      case 6: (void)strata_fcntl(host_, fd, F_GETFL, 0); return;
      case 7: (void)strata_ioctl(host_, fd, FIONREAD, &value); return;
      case 8: return replace(place, again());
      case 9:
      case 10: (void)strata_send(host_, fd, bytes.data(), bytes.size(), MSG_DONTWAIT); return;
      case 11: (void)strata_send(host_, fd, bytes.data(), 1, MSG_DONTWAIT | MSG_OOB); return;
      default: (void)strata_recv(host_, fd, bytes.data(), bytes.size(), MSG_DONTWAIT); return;
    }
  }

 private:
  void replace(std::atomic<int>& place, int fd) { (void)strata_close(host_, place.exchange(fd)); }
  int again() {
    const int fd = strata_socket(host_, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(7);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)strata_connect(host_, fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return fd;
  }
  void watch(int fd) {
    const int epoll = strata_epoll_create1(host_, 0);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    (void)strata_epoll_ctl(host_, epoll, EPOLL_CTL_ADD, fd, &event);
    (void)strata_epoll_wait(host_, epoll, &event, 1, 1);
    (void)strata_close(host_, epoll);
  }

  strata_host* host_;
  Xoshiro rng_;
};

TEST_P(Stress, EverythingAtOnceReturns) {
  const int listener = listening();
  std::atomic<bool> stop{false};
  std::thread server([&] {
    for (int fd; (fd = strata_accept(host, listener, nullptr, nullptr)) >= 0;) {
      std::array<char, 100> bytes{};
      (void)strata_recv(host, fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
      (void)strata_send(host, fd, "hello", 5, MSG_DONTWAIT);
      (void)strata_close(host, fd);
    }
  });
  std::array<std::atomic<int>, 16> shared;
  for (auto& place : shared) place = socket(SOCK_NONBLOCK);
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    threads.emplace_back([&, seed] {
      Chaos chaos(host, seed);
      for (int i = 0; i < 500 && !stop; ++i) chaos.act(shared);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(strata_shutdown(host, listener, SHUT_RDWR), 0);
  server.join();
  for (auto& place : shared) (void)strata_close(host, place);
}

}  // namespace
}  // namespace strata::posix
