// "Silent drops between stack and device collapse cwnd; a minimum RTO of 200 ms is too small." A full device
// pushes back here, so that nothing is lost between stack and device; and when it stands still for longer
// than the RTO, the false alarm is undone.
#include <gtest/gtest.h>

#include "bench/support/pattern.hpp"
#include "strata/memory_link.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace strata::scenario {
namespace {

/// Takes a few frames a turn, and at times none.
class NarrowDevice {
 public:
  explicit NarrowDevice(MemoryLink::End& end) : end_(end) {}
  Packet receive(Stack& stack, Instant now) { return end_.receive(stack, now); }
  bool transmit(Packet& frame, Instant now) {
    if (room == 0 || !end_.transmit(frame, now)) {
      ++refused;
      return false;
    }
    --room;
    return true;
  }
  void flush() {}
  const LinkCapabilities& capabilities() const { return end_.capabilities(); }

  int room = 0;
  std::uint64_t refused = 0;

 private:
  MemoryLink::End& end_;
};

/// A sender behind a narrow device. A turn takes 100 microseconds.
class NarrowScene {
 public:
  NarrowScene() {
    sender_nic_ = attach(sender, 1);
    receiver_nic_ = attach(receiver, 2);
    listener_ = *receiver.listen({.address = address(2), .zone = 0, .port = 80});
    out_ = *sender.connect({.address = address(2), .zone = 0, .port = 80}, now_);
  }

  /// Eight frames fit into the device each turn, or none.
  void run(Duration time, bool device_moves = true) {
    for (const Instant end = now_ + time; now_ < end; now_ = now_ + Duration::micros(100)) {
      device.room = device_moves ? 8 : 0;
      (void)poll(sender, sender_nic_, device, now_);
      (void)poll(receiver, receiver_nic_, link_.b(), now_);
      while (const auto taken = out_.send(pattern_.at(sent_, 1U << 20))) sent_ += *taken;
      read();
    }
  }
  std::uint64_t received = 0;
  Stack sender{Config{}, Entropy::from_seed(1)};
  Stack receiver{Config{}, Entropy::from_seed(2)};

 private:
  static IpAddress address(std::uint8_t host) { return IpAddress::v4(10, 0, 0, host); }
  NicId attach(Stack& stack, std::uint8_t host) {
    const Prefix own{address(host), 24};
    return *stack.add_interface(
        {.mac = {{2, 0, 0, 0, 0, host}}, .link = link_.a().capabilities(), .addresses = {&own, 1}});
  }
  void read() {
    if (!in_) {
      if (auto stream = listener_.accept()) in_ = std::move(*stream);
    }
    while (in_) {
      const auto bytes = in_.peek();
      if (!bytes || bytes->empty()) return;
      ASSERT_TRUE(pattern_.matches(received, *bytes));
      received += bytes->size();
      in_.consume(bytes->size());
    }
  }

  MemoryLink link_{{.queue_max = 16}};

 public:
  NarrowDevice device{link_.a()};

 private:
  bench::Pattern pattern_;
  NicId sender_nic_ = NicId::none;
  NicId receiver_nic_ = NicId::none;
  TcpListener listener_;
  TcpStream out_;
  TcpStream in_;
  std::uint64_t sent_ = 0;
  Instant now_;
};

TEST(SilentDrops, AFullDeviceLosesNothing) {
  NarrowScene scene;
  scene.run(Duration::seconds(3));
  EXPECT_GT(scene.device.refused, 10'000U);
  EXPECT_EQ(scene.sender.counters()[Counter::tcp_retrans_segs], 0U);
  EXPECT_EQ(scene.sender.counters()[Counter::tcp_rto_fired], 0U);
  // Eight segments of 1448 bytes in each of 30,000 turns, but for the first hundred.
  EXPECT_GT(scene.received, 8U * 1448 * 29'900);
}

TEST(SilentDrops, ADeviceThatStandsStillForLongerThanTheRtoCostsOnlyThatTime) {
  NarrowScene scene;
  scene.run(Duration::seconds(1));
  for (const int millis : {100, 250, 300, 500}) {
    scene.run(Duration::millis(millis), false);
    scene.run(Duration::millis(50));
    const std::uint64_t before = scene.received;
    scene.run(Duration::seconds(1));
    EXPECT_GT(scene.received - before, 8U * 1448 * 9'500) << "after " << millis << " ms";
  }
}

}  // namespace
}  // namespace strata::scenario
