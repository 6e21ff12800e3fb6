// TCP in describe: flags, relative sequence numbers, options. Numbers are relative to the first segment with
// ACK of a conversation, or to its latest SYN-ACK; that one itself is printed with absolute numbers.
#include <optional>

#include "wire/describe_line.hpp"
#include "wire/tcp.hpp"

namespace strata::describing {
namespace {

constexpr std::uint16_t kPortHttp = 80;
constexpr std::uint16_t kPortHttpAlternative = 8080;

/// One segment's numbers as they are printed, and what SACK edges are counted from.
struct Numbers {
  std::uint32_t seq;
  std::uint32_t ack;
  std::uint32_t sack_base = 0;
};

struct Ports {
  std::uint16_t src;
  std::uint16_t dst;
};

Numbers relative_numbers(const Message& message, Ports ports, std::uint16_t flags, Numbers numbers,
                         FlowBases& flows) {
  if ((flags & tcp_flag::kAck) == 0) return numbers;
  const Endpoint src{.address = message.src, .zone = 0, .port = ports.src};
  const Endpoint dst{.address = message.dst, .zone = 0, .port = ports.dst};
  const bool reversed = ports.src != ports.dst ? ports.src > ports.dst : message.src > message.dst;
  const FlowBases::Key key = reversed ? FlowBases::Key{dst, src} : FlowBases::Key{src, dst};
  const SeqNum seq(numbers.seq);
  const SeqNum ack(numbers.ack);
  const FlowBases::Base* known = flows.find(key);
  if (known == nullptr || (flags & tcp_flag::kSyn) != 0) {
    flows.set(key, reversed ? FlowBases::Base{.seq = ack - 1, .ack = seq}
                            : FlowBases::Base{.seq = seq, .ack = ack - 1});
    numbers.sack_base = (ack - 1).raw();
    return numbers;
  }
  const SeqNum own = reversed ? known->ack : known->seq;
  const SeqNum peer = reversed ? known->seq : known->ack;
  return {.seq = seq.raw() - own.raw(), .ack = ack.raw() - peer.raw(), .sack_base = peer.raw()};
}

void put_flags(std::uint16_t flags, Line& line) {
  constexpr std::string_view kLetters = "FSRP.UEW";  // AE has no letter there yet
  line.put("Flags [");
  if (flags == 0) line.put("none");
  for (std::size_t bit = 0; bit < kLetters.size(); ++bit) {
    if ((flags >> bit & 1) != 0) line.put(kLetters[bit]);
  }
  line.put("]");
}

std::string_view option_name(std::uint8_t kind) {
  switch (kind) {
    case 0: return "eol";
    case 1: return "nop";
    case 2: return "mss";
    case 3: return "wscale";
    case 4: return "sackOK";
    case 5: return "sack";
    case 6: return "echo";
    case 7: return "echoreply";
    case 8: return "TS";
    case 11: return "cc";
    case 12: return "ccnew";
    case 19: return "md5";
    case 20: return "scps";
    case 34: return "tfo";
    case 172: return "accecn0";
    case 174: return "accecn1";
    default: return {};
  }
}

/// Prints what is between the brackets of `options [...]`.
class OptionPrinter {
 public:
  OptionPrinter(Bytes options, std::size_t size, std::uint32_t sack_base, Line& line)
      : left_(options), size_(size), sack_base_(sack_base), line_(line) {}

  /// False when an option was malformed; the line says so then.
  bool print() {
    while (size_ > 0 && !line_.ended()) {
      if (!first_) line_.put(',');
      const std::uint8_t kind = line_.u8(left_, 0);
      if (!print_option(kind)) {
        line_.put("[bad opt]");
        return false;
      }
      first_ = false;
      if (kind == 0) break;
    }
    return true;
  }
  bool printed_one() const { return !first_; }

 private:
  bool print_option(std::uint8_t kind) {
    const bool single = kind <= 1;
    const std::size_t length = single ? 1 : line_.u8(left_, 1);
    if (line_.ended()) return true;
    if (!single && (length < 2 || length > size_)) return false;
    advance(single ? 1 : 2);
    if (const std::string_view name = option_name(kind); !name.empty()) {
      line_.put(name);
    } else if (kind != 13) {
      line_.put("unknown-", kind);
    }
    const std::size_t header = single ? 1 : 2;
    const std::optional<std::size_t> used = print_data(kind, length - header);
    if (!used || line_.ended()) return used.has_value();
    advance(*used);
    if (header + *used != length) line_.put("[len ", length, "]");
    return true;
  }

  /// The data of one option; returns how many bytes that kind has, nothing when it does not fit.
  std::optional<std::size_t> print_data(std::uint8_t kind, std::size_t size) {
    switch (kind) {
      case 0:
      case 1:
      case 4: return 0;
      case 2: return fits(2) ? put(2, " ", line_.u16(left_, 0)) : std::nullopt;
      case 3: return fits(1) ? put(1, " ", line_.u8(left_, 0)) : std::nullopt;
      case 5: return print_sack(size);
      case 6:
      case 7:
      case 11:
      case 12:
      case 13: return fits(4) ? put(4, " ", line_.u32(left_, 0)) : std::nullopt;
      case 8:
        return fits(8) ? put(8, " val ", line_.u32(left_, 0), " ecr ", line_.u32(left_, 4)) : std::nullopt;
      case 19:
        return fits(16) ? print_hex(16, " shared secret not supplied with -M, can't check - ") : std::nullopt;
      case 20: return print_scps();
      case 34: return print_fast_open(size);
      case 172:
      case 174: return print_accurate_ecn(kind == 172, size);
      default: return print_hex(size, size > 0 ? " 0x" : "");
    }
  }

