#include "transport/tcp/accecn.hpp"

#include <algorithm>

namespace strata::tcp {
namespace {

constexpr std::uint32_t kFieldMask = 0xff'ffff;  // fields of the option have 24 bits

/// How many fields of `order` hold all of `needed` (bits of e0b, ceb, e1b in this order).
std::uint8_t fields_for(TcpAccEcnOrder order, std::uint8_t needed) {
  const std::uint8_t first = order == TcpAccEcnOrder::e0b_first ? 1 : 4;
  const std::uint8_t last = order == TcpAccEcnOrder::e0b_first ? 4 : 1;
  if ((needed & last) != 0) return 3;
  if ((needed & 2) != 0) return 2;
  return (needed & first) != 0 ? 1 : 0;
}

std::uint32_t divided_up(std::uint32_t bytes, std::uint32_t by) {
  return by == 0 ? 0 : (bytes + by - 1) / by;
}

}  // namespace

bool MarkReceiver::on_packets(std::uint8_t mark, std::uint32_t segments, std::uint32_t bytes,
                              bool unacknowledged) {
  const bool marked = mark == ip_ecn::kCe;
  if (mark != ip_ecn::kNotEct && bytes > 0) {
    const std::uint8_t counter = marked ? +kCeb : (mark == ip_ecn::kEct0 ? +kE0b : +kE1b);
    (marked ? bytes_.ceb : (mark == ip_ecn::kEct0 ? bytes_.e0b : bytes_.e1b)) += bytes;
    // RFC 9768 §3.2.3.3: another counter than before, and the one of marks always.
    if (counter != latest_ || marked) urgent_ = kRepeat;
    latest_ = counter;
    fresh_ |= counter;
    since_told_ += bytes;
  }
  const bool changed = marked && !after_mark_ && bytes > 0;
  after_mark_ = marked;
  if (!marked) return false;
  cep_ += segments;
  marked_since_ack_ = static_cast<std::uint8_t>(std::min(marked_since_ack_ + segments, 255U));
  // RFC 9768 §3.2.2.5.1: n is 2 with data to acknowledge, else 3, so that ACKs of ACKs die out.
  return changed || marked_since_ack_ >= (unacknowledged || bytes > 0 ? 2U : 3U);
}

// Wholly, where there is room, with ECT(1) first as Linux has it. Else the order that says in the fewest
// fields what has changed.
std::optional<TcpAccEcn> MarkReceiver::option(std::size_t room) const {
  TcpAccEcn option{.bytes = {.e0b = bytes_.e0b & kFieldMask,
                             .ceb = bytes_.ceb & kFieldMask,
                             .e1b = bytes_.e1b & kFieldMask},
                   .order = TcpAccEcnOrder::e1b_first,
                   .fields = 3};
  if (option.size() <= room) return option;
  const std::uint8_t zero_first = fields_for(TcpAccEcnOrder::e0b_first, fresh_);
  const std::uint8_t one_first = fields_for(TcpAccEcnOrder::e1b_first, fresh_);
  option.order = zero_first <= one_first ? TcpAccEcnOrder::e0b_first : TcpAccEcnOrder::e1b_first;
  option.fields = std::min(zero_first, one_first);
  if (option.size() > room) return std::nullopt;
  return option;
}

void MarkReceiver::on_ack_sent(bool with_option) {
  marked_since_ack_ = 0;
  if (!with_option) return;
  fresh_ = 0;
  since_told_ = 0;
  if (urgent_ > 0) --urgent_;
}

void MarkSender::check_first_option(const TcpAccEcn& option) {
  has_option_ = true;
  ignores_options_ =
      (option.has_e0b() && option.bytes.e0b == 0) || (option.has_e1b() && option.bytes.e1b == 0);
}

/// RFC 9768 §3.2.3.1. A field that seems to have gone back is of an older ACK, and the option with it.
bool MarkSender::read_option(const TcpAccEcn& option, TcpMarkedBytes& grown) {
  const auto difference = [](std::uint32_t field, std::uint32_t counter) {
    return (field - counter) & kFieldMask;
  };
  if (option.has_ceb()) grown.ceb = difference(option.bytes.ceb, bytes_.ceb);
  if (option.has_e0b()) grown.e0b = difference(option.bytes.e0b, bytes_.e0b);
  if (option.has_e1b()) grown.e1b = difference(option.bytes.e1b, bytes_.e1b);
  if (std::max({grown.ceb, grown.e0b, grown.e1b}) > kFieldMask / 2) {
    grown = {};
    return false;
  }
  bytes_.ceb += grown.ceb;
  bytes_.e0b += grown.e0b;
  bytes_.e1b += grown.e1b;
  return true;
}

/// RFC 9768 §3.2.2.5.2 and appendix A.2: has the counter gone around unseen? The safest likely answer; where
/// bytes are told as well, they decide; and where ACKs always cover many packets, a round of marks is
/// unlikely.
std::uint32_t MarkSender::safe_packets(std::uint32_t packets, std::uint32_t least, std::uint32_t mss,
                                       const TcpMarkedBytes* grown) const {
  if (packets <= 7 || packets < least) return least;
  const std::uint32_t safest = packets - ((packets - least) & 7);
  if (safest == least) return least;
  if (grown != nullptr) {
    const bool plausible = grown->ceb <= std::uint64_t{mss} * least;
    const bool unlikely = grown->ceb < std::uint64_t{safest} * mss / 2;
    return plausible && unlikely ? least : safest;
  }
  constexpr std::uint32_t kManyPackets = 6;
  return usual_packets_8_ >= 8 * kManyPackets ? least : safest;
}

MarkSender::News MarkSender::on_ack(const Ack& ack) {
  TcpMarkedBytes grown;
  bool told = false;
  if (ack.option != nullptr && !ignores_options_) {
    told = read_option(*ack.option, grown) && has_option_;
    has_option_ = true;
  }
  const std::uint32_t packets = divided_up(ack.delivered, ack.mss);
  const std::uint32_t least = (ack.ace - cep_) & 7;
  News news;
  news.packets = safe_packets(packets, least, ack.mss, told ? &grown : nullptr);
  cep_ += news.packets;
  news.bytes = told ? grown.ceb : std::min(news.packets * ack.mss, ack.delivered);
  news.contradicts = told && ack.option->has_ceb() && grown.ceb > 0 && news.packets == 0 && packets <= 7;
  if (packets > 0) usual_packets_8_ += std::min(packets, 64U) - usual_packets_8_ / 8;
  return news;
}

PathCheck::Verdict PathCheck::on_ack(const Ack& ack) {
  if (rounds_ == kRounds) return Verdict::fine;
  if (!began_) round_end_ = ack.snd_nxt;
  began_ = true;
  packets_ += ack.packets;
  marked_ += ack.marked;
  capable_ += ack.capable;
  all_tell_ = all_tell_ && (ack.tells_bytes || ack.delivered == 0);
  if (!ack.snd_una.after(round_end_)) return Verdict::open;
  if (packets_ > 0 && marked_ >= packets_) ++marked_rounds_;
  if (packets_ >= kPacketsMin && all_tell_ && capable_ == 0) ++bleached_rounds_;
  ++rounds_;
  round_end_ = ack.snd_nxt;
  packets_ = marked_ = capable_ = 0;
  all_tell_ = true;
  if (bleached_rounds_ > 1) {
    rounds_ = kRounds;
    return Verdict::bleached;
  }
  if (rounds_ < kRounds) return Verdict::open;
  return marked_rounds_ == kRounds ? Verdict::always_marked : Verdict::fine;
}

}  // namespace strata::tcp
