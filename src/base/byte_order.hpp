// Big-endian loads and stores. memcpy plus a byte swap: g++ 12 turns the obvious shift loop into a byte loop.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace strata {

template <std::unsigned_integral T>
constexpr T swap_bytes(T value) {
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(value));
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

template <std::unsigned_integral T>
inline T load_be(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return std::endian::native == std::endian::little ? swap_bytes(value) : value;
}

template <std::unsigned_integral T>
inline void store_be(std::uint8_t* to, T value) {
  if constexpr (std::endian::native == std::endian::little) value = swap_bytes(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace strata
