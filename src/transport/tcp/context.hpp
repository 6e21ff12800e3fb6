// What a connection borrows for the length of one call: the stack's memory, parameters, counters and trace,
// and the time.
#pragma once

#include "buf/byte_queue.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"
#include "transport/tcp/cc/policy.hpp"
#include "transport/tcp/challenge_ack.hpp"
#include "transport/tcp/loss/record_pool.hpp"
#include "transport/tcp/memory_budget.hpp"
#include "transport/tcp/reassembly.hpp"

namespace strata::tcp {

struct Context {
  const TcpConfig& config;
  buf::Pools& pools;
  IslandSlab& islands;
  RecordPool& records;
  MemoryBudget& memory;
  ControllerPools& controllers;
  std::size_t islands_max;
  Counters& counters;
  ChallengeLimiter& challenge;
  const TraceSink& trace;
  Instant now;

  Reassembly::Memory reassembly_memory() const { return {pools, islands, islands_max}; }
  bool tracing() const { return trace.function != nullptr; }
  void count(Counter counter) const { counters.add(counter); }
};

}  // namespace strata::tcp
