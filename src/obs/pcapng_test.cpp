// What we write must be what others read: the captures go through tshark and tcpdump.
#include "obs/pcapng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "link/capture_tap.hpp"
#include "link/test_device.hpp"
#include "link/test_frames.hpp"
#include "obs/interface_capture.hpp"
#include "tests/support/capture_tools.hpp"

namespace strata::obs {
namespace {

using strata::test::make_segment;
using strata::test::SegmentSpec;
using strata::test::small_pools;

struct Memory {
  std::vector<std::uint8_t> bytes;
  std::size_t room = 1U << 24;
  int refused = 0;
};

bool write_to_memory(void* context, Bytes bytes) {
  auto* memory = static_cast<Memory*>(context);
  if (memory->bytes.size() + bytes.size() > memory->room) {
    ++memory->refused;
    return false;
  }
  memory->bytes.insert(memory->bytes.end(), bytes.begin(), bytes.end());
  return true;
}

ByteSink sink_of(Memory& memory) { return {.context = &memory, .write = write_to_memory}; }

/// The capture as a file that lives as long as the test needs it.
class CaptureFile {
 public:
  explicit CaptureFile(const Memory& memory) : path_(test::unique_path("pcapng")) {
    std::ofstream file(path_, std::ios::binary);
    file << as_text(memory.bytes);
  }
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;
  ~CaptureFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr std::int64_t kOrigin = 1'700'000'000'000'000'000;

struct ExampleOptions {
  bool split = false;
  bool raw_interface = false;  ///< a second interface, without Ethernet
};

/// A SYN with a comment, data, a super-segment, and one frame that comes in.
Memory write_example(const ExampleOptions& options) {
  buf::Pools pools(small_pools());
  Memory memory;
  PcapngWriter writer(sink_of(memory), {.origin_nanos = kOrigin});
  InterfaceCapture tap0(writer, {.name = "tap0", .description = "the first"});
  test::TestDevice wire;
  CaptureTap tap(wire, tap0.sink(), {.split = options.split});
  const auto send = [&](const SegmentSpec& spec, Instant at) {
    Packet frame = make_segment(pools, spec);
    EXPECT_TRUE(tap.transmit(frame, at));
  };
  tap0.comment_next("the handshake begins");
  send({.seq = 99, .flags = tcp_flag::kSyn}, Instant::from_nanos(1));
  send({.payload = 100, .seq = 100}, Instant::from_nanos(123'456'789));
  send({.payload = 5000, .gso_size = 1448, .seq = 200}, Instant::from_nanos(2'000'000'007));
  wire.to_receive.push_back(make_segment(pools, {.payload = 1, .seq = 5200}));
  EXPECT_TRUE(tap.receive(test::no_stack(), Instant::from_nanos(3'000'000'000)));

  EXPECT_FALSE(writer.has_failed());
  if (!options.raw_interface) return memory;
  const std::uint32_t tun0 = writer.add_interface({.name = "tun0", .has_ethernet_header = false});
  writer.write_frame({.interface = tun0, .at = Instant::from_nanos(4'000'000'000)},
                     make_segment(pools, {.payload = 33, .ethernet = false}));
  return memory;
}

constexpr const char* kFields =
    " -T fields -e frame.interface_name -e frame.time_epoch -e frame.packet_flags_direction -e frame.comment"
    " -e ip.len -e tcp.len";

TEST(Pcapng, TsharkReadsNamesNanosecondsDirectionsAndComments) {
  STRATA_REQUIRE_TOOL("tshark");
  const CaptureFile file(write_example({.raw_interface = true}));
  const test::ToolResult result = test::run_tool("tshark -n -r " + file.path() + kFields + " 2>/dev/null");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output,
            "tap0\t1700000000.000000001\t0x00000002\tthe handshake begins\t52\t0\n"
            "tap0\t1700000000.123456789\t0x00000002\t\t152\t100\n"
            "tap0\t1700000002.000000007\t0x00000002\t\t5052\t5000\n"
            "tap0\t1700000003.000000000\t0x00000001\t\t53\t1\n"
            "tun0\t1700000004.000000000\t0x00000001\t\t85\t33\n");
}

TEST(Pcapng, TsharkFindsEveryChecksumGoodAndNothingMalformed) {
  STRATA_REQUIRE_TOOL("tshark");
  for (const bool split : {false, true}) {
    const CaptureFile file(write_example({.split = split}));
    EXPECT_EQ(test::tshark_complaints(file.path()), "");
    EXPECT_EQ(test::frames_with_good_checksums(file.path()), split ? 7 : 4);
  }
}

TEST(Pcapng, TsharkComplaintsAreNotEmptyForABadChecksum) {
  STRATA_REQUIRE_TOOL("tshark");
  buf::Pools pools(small_pools());
  Memory memory;
  PcapngWriter writer(sink_of(memory), {});
  const std::uint32_t interface = writer.add_interface({.name = "tap0"});
  Packet frame = make_segment(pools, {.payload = 20});
  frame.meta().csum = ChecksumState::unverified;  // the field still holds the pseudo header only
  writer.write_frame({.interface = interface}, frame);
  const CaptureFile file(memory);
  EXPECT_NE(test::tshark_complaints(file.path()), "");
}

TEST(Pcapng, TcpdumpReadsIt) {
  STRATA_REQUIRE_TOOL("tcpdump");
  const CaptureFile file(write_example({}));
  const test::ToolResult result = test::run_tool("tcpdump -nn -tt --nano -v -r " + file.path() +
                                                 " 2>/dev/null | grep -E '10.77.0.1.40000 >'");
  EXPECT_EQ(std::ranges::count(result.output, '\n'), 4) << result.output;
  EXPECT_NE(result.output.find("(correct), seq 99,"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("incorrect"), std::string::npos) << result.output;
}

TEST(Pcapng, CompletesPartialChecksumsInTheWrittenCopyOnly) {
  buf::Pools pools(small_pools());
  Memory memory;
  PcapngWriter writer(sink_of(memory), {});
  const std::uint32_t interface = writer.add_interface({.name = "tap0"});
  const Packet frame = make_segment(pools, {.payload = 77});
  const std::vector<std::uint8_t> before = test::flat(frame);
  const std::size_t header_end = memory.bytes.size();
  writer.write_frame({.interface = interface}, frame);
  EXPECT_EQ(test::flat(frame), before);
  EXPECT_EQ(frame.meta().csum, ChecksumState::partial);
  const Bytes written = Bytes(memory.bytes).subspan(header_end + 28, before.size());
  const auto parsed = test::parse_frame(written);
  EXPECT_TRUE(parsed && parsed->tcp_checksum_good);
}

TEST(Pcapng, StopsAtTheFirstBlockThatTheSinkRefuses) {
  buf::Pools pools(small_pools());
  Memory memory{.bytes = {}, .room = 600, .refused = 0};
  PcapngWriter writer(sink_of(memory), {});
  const std::uint32_t interface = writer.add_interface({.name = "tap0"});
  for (int i = 0; i < 10; ++i) {
    writer.write_frame({.interface = interface}, make_segment(pools, {.payload = 150}));
  }
  EXPECT_TRUE(writer.has_failed());
  EXPECT_EQ(memory.refused, 1);
  EXPECT_EQ(writer.frames_written(), 1U);
  EXPECT_EQ(memory.bytes.size() % 4, 0U);
}

}  // namespace
}  // namespace strata::obs
