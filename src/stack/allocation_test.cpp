// In steady state a segment costs no allocation: this test binary counts every one.
#include <gtest/gtest.h>

#include <array>

#include "stack/test_allocations.hpp"
#include "strata/memory_link.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace strata {
namespace {

class SteadyState : public testing::TestWithParam<std::size_t> {
 protected:
  static constexpr Endpoint kServer{.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 80};

  SteadyState() : link_({.capabilities = {.gso_max = GetParam(), .checksum_offload_tx = GetParam() > 0}}) {
    client_nic_ = add(client_, {IpAddress::v4(10, 0, 0, 2), 24}, {{2, 0, 0, 0, 0, 2}});
    server_nic_ = add(server_, {IpAddress::v4(10, 0, 0, 1), 24}, {{2, 0, 0, 0, 0, 1}});
    listener_ = std::move(*server_.listen(kServer));
    sender_ = std::move(*client_.connect(kServer, now_));
    for (int i = 0; i < 20; ++i) turn();
    receiver_ = std::move(*listener_.accept());
  }
  NicId add(Stack& stack, const Prefix& address, const MacAddress& mac) {
    return *stack.add_interface({.mac = mac, .link = link_.a().capabilities(), .addresses = {&address, 1}});
  }
  void turn() {
    now_ = now_ + Duration::micros(50);
    poll(client_, client_nic_, link_.a(), now_);
    poll(server_, server_nic_, link_.b(), now_);
  }
  /// Moves `bytes` more through the connection.
  void transfer(std::size_t bytes) {
    for (const std::size_t goal = received_ + bytes; received_ < goal;) {
      (void)sender_.send(data_);
      turn();
      while (const auto piece = receiver_.peek()) {
        received_ += piece->size();
        receiver_.consume(piece->size());
      }
    }
  }

  Stack client_{Config{}, Entropy::from_seed(1)};
  Stack server_{Config{}, Entropy::from_seed(2)};
  MemoryLink link_;
  NicId client_nic_;
  NicId server_nic_;
  Instant now_ = Instant::from_nanos(1);
  TcpListener listener_;
  TcpStream sender_;
  TcpStream receiver_;
  std::array<std::uint8_t, 60'000> data_{};
  std::size_t received_ = 0;
};
INSTANTIATE_TEST_SUITE_P(SuperSegments, SteadyState, testing::Values(std::size_t{0}, std::size_t{65'000}));

TEST_P(SteadyState, ABulkTransferAllocatesNothing) {
  transfer(8'000'000);
  const std::size_t before = allocation_count();
  transfer(16'000'000);
  EXPECT_EQ(allocation_count(), before);
}

TEST_P(SteadyState, ManyShortExchangesAllocateNothing) {
  const auto exchange = [&] {
    ASSERT_TRUE(sender_.send(Bytes(data_).first(100)));
    turn();
    while (const auto piece = receiver_.peek()) receiver_.consume(piece->size());
    ASSERT_TRUE(receiver_.send(Bytes(data_).first(100)));
    turn();
    while (const auto piece = sender_.peek()) sender_.consume(piece->size());
  };
  for (int i = 0; i < 3000; ++i) exchange();
  const std::size_t before = allocation_count();
  for (int i = 0; i < 1000; ++i) exchange();
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace strata
