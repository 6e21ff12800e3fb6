// What receiving a datagram tells beside its bytes.
#pragma once

#include <cstddef>

#include "strata/address.hpp"

namespace strata {

struct Datagram {
  std::size_t size = 0;       ///< bytes copied
  std::size_t full_size = 0;  ///< bytes the datagram had; more than `size` when the buffer was too small
  Endpoint from;
  Endpoint to;
};

}  // namespace strata
