// What few connections need, and most of these not for long, behind one pointer of the Tcb.
#pragma once

#include "transport/tcp/fast_open.hpp"
#include "transport/tcp/urgent.hpp"

namespace strata::tcp {

struct Rare {
  Urgent urgent;
  FastOpen fast_open;
  bool is_over() const { return urgent.is_over() && !fast_open.is_on; }
};

}  // namespace strata::tcp
