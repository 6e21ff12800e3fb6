#include "link/queue/red.hpp"

#include <algorithm>

namespace strata {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;
/// After so many frames of idleness the average is as good as nothing.
constexpr std::uint64_t kIdleFramesMax = 4096;

}  // namespace

Red::Verdict Red::on_arrival(std::size_t bytes, std::uint64_t idle_frames, Xoshiro& rng) {
  for (std::uint64_t i = 0; i < std::min(idle_frames, kIdleFramesMax); ++i)
    average_ -= average_ >> config_.weight_shift;
  average_ += bytes;
  average_ -= average_ >> config_.weight_shift;
  if (average() < config_.bytes_min) {
    since_chosen_ = 0;
    return Verdict::pass;
  }
  if (average() >= config_.bytes_max) return Verdict::full;
  ++since_chosen_;
  const std::uint64_t share =
      config_.most_ppm * (average() - config_.bytes_min) / (config_.bytes_max - config_.bytes_min);
  // The gaps between chosen frames shall be even, not geometric.
  const std::uint64_t spent = since_chosen_ * share;
  const std::uint64_t now =
      spent >= kMillion ? kMillion : std::min(kMillion, share * kMillion / (kMillion - spent));
  if (!chance(rng, static_cast<std::uint32_t>(now))) return Verdict::pass;
  since_chosen_ = 0;
  return Verdict::chosen;
}

}  // namespace strata
