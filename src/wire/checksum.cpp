// Two ways to sum 16-bit words quickly, equal in result. The portable one adds 32-bit halves into 64-bit
// sums, which cannot overflow below 2^35 bytes. The AVX2 one adds pairs of words with one multiply-add per 32
// bytes; it is chosen when the program starts, so that one binary runs on every x86.
#include "wire/checksum.hpp"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace strata {
namespace {

template <class Word>
std::uint64_t load_native(const std::uint8_t* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

constexpr std::uint64_t add_halves(std::uint64_t word) { return (word & 0xffff'ffffU) + (word >> 32); }

/// Up to 7 bytes; in steps, because a copy of unknown size costs a call.
std::uint64_t sum_rest(const std::uint8_t* from, std::size_t size) {
  std::uint64_t sum = 0;
  if ((size & 4) != 0) {
    sum += load_native<std::uint32_t>(from);
    from += 4;
  }
  if ((size & 2) != 0) {
    sum += load_native<std::uint16_t>(from);
    from += 2;
  }
  if ((size & 1) != 0) sum += wire_order(static_cast<std::uint16_t>(*from << 8));
  return sum;
}

#if defined(__x86_64__)

// Constant false until initialised: code that runs before main takes the portable way.
const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;

constexpr std::size_t kVectorSize = 32;
// A 32-bit lane takes two signed words of 2^15 at most from each vector: after more vectors it could
// overflow.
constexpr std::size_t kVectorsMax = 32 * 1024;
constexpr std::size_t kAvx2Threshold = 256;

/// Adds one vector of words. The multiply-add takes signed words, so each is lowered by 2^15 with one xor;
/// sum_vectors() puts the total right.
[[gnu::target("avx2")]] inline __m256i add_vector(__m256i lanes, const std::uint8_t* from) {
  const __m256i words = _mm256_loadu_si256(static_cast<const __m256i_u*>(static_cast<const void*>(from)));
  const __m256i lowered = _mm256_xor_si256(words, _mm256_set1_epi16(-0x8000));
  return _mm256_add_epi32(lanes, _mm256_madd_epi16(lowered, _mm256_set1_epi16(1)));
}

/// The sum of eight signed 32-bit lanes.
[[gnu::target("avx2")]] inline std::int64_t sum_lanes(__m256i lanes) {
  const __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(lanes));
  const __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(lanes, 1));
  const __m256i four = _mm256_add_epi64(low, high);
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
  return _mm_extract_epi64(two, 0) + _mm_extract_epi64(two, 1);
}

/// Precondition: count <= kVectorsMax.
[[gnu::target("avx2")]] std::uint64_t sum_vectors(const std::uint8_t* from, std::size_t count) {
  __m256i a = _mm256_setzero_si256();
  __m256i b = a;
  __m256i c = a;
  __m256i d = a;
  std::size_t left = count;
  for (; left >= 4; left -= 4, from += 4 * kVectorSize) {
    a = add_vector(a, from);
    b = add_vector(b, from + kVectorSize);
    c = add_vector(c, from + 2 * kVectorSize);
    d = add_vector(d, from + 3 * kVectorSize);
  }
  for (; left > 0; --left, from += kVectorSize) a = add_vector(a, from);
  const std::int64_t sum = sum_lanes(_mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d)));
  return static_cast<std::uint64_t>(sum) + count * (kVectorSize / 2) * 0x8000;
}

std::uint64_t sum_words_avx2(Bytes bytes) {
  std::uint64_t sum = 0;
  while (bytes.size() >= kVectorSize) {
    const std::size_t count = std::min(bytes.size() / kVectorSize, kVectorsMax);
    sum += sum_vectors(bytes.data(), count);
    bytes = bytes.subspan(count * kVectorSize);
  }
  return sum + sum_words_portable(bytes);
}

#endif

}  // namespace

std::uint64_t sum_words_portable(Bytes bytes) {
  std::uint64_t sums[4] = {};
  const std::uint8_t* from = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 32; left -= 32, from += 32) {
    for (std::size_t k = 0; k < 4; ++k) sums[k] += add_halves(load_native<std::uint64_t>(from + 8 * k));
  }
  for (; left >= 8; left -= 8, from += 8) sums[0] += add_halves(load_native<std::uint64_t>(from));
  return sums[0] + sums[1] + sums[2] + sums[3] + sum_rest(from, left);
}

std::uint64_t sum_words(Bytes bytes) {
#if defined(__x86_64__)
  if (bytes.size() >= kAvx2Threshold && has_avx2) return sum_words_avx2(bytes);
#endif
  return sum_words_portable(bytes);
}

InternetChecksum pseudo_header(const IpAddress& src, const IpAddress& dst, std::uint8_t protocol,
                               std::uint32_t length) {
  InternetChecksum sum;
  if (dst.is_v4()) {
    sum.add_u32(src.v4_value());
    sum.add_u32(dst.v4_value());
  } else {
    sum.add(src.octets());
    sum.add(dst.octets());
  }
  sum.add_u16(protocol);
  sum.add_u32(length);
  return sum;
}

}  // namespace strata
