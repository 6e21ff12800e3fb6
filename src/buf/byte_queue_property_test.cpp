// Any sequence of operations on a byte queue behaves like the same operations on a string.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "buf/byte_queue.hpp"

namespace strata::buf {
namespace {

constexpr BufferLimits kLimits{
    .block_size = 32, .blocks_max = 4096, .packets_max = 2, .queue_nodes_max = 512};

class Model {
 public:
  ~Model() {
    queue_.clear(pools_);
    other_.clear(pools_);
  }

  /// One operation, chosen by `kind`, with sizes and offsets taken from `a` and `b`.
  void apply(std::uint8_t kind, std::uint16_t a, std::uint16_t b) {
    switch (kind % 8) {
      case 0: return append_copy(a % 100U);
      case 1: return append_slice(1 + a % 32U);
      case 2: return drop_front(a);
      case 3: return drop_back(a);
      case 4: return read(a % 100U);
      case 5: return append_all(a % 80U);
      default: return share(a, b);
    }
  }

  void check_all() const {
    RC_ASSERT(queue_.size() == text_.size());
    std::string found(text_.size(), '\0');
    queue_.copy_out(0, bytes(found));
    RC_ASSERT(found == text_);
    RC_ASSERT(queue_.empty() == queue_.front().empty());
  }

 private:
  static MutableBytes bytes(std::string& text) {
    return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
  }
  std::string fresh(std::size_t n) {
    std::string text(n, '\0');
    for (char& c : text) c = static_cast<char>(++counter_);
    return text;
  }

  void append_copy(std::size_t n) {
    const std::string data = fresh(n);
    RC_ASSERT(queue_.append_copy(pools_, as_bytes(data)) == n);
    text_ += data;
  }
  void append_slice(std::size_t n) {
    const std::string data = fresh(n);
    Slice slice = Slice::adopt(pools_.blocks.allocate(), 0, 0);
    slice.grow(as_bytes(data));
    RC_ASSERT(queue_.append(pools_, std::move(slice)));
    text_ += data;
  }
  void append_all(std::size_t n) {
    const std::string data = fresh(n);
    RC_ASSERT(other_.append_copy(pools_, as_bytes(data)) == n);
    queue_.append_all(other_);
    text_ += data;
  }
  void drop_front(std::size_t a) {
    const std::size_t n = a % (text_.size() + 1);
    queue_.drop_front(pools_, n);
    text_.erase(0, n);
  }
  void drop_back(std::size_t a) {
    const std::size_t n = a % (text_.size() + 1);
    queue_.drop_back(pools_, n);
    text_.resize(text_.size() - n);
  }
  void read(std::size_t n) {
    std::string into(n, '\0');
    const std::size_t got = queue_.read(pools_, bytes(into));
    RC_ASSERT(got == std::min(n, text_.size()));
    RC_ASSERT(into.substr(0, got) == text_.substr(0, got));
    text_.erase(0, got);
  }
  void share(std::size_t a, std::size_t b) {
    const std::size_t offset = a % (text_.size() + 1);
    const std::size_t size = b % (text_.size() - offset + 1);
    Packet packet = pools_.packets.allocate();
    const std::size_t shared = queue_.share_into(*packet.raw(), offset, size);
    RC_ASSERT(shared == size || packet.raw()->full());
    std::string found(packet.size(), '\0');
    RC_ASSERT(packet.copy_to(bytes(found)) == shared);
    RC_ASSERT(found == text_.substr(offset, shared));
  }

  Pools pools_{kLimits};
  ByteQueue queue_;
  ByteQueue other_;
  std::string text_;
  unsigned counter_ = 0;
};

TEST(ByteQueueProperty, BehavesLikeAString) {
  EXPECT_TRUE(
      rc::check([](const std::vector<std::tuple<std::uint8_t, std::uint16_t, std::uint16_t>>& operations) {
        Model model;
        for (const auto& [kind, a, b] : operations) {
          model.apply(kind, a, b);
          model.check_all();
        }
      }));
}

}  // namespace
}  // namespace strata::buf