  std::optional<std::size_t> print_scps() {
    if (!fits(2)) return std::nullopt;
    line_.put(" cap ");
    line_.put_hex(line_.u8(left_, 0));
    return put(2, " id ", line_.u8(left_, 1));
  }

  std::optional<std::size_t> print_fast_open(std::size_t size) {
    if (!fits(size)) return std::nullopt;
    line_.put(' ');
    if (size == 0) return put(0, " cookiereq");
    if (size % 2 == 0 && size >= 4 && size <= 16) return print_hex(size, " cookie ");
    line_.put_invalid();
    return size;
  }

  /// RFC 9768 §3.2.3: up to three fields of three bytes, in either order.
  std::optional<std::size_t> print_accurate_ecn(bool zero_first, std::size_t size) {
    const std::string_view names[] = {zero_first ? " e0b " : " e1b ", " ceb ",
                                      zero_first ? " e1b " : " e0b "};
    std::size_t used = 0;
    for (const std::string_view name : names) {
      if (used + 3 > size) break;
      if (!fits(used + 3)) return std::nullopt;
      line_.put(name, std::uint32_t{line_.u16(left_, used)} << 8 | line_.u8(left_, used + 2));
      used += 3;
    }
    return used;
  }

  std::optional<std::size_t> print_sack(std::size_t size) {
    if (size % 8 != 0) {
      line_.put(" invalid sack");
      return size;
    }
    line_.put(" ", size / 8, " ");
    for (std::size_t i = 0; i < size; i += 8) {
      if (!fits(i + 8)) return std::nullopt;
      line_.put("{", line_.u32(left_, i) - sack_base_, ":", line_.u32(left_, i + 4) - sack_base_, "}");
    }
    return size;
  }

  std::optional<std::size_t> print_hex(std::size_t size, std::string_view before) {
    line_.put(before);
    for (std::size_t i = 0; i < size; ++i) {
      if (!fits(i + 1)) return std::nullopt;
      line_.put_hex(line_.u8(left_, i));
    }
    return size;
  }

  template <class... Parts>
  std::optional<std::size_t> put(std::size_t size, const Parts&... parts) {
    line_.put(parts...);
    return size;
  }
  /// Whether the header has room for so many bytes; the line ends when they were not captured.
  bool fits(std::size_t size) {
    if (size > size_) return false;
    if (size > left_.size() && !line_.ended()) end_cut();
    return true;
  }
  void end_cut() {
    line_.put_truncated();
    if (!first_) line_.put('>');
    line_.end();
  }
  void advance(std::size_t size) {
    left_ = rest(left_, size);
    size_ -= size;
  }

  Bytes left_;
  std::size_t size_;
  std::uint32_t sack_base_;
  Line& line_;
  bool first_ = true;
};

bool put_options(Bytes bytes, std::size_t header, std::uint32_t sack_base, Line& line) {
  if (header == TcpView::kMinSize) return true;
  line.put(", options [");
  OptionPrinter options(rest(bytes, TcpView::kMinSize), header - TcpView::kMinSize, sack_base, line);
  const bool well_formed = options.print();
  if (well_formed || options.printed_one()) line.put("]");
  return well_formed;
}

void put_payload(Bytes bytes, std::size_t header, std::uint32_t payload, Ports ports, Line& line) {
  if (bytes.size() < header) {
    line.put(" [remaining caplen(", bytes.size(), ") < header length(", header, ")]");
    return line.end_truncated();
  }
  const auto is_port = [&](std::uint16_t port) { return ports.src == port || ports.dst == port; };
  if (is_port(kPortHttp) || is_port(kPortHttpAlternative)) {
    line.put(": ");
    describe_http(bytes.subspan(header), payload, line);
  }
}

void describe_segment(const Message& message, Ports ports, FlowBases& flows, Line& line) {
  const Bytes bytes = message.bytes;
  const std::size_t header = std::size_t{bytes[12]} >> 4 << 2;
  if (header < TcpView::kMinSize) {
    return line.put(" tcp ", message.length - static_cast<std::uint32_t>(header), " [bad hdr length ", header,
                    " - too short, < 20]");
  }
  const std::uint16_t flags = line.u16(bytes, 12) & 0x1ff;
  put_flags(flags, line);
  const Numbers numbers =
      relative_numbers(message, ports, flags, {.seq = line.u32(bytes, 4), .ack = line.u32(bytes, 8)}, flows);
  if (header > message.length) {
    return line.put(" [bad hdr length ", header, " - too long, > ", message.length, "]");
  }
  const std::uint32_t payload = message.length - static_cast<std::uint32_t>(header);
  if (payload > 0 || (flags & (tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst)) != 0)
    line.put(", seq ", numbers.seq);
  if (payload > 0) line.put(":", numbers.seq + payload);
  if ((flags & tcp_flag::kAck) != 0) line.put(", ack ", numbers.ack);
  line.put(", win ", line.u16(bytes, 14));
  if ((flags & tcp_flag::kUrg) != 0) line.put(", urg ", line.u16(bytes, 18));
  if (!put_options(bytes, header, numbers.sack_base, line)) return;
  line.put(", length ", payload);
  if (payload > 0) put_payload(bytes, header, payload, ports, line);
}

}  // namespace

void describe_tcp(const Message& message, FlowBases& flows, Line& line) {
  line.enter("tcp");
  if (message.bytes.size() < 4) {
    if (!message.after_extension) put_addresses(message.src, message.dst, line);
    return line.put_truncated();
  }
  const Ports ports{.src = line.u16(message.bytes, 0), .dst = line.u16(message.bytes, 2)};
  put_ports(message, ports.src, ports.dst, line);
  if (message.bytes.size() < TcpView::kMinSize) return line.put_truncated();
  describe_segment(message, ports, flows, line);
}

}  // namespace strata::describing
