#include "sim/scenario/open_ends.hpp"

#include "obs/quantity.hpp"
#include "stack/stack_core.hpp"

namespace strata::sim {

std::string seconds_text(Instant at) {
  const std::int64_t millis = (at - Instant()).count_millis();
  std::string rest = std::to_string(millis % 1000);
  rest.insert(0, 3 - rest.size(), '0');
  return std::to_string(millis / 1000) + "." + rest + " s";
}

std::vector<std::string> open_ends(Network& network, const Ledger& ledger) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < network.machine_count(); ++i) {
    const Machine& machine = network.machine(i);
    if (!machine.is_up()) continue;
    machine.core().tcp().for_each([&](const Flow& flow) {
      const tcp::Tcb& tcb = flow.tcb();
      lines.push_back(machine.name() + ": " + to_string(tcb.flow.local) + " to " +
                      to_string(tcb.flow.remote) + " in " + std::string(name(tcb.state)) + ", " +
                      std::to_string(tcb.send_queue.size()) + " bytes to send, " +
                      std::to_string(tcb.receive_queue.size()) + " to read");
    });
    if (const std::size_t waiting = machine.stack().time_wait_count(); waiting > 0)
      lines.push_back(machine.name() + ": " + std::to_string(waiting) + " in TIME-WAIT");
  }
  for (const TalkRecord& talk : ledger.talks()) {
    if (talk.cut_off || !talk.ended.is_never()) continue;
    lines.push_back("program " + talk.program + " on " + talk.machine + ": " + std::to_string(talk.offered) +
                    " bytes written, " + std::to_string(talk.received) + " read" +
                    (talk.saw_end ? ", peer has closed" : ""));
  }
  return lines;
}

}  // namespace strata::sim
