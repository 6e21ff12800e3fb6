#include "sim/programs/flood.hpp"

#include <vector>

#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata::sim {
namespace {

constexpr std::uint32_t kSourcesMask = 0xff;  ///< as many addresses and one, on the victim's network

std::vector<std::uint8_t> make_syn(const Machine& from, const Machine& to, std::uint16_t port,
                                   std::uint32_t number) {
  const IpAddress source =
      IpAddress::v4((to.address().v4_value() & 0xffff'0000U) | 0xc800U | (number & kSourcesMask));
  const TcpHeader tcp{.src_port = static_cast<std::uint16_t>(1024 + number % 60'000),
                      .dst_port = port,
                      .seq = SeqNum(number * 2'654'435'761U),
                      .flags = tcp_flag::kSyn,
                      .window = 64'240};
  constexpr std::size_t kIpAt = EthernetHeader::kSize;
  constexpr std::size_t kTcpAt = kIpAt + Ipv4Header::kSize;
  std::vector<std::uint8_t> frame(kTcpAt + tcp.size());
  EthernetHeader{.dst = to.mac(), .src = from.mac()}.write(frame.data());
  Ipv4Header{.src = source,
             .dst = to.address(),
             .protocol = kProtocolTcp,
             .total_length = static_cast<std::uint16_t>(Ipv4Header::kSize + tcp.size())}
      .write(frame.data() + kIpAt);
  tcp.write(frame.data() + kTcpAt);
  InternetChecksum sum =
      pseudo_header(source, to.address(), kProtocolTcp, static_cast<std::uint32_t>(tcp.size()));
  sum.add(Bytes(frame).subspan(kTcpAt));
  store_be(frame.data() + kTcpAt + TcpHeader::kChecksumOffset, sum.finish());
  return frame;
}

Task<> flood(Machine& machine, const Machine& victim, std::uint16_t port, FloodPlan plan) {
  for (std::uint32_t i = 0; i < plan.count; ++i) {
    machine.put_frame(0, make_syn(machine, victim, port, i));
    co_await machine.sleep(plan.every);
  }
}

}  // namespace

Machine::Program flooding(Machine& victim, std::uint16_t port, const FloodPlan& plan) {
  return [&victim, port, plan](Machine& machine) { return flood(machine, victim, port, plan); };
}

}  // namespace strata::sim
