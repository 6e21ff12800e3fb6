// Reading and writing TCP options. Data segments nearly always carry NOP NOP timestamps alone, which one
// compare recognises.
#include "wire/tcp_options.hpp"

#include <algorithm>

#include "base/byte_order.hpp"
#include "base/check.hpp"
#include "wire/tcp_option_kind.hpp"

namespace strata {
namespace {

constexpr std::size_t kTimestampsSize = 10;
/// NOP NOP kind 8 length 10.
constexpr std::uint32_t kAlignedTimestamps = 0x0101'080a;

TcpTimestamps load_timestamps(const std::uint8_t* from) {
  return {.value = load_be<std::uint32_t>(from), .echo = load_be<std::uint32_t>(from + 4)};
}

void read_sack(Bytes blocks, TcpOptions& into) {
  if (blocks.empty() || blocks.size() % 8 != 0 || blocks.size() / 8 > into.sack.size()) return;
  into.sack_count = static_cast<std::uint8_t>(blocks.size() / 8);
  for (std::size_t i = 0; i < into.sack_count; ++i) {
    into.sack[i] = {SeqNum(load_be<std::uint32_t>(blocks.data() + 8 * i)),
                    SeqNum(load_be<std::uint32_t>(blocks.data() + 8 * i + 4))};
  }
}

std::uint32_t load_24(const std::uint8_t* from) {
  return std::uint32_t{from[0]} << 16 | std::uint32_t{from[1]} << 8 | from[2];
}

/// RFC 9768 §3.2.3: as many whole fields as there are; what is behind them is padding.
void read_accecn(TcpAccEcnOrder order, Bytes data, TcpAccEcn& into) {
  into = {.order = order, .fields = static_cast<std::uint8_t>(std::min<std::size_t>(data.size() / 3, 3))};
  const bool zero_first = order == TcpAccEcnOrder::e0b_first;
  if (into.fields > 0) (zero_first ? into.bytes.e0b : into.bytes.e1b) = load_24(data.data());
  if (into.fields > 1) into.bytes.ceb = load_24(data.data() + 3);
  if (into.fields > 2) (zero_first ? into.bytes.e1b : into.bytes.e0b) = load_24(data.data() + 6);
}

/// RFC 7413 §4.1.1: a cookie of an odd or impossible size is as none; no cookie at all is the wish for one.
void read_fast_open(FastOpenOption::Form form, Bytes cookie, TcpOptions& into) {
  const bool fits =
      cookie.size() >= FastOpenOption::kCookieMin && cookie.size() <= FastOpenOption::kCookieMax;
  if (!cookie.empty() && (!fits || cookie.size() % 2 != 0)) return;
  into.fast_open.form = form;
  into.fast_open.size = static_cast<std::uint8_t>(cookie.size());
  std::copy(cookie.begin(), cookie.end(), into.fast_open.cookie.begin());
}

void read_option(std::uint8_t kind, Bytes data, TcpOptions& into) {
  if (kind == kMss && data.size() == 2) into.mss = load_be<std::uint16_t>(data.data());
  if (kind == kWindowScale && data.size() == 1) into.wscale = data[0];
  if (kind == kSackPermitted && data.empty()) into.sack_permitted = true;
  if (kind == kSack) read_sack(data, into);
  if (kind == kTimestamps && data.size() == kTimestampsSize - 2)
    into.timestamps = load_timestamps(data.data());
  if (kind == kAccEcn0) read_accecn(TcpAccEcnOrder::e0b_first, data, into.accecn);
  if (kind == kAccEcn1) read_accecn(TcpAccEcnOrder::e1b_first, data, into.accecn);
  if (kind == kFastOpen) read_fast_open(FastOpenOption::Form::standard, data, into);
  const bool is_ours = kind == kExperiment && data.size() >= 2 &&
                       load_be<std::uint16_t>(data.data()) == FastOpenOption::kMagic;
  if (is_ours) read_fast_open(FastOpenOption::Form::experimental, data.subspan(2), into);
}

/// Appends to a buffer that is known to be large enough; without one, counts.
class Writer {
 public:
  explicit Writer(std::uint8_t* to) : to_(to) {}
  void u8(std::uint8_t value) {
    if (to_ != nullptr) to_[size_] = value;
    ++size_;
  }
  void u16(std::uint16_t value) { put(value); }
  void u32(std::uint32_t value) { put(value); }
  void u24(std::uint32_t value) {
    u8(static_cast<std::uint8_t>(value >> 16));
    u16(static_cast<std::uint16_t>(value));
  }
  /// A word of two options bytes, `first` and `second` before them.
  void word(std::uint8_t first, std::uint8_t second, std::uint8_t kind, std::uint8_t length) {
    u8(first);
    u8(second);
    u8(kind);
    u8(length);
  }
  /// NOPs until the size is `rest` beyond a multiple of `modulus`.
  void align(std::size_t modulus, std::size_t rest) {
    while (size_ % modulus != rest) u8(kNoOperation);
  }
  std::size_t size() const { return size_; }

