// strata.h from several threads, on the loopback address of one host. Everything waits for facts, nothing for
// time.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "control/client.hpp"
#include "strata/strata.h"

extern "C" int strata_c_interface_works(void);

namespace strata::posix {
namespace {

/// The value of a parameter in the answer of a stack; empty when there is none.
std::string told_value(const control::Door& door, const std::string& request) {
  const std::string answer = control::ask(door, request).value_or("");
  const std::string mark = "\"value\":\"";
  const std::size_t begin = answer.find(mark);
  if (begin == std::string::npos) return answer;
  const std::size_t value = begin + mark.size();
  return answer.substr(value, answer.find('"', value) - value);
}

class RuntimeTest : public testing::TestWithParam<unsigned> {
 protected:
  RuntimeTest() {
    strata_options options = STRATA_OPTIONS;
    options.tap = nullptr;
    options.flags = GetParam();
    host = strata_open(&options);
  }
  ~RuntimeTest() override { strata_free(host); }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  int listening(std::uint16_t port) {
    const int fd = strata_socket(host, AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    EXPECT_EQ(strata_bind(host, fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(strata_listen(host, fd, 100), 0);
    return fd;
  }
  int connected(std::uint16_t port) {
    const int fd = strata_socket(host, AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port);
    EXPECT_EQ(strata_connect(host, fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  void echo(int fd) {
    std::array<char, 4096> buffer;
    for (ssize_t size; (size = strata_read(host, fd, buffer.data(), buffer.size())) > 0;)
      EXPECT_EQ(strata_write(host, fd, buffer.data(), static_cast<std::size_t>(size)), size);
    EXPECT_EQ(strata_close(host, fd), 0);
  }

  strata_host* host;
};
INSTANTIATE_TEST_SUITE_P(Driven, RuntimeTest, testing::Values(0U, static_cast<unsigned>(STRATA_OWN_THREAD)),
                         [](const auto& by) { return by.param == 0 ? "ByCallers" : "ByItself"; });

TEST_P(RuntimeTest, ThreadsTalkToEachOther) {
  ASSERT_NE(host, nullptr);
  const int listener = listening(7);
  std::thread server([&] { echo(strata_accept(host, listener, nullptr, nullptr)); });
  const int fd = connected(7);
  const std::string text(100'000, 'x');
  std::thread writer([&] {
    EXPECT_EQ(strata_write(host, fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(strata_shutdown(host, fd, SHUT_WR), 0);
  });
  std::string answer;
  std::array<char, 5000> buffer;
  for (ssize_t size; (size = strata_read(host, fd, buffer.data(), buffer.size())) > 0;)
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  writer.join();
  server.join();
  EXPECT_EQ(answer, text);
  EXPECT_EQ(strata_close(host, fd), 0);
}

TEST_P(RuntimeTest, ManyThreadsWaitAtOnce) {
  const int listener = listening(7);
  constexpr int kPairs = 8;
  std::vector<std::thread> threads;
  for (int i = 0; i < kPairs; ++i) {
    threads.emplace_back([&] { echo(strata_accept(host, listener, nullptr, nullptr)); });
    threads.emplace_back([&] {
      const int fd = connected(7);
      for (int round = 0; round < 50; ++round) {
        char byte = 'a';
        EXPECT_EQ(strata_write(host, fd, &byte, 1), 1);
        EXPECT_EQ(strata_read(host, fd, &byte, 1), 1);
      }
      EXPECT_EQ(strata_close(host, fd), 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(RuntimeTest, EpollWakesForAnotherThread) {
  const int listener = listening(7);
  const int epoll = strata_epoll_create1(host, 0);
  epoll_event event{};
  event.events = EPOLLIN;
  EXPECT_EQ(strata_epoll_ctl(host, epoll, EPOLL_CTL_ADD, listener, &event), 0);
  std::thread client([&] { EXPECT_EQ(strata_close(host, connected(7)), 0); });
  EXPECT_EQ(strata_epoll_wait(host, epoll, &event, 1, -1), 1);
  client.join();
}

TEST_P(RuntimeTest, TimeEndsAWait) {
  pollfd entry{.fd = listening(7), .events = POLLIN, .revents = 0};
  EXPECT_EQ(strata_poll(host, &entry, 1, 5), 0);
}

TEST_P(RuntimeTest, ErrorsAreErrnos) {
  EXPECT_EQ(strata_listen(host, 99, 1), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(strata_version(), STRATA_VERSION);
}

TEST_P(RuntimeTest, ParametersCanBeReadAndSet) {
  std::array<char, 32> text{};
  EXPECT_EQ(strata_sysctl_get(host, "net.ipv4.tcp_fin_timeout", text.data(), text.size()), 0);
  EXPECT_STREQ(text.data(), "60");
  EXPECT_EQ(strata_sysctl_set(host, "tcp_fin_timeout", "7"), 0);
  EXPECT_EQ(strata_sysctl_get(host, "tcp_fin_timeout", text.data(), text.size()), 0);
  EXPECT_STREQ(text.data(), "7");
  EXPECT_EQ(strata_sysctl_set(host, "tcp_fin_timeout", "soon"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(strata_sysctl_set(host, "tcp_no_such", "1"), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(strata_sysctl_get(host, "tcp_fin_timeout", text.data(), 1), -1);
  EXPECT_EQ(errno, ERANGE);
}

TEST(Control, OtherProcessesAskEachStackByItsNumber) {
  strata_options options = STRATA_OPTIONS;
  options.tap = nullptr;
  options.flags = STRATA_OWN_THREAD;
  strata_host* const one = strata_open(&options);
  strata_host* const two = strata_open(&options);
  const auto doors = control::doors_of(::getpid());
  ASSERT_TRUE(doors) << doors.error().text;
  ASSERT_EQ(doors->size(), 2U);
  EXPECT_EQ(told_value((*doors)[1], "sysctl\ttcp_fin_timeout=7"), "7");
  EXPECT_EQ(told_value((*doors)[0], "sysctl\ttcp_fin_timeout"), "60");
  std::array<char, 32> text{};
  EXPECT_EQ(strata_sysctl_get(two, "tcp_fin_timeout", text.data(), text.size()), 0);
  EXPECT_STREQ(text.data(), "7");
  strata_free(one);
  strata_free(two);
  EXPECT_FALSE(control::doors_of(::getpid()));
}

TEST_P(RuntimeTest, OtherProcessesAreAnsweredByWhoeverWaits) {
  const auto doors = control::doors_of(::getpid());
  ASSERT_TRUE(doors) << doors.error().text;
  const int listener = listening(7);
  std::thread waiter([&] { EXPECT_GE(strata_accept(host, listener, nullptr, nullptr), 0); });
  EXPECT_EQ(told_value(doors->at(0), "sysctl\tsomaxconn"), "4096");
  connected(7);
  waiter.join();
}

TEST(Control, AProgramMayDoWithout) {
  strata_options options = STRATA_OPTIONS;
  options.tap = nullptr;
  options.flags = STRATA_OWN_THREAD | STRATA_NO_CONTROL;
  strata_host* const host = strata_open(&options);
  ASSERT_NE(host, nullptr);
  EXPECT_FALSE(control::doors_of(::getpid()));
  strata_free(host);
}

TEST(Open, SaysWhatIsWrong) {
  strata_options options = STRATA_OPTIONS;
  options.address = "10.0.0.1";
  EXPECT_EQ(strata_open(&options), nullptr);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_NE(std::string(strata_open_error()).find("10.0.0.1"), std::string::npos);
  options = STRATA_OPTIONS;
  options.profile = "plan9";
  EXPECT_EQ(strata_open(&options), nullptr);
  options.size = 0;
  EXPECT_EQ(strata_open(&options), nullptr);
}

TEST(CInterface, ServesAProgramInC) { EXPECT_EQ(strata_c_interface_works(), 0); }

}  // namespace
}  // namespace strata::posix
