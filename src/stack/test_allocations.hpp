// For tests: how often this program called operator new.
#pragma once

#include <cstddef>

namespace strata {

std::size_t allocation_count();

}  // namespace strata