 private:
  template <class T>
  void put(T value) {
    if (to_ != nullptr) store_be(to_ + size_, value);
    size_ += sizeof value;
  }

  std::uint8_t* to_;
  std::size_t size_ = 0;
};

std::size_t fast_open_size(const FastOpenOption& option) {
  if (option.form == FastOpenOption::Form::none) return 0;
  const std::size_t head = option.form == FastOpenOption::Form::standard ? 2 : 4;
  return (head + option.size + 3) / 4 * 4;
}

std::size_t size_without_sack(const TcpOptions& options) {
  std::size_t size = options.mss ? 4 : 0;
  if (options.timestamps || options.sack_permitted) size += options.timestamps ? 12 : 4;
  return size + (options.wscale ? 4 : 0) + fast_open_size(options.fast_open);
}

std::size_t sack_blocks_that_fit(const TcpOptions& options) {
  const std::size_t taken = size_without_sack(options);
  if (taken + 4 > kTcpOptionsSizeMax) return 0;
  const std::size_t room = kTcpOptionsSizeMax - taken;
  return std::min<std::size_t>(options.sack_count, (room - 4) / 8);
}

void write_mss(const TcpOptions& options, Writer& out) {
  if (!options.mss) return;
  out.u8(kMss);
  out.u8(4);
  out.u16(*options.mss);
}

void write_timestamps(const TcpTimestamps& timestamps, Writer& out) {
  out.u32(timestamps.value);
  out.u32(timestamps.echo);
}

void write_blocks(const TcpOptions& options, std::size_t count, Writer& out) {
  for (std::size_t i = 0; i < count; ++i) {
    out.u32(options.sack[i].begin.raw());
    out.u32(options.sack[i].end.raw());
  }
}

void write_accecn(const TcpAccEcn& option, Writer& out) {
  if (!option.is_there()) return;
  const bool zero_first = option.order == TcpAccEcnOrder::e0b_first;
  out.u8(zero_first ? kAccEcn0 : kAccEcn1);
  out.u8(static_cast<std::uint8_t>(option.size()));
  if (option.fields > 0) out.u24(zero_first ? option.bytes.e0b : option.bytes.e1b);
  if (option.fields > 1) out.u24(option.bytes.ceb);
  if (option.fields > 2) out.u24(zero_first ? option.bytes.e1b : option.bytes.e0b);
}

/// Behind AccECN, which has no multiple of four bytes, the NOPs of the others fill up.
void write_behind_accecn(const TcpOptions& options, Writer& out) {
  if (options.sack_permitted && !options.timestamps) {
    out.align(4, 2);
    out.u8(kSackPermitted);
    out.u8(2);
  }
  if (options.wscale) {
    out.align(4, 1);
    out.u8(kWindowScale);
    out.u8(3);
    out.u8(*options.wscale);
  }
  if (options.sack_count > 0 && out.size() + 12 <= kTcpOptionsSizeMax) {
    out.align(4, 2);
    const std::size_t blocks =
        std::min<std::size_t>(options.sack_count, (kTcpOptionsSizeMax - out.size() - 2) / 8);
    out.u8(kSack);
    out.u8(static_cast<std::uint8_t>(2 + 8 * blocks));
    write_blocks(options, blocks, out);
  }
  out.align(4, 0);
}

/// The NOPs that align timestamps make room for SACK-permitted.
void write_timestamps_and_sack_permitted(const TcpOptions& options, Writer& out) {
  const std::uint8_t first = options.sack_permitted ? kSackPermitted : kNoOperation;
  const std::uint8_t second = options.sack_permitted ? 2 : kNoOperation;
  if (options.timestamps) {
    out.word(first, second, kTimestamps, kTimestampsSize);
    write_timestamps(*options.timestamps, out);
  } else if (options.sack_permitted) {
    out.word(kNoOperation, kNoOperation, first, second);
  }
}

/// Padded behind, as Linux does.
void write_fast_open(const FastOpenOption& option, Writer& out) {
  if (option.form == FastOpenOption::Form::none) return;
  const bool standard = option.form == FastOpenOption::Form::standard;
  out.u8(standard ? kFastOpen : kExperiment);
  out.u8(static_cast<std::uint8_t>((standard ? 2 : 4) + option.size));
  if (!standard) out.u16(FastOpenOption::kMagic);
  for (std::size_t i = 0; i < option.size; ++i) out.u8(option.cookie[i]);
  out.align(4, 0);
}

void write_in_linux_order(const TcpOptions& options, Writer& out) {
  write_mss(options, out);
  if (options.accecn.is_there()) {
    if (options.timestamps) write_timestamps_and_sack_permitted(options, out);
    write_accecn(options.accecn, out);
    return write_behind_accecn(options, out);
  }
  write_timestamps_and_sack_permitted(options, out);
  if (options.wscale) out.word(kNoOperation, kWindowScale, 3, *options.wscale);
  write_fast_open(options.fast_open, out);
  if (const std::size_t blocks = sack_blocks_that_fit(options); blocks > 0) {
    out.word(kNoOperation, kNoOperation, kSack, static_cast<std::uint8_t>(2 + 8 * blocks));
    write_blocks(options, blocks, out);
  }
}

/// Every option where its longest field is aligned; the window scale lies at an odd place.
void write_in_freebsd_order(const TcpOptions& options, Writer& out) {
  write_mss(options, out);
  if (options.wscale) out.word(kNoOperation, kWindowScale, 3, *options.wscale);
  if (options.sack_permitted) {
    out.u8(kSackPermitted);
    out.u8(2);
  }
  if (options.timestamps) {
    out.align(4, 2);
    out.u8(kTimestamps);
    out.u8(kTimestampsSize);
    write_timestamps(*options.timestamps, out);
  }
  write_accecn(options.accecn, out);
  if (options.fast_open.form != FastOpenOption::Form::none) {
    out.align(4, 0);
    write_fast_open(options.fast_open, out);
  }
  constexpr std::size_t kRoom = kTcpOptionsSizeMax - 4;
  const std::size_t blocks =
      out.size() > kRoom ? 0 : std::min<std::size_t>(options.sack_count, (kRoom - out.size()) / 8);
  if (blocks > 0) {
    out.align(4, 2);
    out.u8(kSack);
    out.u8(static_cast<std::uint8_t>(2 + 8 * blocks));
    write_blocks(options, blocks, out);
  }
  while (out.size() % 4 != 0) out.u8(kEndOfList);
}

}  // namespace

Result<void, ParseError> read_tcp_options(Bytes options, TcpOptions& found) {
  if (options.size() == 12 && load_be<std::uint32_t>(options.data()) == kAlignedTimestamps) {
    found.timestamps = load_timestamps(options.data() + 4);
    return {};
  }
  while (!options.empty() && options[0] != kEndOfList) {
    if (options[0] == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size())
      return Err{ParseError::tcp_bad_option};
    read_option(options[0], options.subspan(2, options[1] - 2U), found);
    options = options.subspan(options[1]);
  }
  return {};
}

Result<TcpOptions, ParseError> parse_tcp_options(Bytes options) {
  TcpOptions found;
  if (const auto read = read_tcp_options(options, found); !read) return Err{read.error()};
  return found;
}

std::size_t tcp_options_size(const TcpOptions& options) {
  if (options.order == TcpOptionOrder::freebsd_like) {
    Writer counter(nullptr);
    write_in_freebsd_order(options, counter);
    return counter.size();
  }
  if (options.accecn.is_there()) {
    Writer counter(nullptr);
    write_in_linux_order(options, counter);
    return counter.size();
  }
  const std::size_t blocks = sack_blocks_that_fit(options);
  return size_without_sack(options) + (blocks > 0 ? 4 + 8 * blocks : 0);
}

std::size_t write_tcp_options(const TcpOptions& options, MutableBytes to) {
  STRATA_CHECK(to.size() >= tcp_options_size(options));
  Writer out(to.data());
  if (options.order == TcpOptionOrder::freebsd_like) {
    write_in_freebsd_order(options, out);
  } else {
    write_in_linux_order(options, out);
  }
  return out.size();
}

}  // namespace strata
