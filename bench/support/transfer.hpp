// One stream of the pattern through a socket of ours, in one direction, driven by the stream's waker.
#pragma once

#include <cstdint>
#include <utility>

#include "bench/support/measure.hpp"
#include "bench/support/pattern.hpp"
#include "strata/tcp.hpp"

namespace strata::bench {

class Transfer {
 public:
  enum class Direction { out, in };
  Transfer(TcpStream stream, Direction direction, std::uint64_t total)
      : stream_(std::move(stream)), direction_(direction), total_(total) {
    stream_.set_waker({.context = this, .function = &Transfer::on_ready});
    step();
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  bool is_done() const { return done_; }

 private:
  static void on_ready(void* self, Ready) { static_cast<Transfer*>(self)->step(); }

  void step() {
    if (direction_ == Direction::out) send();
    receive();
    require(done_ || !any(stream_.ready() & Ready::closed), "the connection broke");
  }

  void send() {
    if (at_ == total_ || stream_.state() == TcpState::syn_sent) return;
    while (at_ < total_) {
      const auto sent = stream_.send(pattern_.at(at_, total_ - at_));
      if (!sent) return require(sent.error() == Errc::would_block, "send() failed");
      at_ += *sent;
    }
    require(stream_.shutdown_send().has_value(), "shutdown_send() failed");
  }

  /// A receiver of ours reads to the end of the stream; of a sender's peer only the end is expected.
  void receive() {
    for (;;) {
      const auto bytes = stream_.peek();
      if (!bytes) return;
      if (bytes->empty()) break;
      require(direction_ == Direction::in && pattern_.matches(at_, *bytes), "the payload arrived damaged");
      at_ += bytes->size();
      stream_.consume(bytes->size());
    }
    if (!any(stream_.ready() & Ready::peer_closed) || done_) return;
    require(at_ == total_, "the stream is too short");
    done_ = true;
  }

  Pattern pattern_;
  TcpStream stream_;
  Direction direction_;
  std::uint64_t total_;
  std::uint64_t at_ = 0;
  bool done_ = false;
};

}  // namespace strata::bench
