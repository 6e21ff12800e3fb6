#include "transport/tcp/controller.hpp"

#include <utility>

#include "strata/congestion_control.hpp"
#include "transport/tcp/pacing.hpp"
#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

void measure_rates(Tcb& tcb, const Context& context) {
  if (!tcb.cc.models_path() && !context.config.rate_samples) {
    tcb.rates = {};
  } else if (!tcb.rates) {
    tcb.rates = context.controllers.rates.make();
  }
}

}  // namespace

void choose_controller(Tcb& tcb, const Context& context, std::uint32_t window) {
  const CongestionAlgorithm algorithm = congestion_control(*tcb.settings, context.config);
  const ControllerSeed seed{.mss = tcb.snd_mss,
                            .initial_window = window,
                            .random = tcb.ts_offset ^ tcb.flow_number,
                            .external = own_controller(context.config, algorithm)};
  auto cc = make_controller(algorithm, seed, context.controllers);
  if (cc) tcb.cc = std::move(*cc);
  measure_rates(tcb, context);
  if (!cc || (tcb.cc.models_path() && !tcb.rates)) {
    context.count(Counter::tcp_no_controller);
    tcb.cc = AnyCc(Cubic(seed.mss, seed.initial_window));
  }
  choose_pacing(tcb, context.config);
}

void change_controller(Tcb& tcb, const Context& context) {
  const std::uint32_t ssthresh = tcb.cc.ssthresh();
  choose_controller(tcb, context, tcb.cc.cwnd());
  tcb.cc.set_ssthresh(ssthresh);
}

}  // namespace strata::tcp
