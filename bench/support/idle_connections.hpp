// Many established connections between the two stacks of a MemoryPair, on which nothing happens.
#pragma once

#include <vector>

#include "bench/support/memory_pair.hpp"

namespace strata::bench {

class IdleConnections {
 public:
  explicit IdleConnections(std::size_t count);

  MemoryPair& pair() { return pair_; }
  Streams& any() { return streams_.front(); }

 private:
  MemoryPair pair_;
  std::vector<Streams> streams_;
};

}  // namespace strata::bench
