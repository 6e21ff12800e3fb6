// One captured interface: turns what a capture tap shows into packet blocks of a pcapng file.
//
//   InterfaceCapture capture(writer, {.name = "tap0"});
//   CaptureTap tap(device, capture.sink());
#pragma once

#include <string>
#include <utility>

#include "obs/pcapng.hpp"
#include "strata/capture.hpp"

namespace strata::obs {

class InterfaceCapture {
 public:
  InterfaceCapture(PcapngWriter& writer, const PcapngInterface& interface)
      : writer_(&writer), interface_(writer.add_interface(interface)) {}

  /// Valid while this object stays where it is.
  CaptureSink sink() { return {.context = this, .function = &InterfaceCapture::record}; }
  /// The next frame gets this comment.
  void comment_next(std::string comment) { comment_ = std::move(comment); }

 private:
  static void record(void* context, const Packet& frame, FrameDirection direction, Instant at) {
    auto* self = static_cast<InterfaceCapture*>(context);
    self->writer_->write_frame(
        {.interface = self->interface_, .at = at, .direction = direction, .comment = self->comment_}, frame);
    self->comment_.clear();
  }

  PcapngWriter* writer_;
  std::uint32_t interface_;
  std::string comment_;
};

}  // namespace strata::obs
