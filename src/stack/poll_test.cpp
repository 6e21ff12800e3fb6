// One turn of a stack on a device: how much of a burst it takes before it answers.
#include "stack/test_stack.hpp"

namespace strata {
namespace {

/// Has a frame whenever it is asked.
class BusyDevice {
 public:
  explicit BusyDevice(std::size_t frame_size) : frame_(frame_size) {}
  Packet receive(Stack& stack, Instant) { return stack.make_packet(frame_); }
  bool transmit(Packet&, Instant) { return true; }
  void flush() {}
  LinkCapabilities capabilities() const { return {}; }

 private:
  Frame frame_;
};

std::size_t received_in_a_turn(std::size_t frame_size) {
  TestStack host;
  BusyDevice device(frame_size);
  return poll(host.stack, host.nic, device, host.now).received;
}

TEST(Poll, TakesABurstOfFrames) { EXPECT_EQ(received_in_a_turn(1514), 64U); }

TEST(Poll, TakesFewSuperSegments) { EXPECT_EQ(received_in_a_turn(64 * 1024), 4U); }

}  // namespace
}  // namespace strata
