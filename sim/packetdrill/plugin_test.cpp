// The object as the original tool uses it: loaded, one table, two threads.
#include <fcntl.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

#include "sim/packetdrill/test_tool.hpp"

namespace strata::packetdrill {
namespace {

constexpr std::uint16_t kFinAck = tcp_flag::kFin | tcp_flag::kAck;

TEST_F(Tool, TheClockMovesOnlyWhenItIsMoved) {
  load("");
  const long long begin = now();
  EXPECT_EQ(now(), begin + 1) << "who asks again waits for some moment";
  sleep_millis(1000);
  EXPECT_EQ(now(), begin + 1'000'001);
}

TEST_F(Tool, EverySleepTakesTime) {
  load("");
  const long long begin = now();
  sleep_millis(0);
  EXPECT_EQ(now(), begin + 1);
}

TEST_F(Tool, AHandshakeDataAndAClose) {
  load("profile=linux");
  const int fd = connected_socket();
  EXPECT_EQ(table.write(table.userdata, fd, "hello", 5), 5);
  const Seen data = next_segment();
  EXPECT_EQ(data.segment.length, 5U);
  EXPECT_EQ(data.segment.seq, iss + 1);
  send_segment(tcp_flag::kAck, 1001, iss + 6, 100);
  EXPECT_EQ(next_segment().segment.ack, 1101U);
  std::array<char, 200> buffer{};
  EXPECT_EQ(table.read(table.userdata, fd, buffer.data(), buffer.size()), 100);
  left_open.pop_back();
  EXPECT_EQ(table.close(table.userdata, fd), 0);
  EXPECT_EQ(next_segment().segment.flags, kFinAck);
  EXPECT_EQ(table.close(table.userdata, fd), -1);
  EXPECT_EQ(errno, EBADF);
}

TEST_F(Tool, ReceivingAPacketJumpsToTheNextTimer) {
  load("tcp_rto_min_us=300000");
  const int fd = connected_socket();
  EXPECT_EQ(table.send(table.userdata, fd, "x", 1, 0), 1);
  const Seen first = next_segment();
  const Seen again = next_segment();
  EXPECT_EQ(again.segment.seq, first.segment.seq);
  EXPECT_EQ(again.at - first.at, 300'000);
  EXPECT_EQ(now(), again.at);
}

TEST_F(Tool, APacketHasTheTimeAtWhichItWasSent) {
  load("");
  const int fd = connected_socket();
  const long long sent_at = now();
  EXPECT_EQ(table.write(table.userdata, fd, "x", 1), 1);
  sleep_millis(50);
  EXPECT_EQ(next_segment().at, sent_at);
}

TEST_F(Tool, ABlockingReadReturnsWhenDataArrive) {
  load("");
  const int fd = connected_socket();
  const long long begin = now();
  char byte = 0;
  const Returned returned = call_on_second_thread([&] { return table.read(table.userdata, fd, &byte, 1); },
                                                  [&] {
                                                    sleep_millis(100);
                                                    send_segment(tcp_flag::kAck, 1001, iss + 1, 1);
                                                    sleep_millis(500);
                                                  });
  EXPECT_EQ(returned.result, 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_EQ(returned.at, begin + 100'000) << "whatever the main thread did since";
  EXPECT_EQ(now(), begin + 600'000);
}

TEST_F(Tool, ACallThatTheMainThreadWaitsForMovesTheClockItself) {
  load("");
  const int fd = connected_socket();
  const timeval limit{.tv_sec = 3, .tv_usec = 0};
  EXPECT_EQ(table.setsockopt(table.userdata, fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  const long long begin = now();
  char byte = 0;
  int error = 0;
  const Returned returned = call_on_second_thread(
      [&] {
        const long result = table.recv(table.userdata, fd, &byte, 1, 0);
        error = errno;
        return result;
      },
      [] {});
  EXPECT_EQ(returned.result, -1);
  EXPECT_EQ(error, EAGAIN);
  EXPECT_EQ(returned.at, begin + 3'000'000);
}

TEST_F(Tool, PollAndEpollKnowTheToolsDescriptors) {
  load("");
  const int fd = connected_socket();
  std::array<pollfd, 2> entries{pollfd{.fd = fd, .events = POLLIN | POLLOUT, .revents = 0},
                                pollfd{.fd = 10'000, .events = POLLIN, .revents = 0}};
  EXPECT_EQ(table.poll(table.userdata, entries.data(), entries.size(), 0), 2);
  EXPECT_EQ(entries[0].revents, POLLOUT);
  EXPECT_EQ(entries[0].fd, fd);
  EXPECT_EQ(entries[1].revents, POLLNVAL);

  const int epoll_fd = table.epoll_create(table.userdata, 1);
  left_open.push_back(epoll_fd);
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  EXPECT_EQ(table.epoll_ctl(table.userdata, epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
  const long long begin = now();
  EXPECT_EQ(table.epoll_wait(table.userdata, epoll_fd, &event, 1, 70), 0);
  EXPECT_EQ(now(), begin + 70'000);
  send_segment(tcp_flag::kAck, 1001, iss + 1, 1);
  EXPECT_EQ(table.epoll_wait(table.userdata, epoll_fd, &event, 1, 0), 1);
  EXPECT_EQ(event.data.fd, fd);
}

TEST_F(Tool, OptionsAndCounters) {
  load("");
  const int fd = connected_socket();
  EXPECT_EQ(table.fcntl(table.userdata, fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
  EXPECT_EQ(table.fcntl(table.userdata, fd, F_GETFL, 0), O_RDWR | O_NONBLOCK);
  char byte = 0;
  EXPECT_EQ(table.read(table.userdata, fd, &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  send_segment(tcp_flag::kAck, 1001, iss + 1, 9);
  int waiting = 0;
  EXPECT_EQ(table.ioctl(table.userdata, fd, FIONREAD, &waiting), 0);
  EXPECT_EQ(waiting, 9);
}

TEST_F(Tool, SizesOfBuffersAreToldAsTheProfilesSystemDoes) {
  load("profile=freebsd");
  const int fd = listening_socket();
  int size = 20'000;
  EXPECT_EQ(table.setsockopt(table.userdata, fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), 0);
  socklen_t length = sizeof size;
  EXPECT_EQ(table.getsockopt(table.userdata, fd, SOL_SOCKET, SO_RCVBUF, &size, &length), 0);
  EXPECT_EQ(size, 20'000);
}

TEST_F(Tool, DescriptorsAreTheKernels) {
  load("");
  const int fd = listening_socket();
  EXPECT_NE(::fcntl(fd, F_GETFD), -1) << "the tool closes what a script leaves open";
}

using ToolDeathTest = Tool;

TEST_F(ToolDeathTest, APacketThatWillNeverComeEndsTheProcess) {
  load("");
  EXPECT_EXIT(next_segment(), testing::ExitedWithCode(1), "no packet to send, and no timer runs");
}

TEST_F(ToolDeathTest, ACallThatWillNeverReturnEndsTheProcess) {
  load("");
  const int fd = listening_socket();
  EXPECT_EXIT(table.accept(table.userdata, fd, nullptr, nullptr), testing::ExitedWithCode(1),
              "nothing will ever");
}

TEST_F(ToolDeathTest, WrongFlagsAreExplained) {
  EXPECT_EXIT(load("tcp_no_such=1"), testing::ExitedWithCode(2), "no parameter tcp_no_such");
}

}  // namespace
}  // namespace strata::packetdrill
