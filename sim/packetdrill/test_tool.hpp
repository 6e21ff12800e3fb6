// For tests: what the original tool does with the object, in the few steps that matter here. Loads it as the
// tool does, plays a peer by segments, and runs calls that may wait on a second thread.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sim/drill/wire_segment.hpp"
#include "sim/packetdrill/interface.hpp"
#include "wire/tcp.hpp"

namespace strata::packetdrill {

constexpr std::uint16_t kServerPort = 8080;

inline sockaddr_in address_of(std::uint32_t address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(address);
  return result;
}

/// A segment that the stack sent, and when, in microseconds.
struct Seen {
  drill::WireSegment segment;
  long long at = 0;
};

class Tool : public testing::Test {
 protected:
  ~Tool() override {
    for (const int fd : left_open) ::close(fd);
    if (table.free != nullptr) table.free(table.userdata);
    if (object_ != nullptr) dlclose(object_);
  }

  void load(const char* flags) {
    object_ = dlopen(STRATA_PACKETDRILL_OBJECT, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    ASSERT_NE(object_, nullptr) << dlerror();
    void* const symbol = dlsym(object_, "packetdrill_interface_init");
    ASSERT_NE(symbol, nullptr);
    reinterpret_cast<decltype(&packetdrill_interface_init)>(symbol)(flags, &table);
  }

  // --- The tool's time ---
  long long now() {
    timeval time{};
    EXPECT_EQ(table.gettimeofday(table.userdata, &time, nullptr), 0);
    return time.tv_sec * 1'000'000LL + time.tv_usec;
  }
  void sleep_millis(unsigned time) { EXPECT_EQ(table.usleep(table.userdata, time * 1000), 0); }

  // --- The peer ---
  void send_segment(std::uint16_t flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t length = 0) {
    drill::WireSegment segment;
    segment.from = peer_;
    segment.to = server_;
    segment.flags = flags;
    segment.seq = seq;
    segment.ack = ack;
    segment.window = 65535;
    segment.length = length;
    const std::vector<std::uint8_t> payload(length, 'x');
    const drill::Frame frame = drill::write_segment(segment, payload);
    EXPECT_EQ(table.netdev_send(table.userdata, frame.data(), frame.size()), 0);
  }
  Seen next_segment() {
    std::array<std::uint8_t, 2048> bytes{};
    size_t size = bytes.size();
    Seen seen;
    EXPECT_EQ(table.netdev_receive(table.userdata, bytes.data(), &size, &seen.at), 0);
    const auto segment = drill::read_segment({bytes.data(), size});
    EXPECT_TRUE(segment.has_value()) << segment.error();
    if (segment) seen.segment = *segment;
    return seen;
  }

  // --- Calls ---
  int listening_socket() {
    const int fd = table.socket(table.userdata, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    left_open.push_back(fd);
    const sockaddr_in local = address_of(0xc0a80001, kServerPort);
    EXPECT_EQ(table.bind(table.userdata, fd, reinterpret_cast<const sockaddr*>(&local), sizeof local), 0);
    EXPECT_EQ(table.listen(table.userdata, fd, 1), 0);
    return fd;
  }
  /// An accepted connection; the peer's next number is 1001, ours follows `iss`.
  int connected_socket() {
    const int listener = listening_socket();
    send_segment(tcp_flag::kSyn, 1000, 0);
    const Seen answer = next_segment();
    EXPECT_EQ(answer.segment.flags, tcp_flag::kSyn | tcp_flag::kAck);
    iss = answer.segment.seq;
    send_segment(tcp_flag::kAck, 1001, iss + 1);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const int fd = table.accept(table.userdata, listener, reinterpret_cast<sockaddr*>(&peer), &size);
    EXPECT_EQ(ntohs(peer.sin_port), peer_.port);
    left_open.push_back(fd);
    return fd;
  }

  /// A call on the tool's second thread, which asks for the time when it is back.
  struct Returned {
    long result = 0;
    long long at = 0;
  };
  /// `meanwhile` happens on the main thread once the call sleeps.
  Returned call_on_second_thread(const std::function<long()>& call, const std::function<void()>& meanwhile) {
    Returned returned;
    std::atomic<long> thread_id = 0;
    std::jthread thread([&] {
      thread_id = syscall(SYS_gettid);
      returned.result = call();
      returned.at = now();
    });
    while (thread_id == 0 || !sleeps(thread_id)) std::this_thread::yield();
    meanwhile();
    thread.join();
    return returned;
  }

  packetdrill_interface table{};
  std::vector<int> left_open;
  std::uint32_t iss = 0;

 private:
  /// As the kernel tells it, which is where the tool looks as well.
  static bool sleeps(long thread_id) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread_id) + "/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name_end = text.rfind(')');
    return name_end != text.npos && text.compare(name_end, 3, ") S") == 0;
  }

  void* object_ = nullptr;
  Endpoint peer_{.address = IpAddress::v4(192, 0, 2, 1), .zone = 0, .port = 40'000};
  Endpoint server_{.address = IpAddress::v4(192, 168, 0, 1), .zone = 0, .port = kServerPort};
};

}  // namespace strata::packetdrill
