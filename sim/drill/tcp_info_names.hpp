// The members of Linux's struct tcp_info by name, as assertions use them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/bytes.hpp"

namespace strata::drill {

/// Bytes that hold every member known here.
std::size_t tcp_info_size();

/// The member `name` (`tcpi_snd_cwnd`) of what getsockopt(TCP_INFO) wrote; nothing when there is no such
/// member, or when `info` ends before it.
std::optional<std::int64_t> tcp_info_value(std::string_view name, Bytes info);

}  // namespace strata::drill
