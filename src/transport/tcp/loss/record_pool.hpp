// Memory for the records of what is in flight: arrays of 8, 16, 32 ... records that go from connection to
// connection of one stack. A connection with nothing in flight holds none.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/seq_num.hpp"
#include "strata/time.hpp"
#include "transport/tcp/loss/bit_ring.hpp"
#include "transport/tcp/loss/send_stamp.hpp"

namespace strata::tcp {

/// One segment that was sent and is not acknowledged (RFC 8985 §5.2). It begins where the one before it ends.
struct TransmitRecord {
  Instant sent;             ///< the last time
  SeqNum end;               ///< payload and FIN
  std::uint32_t older = 0;  ///< neighbours by the time of sending, while it counts as in flight
  std::uint32_t newer = 0;
  bool sacked = false;  ///< the peer has it, as far as it says
  bool lost = false;    ///< we hold it for lost, or did so when it was sent again
  bool resent = false;  ///< and its latest transmission is under way
  bool ever_resent = false;

  bool is_waiting() const { return lost && !resent; }
};

/// What is in flight of one connection: a ring of records, and sums over them. scoreboard.hpp gives it
/// meaning.
struct FlightBook {
  std::unique_ptr<TransmitRecord[]> records;
  BitRing waiting;                      ///< lost, and not sent again since
  std::unique_ptr<SendStamp[]> stamps;  ///< one beside each record, once somebody measured rates here
  std::uint32_t mask = 0;               ///< size of the ring less one
  std::uint32_t head = 0;
  std::uint32_t tail = 0;
  std::uint32_t oldest = 0;
  std::uint32_t newest = 0;
  std::uint32_t listed = 0;
  std::uint32_t sacked = 0;  ///< bytes
  std::uint32_t lost = 0;
  std::uint32_t resent = 0;
  std::uint32_t sacked_count = 0;
  SeqNum highest_sacked;
  std::uint32_t newly_lost = 0;  ///< so many, not told yet: from `first` on by `newer`
  std::uint32_t newly_lost_first = 0;
  std::uint32_t newly_lost_last = 0;
  bool stamped = false;  ///< the stamps are of this flight
};

class RecordPool {
 public:
  static constexpr std::size_t kSmallest = 8;
  static constexpr std::size_t kLargest = std::size_t{1} << 16;

  /// `max`: records that may exist at a time, used and spare.
  explicit RecordPool(std::size_t max) : max_(max) {}
  RecordPool(const RecordPool&) = delete;
  RecordPool& operator=(const RecordPool&) = delete;
  ~RecordPool() { STRATA_CHECK(used_ == 0); }

  /// An empty book for `count` records; nullptr when there is no memory for it. Precondition: a power of two
  /// from kSmallest to kLargest.
  FlightBook* take(std::size_t count) {
    Shelf& shelf = shelf_for(count);
    if (shelf.empty() && !make(shelf, count)) return nullptr;
    FlightBook* const book = shelf.back().release();
    shelf.pop_back();
    used_ += count;
    return book;
  }
  void give_back(FlightBook* book) {
    const std::size_t count = book->mask + std::size_t{1};
    *book = {.records = std::move(book->records),
             .waiting = std::move(book->waiting),
             .stamps = std::move(book->stamps),
             .mask = book->mask};
    book->waiting.clear();
    shelf_for(count).emplace_back(book);
    used_ -= count;
  }
  std::size_t used() const { return used_; }

 private:
  using Shelf = std::vector<std::unique_ptr<FlightBook>>;
  static constexpr std::size_t kClasses = std::countr_zero(kLargest) - std::countr_zero(kSmallest) + 1;

  static std::size_t index_of(std::size_t count) {
    STRATA_CHECK(std::has_single_bit(count) && count >= kSmallest && count <= kLargest);
    return static_cast<std::size_t>(std::countr_zero(count) - std::countr_zero(kSmallest));
  }
  Shelf& shelf_for(std::size_t count) { return shelves_[index_of(count)]; }
  bool make(Shelf& shelf, std::size_t count) {
    if (made_ + count > max_) return false;
    shelf.reserve(++books_[index_of(count)]);  // so that giving back never needs memory
    auto book = std::make_unique<FlightBook>();
    book->records.reset(new TransmitRecord[count]);
    book->waiting = BitRing(count);
    book->mask = static_cast<std::uint32_t>(count - 1);
    shelf.push_back(std::move(book));
    made_ += count;
    return true;
  }

  std::array<Shelf, kClasses> shelves_;
  std::array<std::size_t, kClasses> books_{};
  std::size_t max_;
  std::size_t made_ = 0;
  std::size_t used_ = 0;
};

}  // namespace strata::tcp
