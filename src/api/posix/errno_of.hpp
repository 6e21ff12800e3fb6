// The stack's errors in the numbers of <errno.h>.
#pragma once

#include "strata/error.hpp"

namespace strata::posix {

/// Positive, as in errno.
int errno_of(Errc error);

}  // namespace strata::posix
