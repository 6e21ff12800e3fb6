// What our stack says on a wire, in the eyes of tshark: every checksum right, nothing malformed, and on a
// perfect wire no sign of trouble in the TCP analysis.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "obs/pcapng.hpp"
#include "sim/test_connection.hpp"
#include "tests/support/capture_tools.hpp"

namespace strata::sim {
namespace {

/// Writes what arrives at Side::b or leaves there.
class WireCapture {
 public:
  explicit WireCapture(World& world) : path_(test::unique_path("pcapng")), file_(path_, std::ios::binary) {
    world.set_frame_observer([this](Side to, Bytes frame, Instant at) {
      const FrameDirection direction = to == Side::b ? FrameDirection::in : FrameDirection::out;
      writer_.write_frame({.interface = wire_, .at = at, .direction = direction}, frame);
    });
  }
  WireCapture(const WireCapture&) = delete;
  WireCapture& operator=(const WireCapture&) = delete;
  ~WireCapture() { std::remove(path_.c_str()); }

  /// The file, written to its end.
  const std::string& finish() {
    file_.flush();
    EXPECT_FALSE(writer_.has_failed());
    return path_;
  }
  std::uint64_t frames() const { return writer_.frames_written(); }

 private:
  static bool write(void* context, Bytes bytes) {
    auto& file = *static_cast<std::ofstream*>(context);
    file << as_text(bytes);
    return file.good();
  }

  std::string path_;
  std::ofstream file_;
  obs::PcapngWriter writer_{{.context = &file_, .write = &WireCapture::write}, {}};
  std::uint32_t wire_ = writer_.add_interface({.name = "wire"});
};

void transfer(ConnectionScene& scene) {
  scene.client.to_send = text_of(300'000, 1);
  scene.server.to_send = text_of(200'000, 2);
  ASSERT_TRUE(scene.world.run_until([&] { return scene.both_saw_end(); }, Duration::seconds(600)));
  scene.world.run_for(Duration::seconds(1));
}

TEST(Capture, TsharkFindsNoFaultOnAPerfectWire) {
  STRATA_REQUIRE_TOOL("tshark");
  ConnectionScene scene;
  WireCapture capture(scene.world);
  transfer(scene);
  const std::string& path = capture.finish();
  EXPECT_EQ(test::tshark_complaints(path), "");
  const auto arp_frames = 2;
  EXPECT_EQ(test::frames_with_good_checksums(path), static_cast<int>(capture.frames()) - arp_frames);
  EXPECT_EQ(test::tshark_select(path, "tcp.analysis.flags && !tcp.analysis.window_update"), "");
}

TEST(Capture, TsharkFindsEveryChecksumGoodOnALossyWire) {
  STRATA_REQUIRE_TOOL("tshark");
  const ImpairmentConfig lossy{
      .delay = Duration::millis(5), .loss_ppm = 30'000, .duplicate_ppm = 20'000, .reorder_ppm = 50'000};
  ConnectionScene scene({.seed = 8, .wire = {.a_to_b = lossy, .b_to_a = lossy}});
  WireCapture capture(scene.world);
  transfer(scene);
  const std::string& path = capture.finish();
  EXPECT_EQ(test::tshark_complaints(path), "");
  EXPECT_NE(test::tshark_select(path, "tcp.analysis.retransmission"), "");
}

}  // namespace
}  // namespace strata::sim
