// A failing scenario with less in it: what can be left out without making it pass is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace strata::sim {

/// A thing that a scenario could do without: a fault, a client, a fault of a link.
struct Part {
  std::string text;
  std::function<void(Scenario&)> leave_out;
};
/// Numbered from 0, the same for the same scenario.
std::vector<Part> parts_of(const Scenario& scenario);
Scenario without(const Scenario& scenario, const std::set<std::size_t>& parts);
/// The parts that can be left out, all together, so that `fails` still holds. Runs it some hundred times at
/// most.
std::set<std::size_t> shrink(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails);

}  // namespace strata::sim
