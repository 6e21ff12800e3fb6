#include "sim/small_stack.hpp"

namespace strata::sim {

Config small_stack() {
  Config config;
  config.buffers = {.block_size = 2048, .blocks_max = 8192, .packets_max = 4096, .queue_nodes_max = 2048};
  config.tables.connections_max = 64;
  config.tables.time_wait_max = 64;
  config.tables.listeners_max = 16;
  config.tables.udp_sockets_max = 16;
  config.tables.routes_max = 16;
  config.tables.neighbors_max = 16;
  return config;
}

}  // namespace strata::sim
