// What is still open in a network, as lines for people.
#pragma once

#include <string>
#include <vector>

#include "sim/network.hpp"
#include "sim/programs/ledger.hpp"

namespace strata::sim {

/// `12.345 s`.
std::string seconds_text(Instant at);
/// Connections by machine and state, and conversations that have not ended.
std::vector<std::string> open_ends(Network& network, const Ledger& ledger);

}  // namespace strata::sim
