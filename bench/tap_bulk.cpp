// Bulk transfer between a stack and Linux over a TAP device, both ways, with the kernel's offload; Linux to
// Linux over veth with and without its offload in the same run. All ends check or make the same payload;
// Linux sends with cubic everywhere.
#include "bench/support/kernel.hpp"
#include "bench/support/measure.hpp"
#include "bench/support/tap_host.hpp"
#include "bench/support/veth.hpp"
#ifdef STRATA_HAS_LWIP
#include "bench/peers/lwip.hpp"
#endif

int main(int argc, char** argv) {
  using namespace strata::bench;
  take_no_arguments(argc, argv, "bulk transfer over TAP, against Linux over veth and lwIP over TAP");
  enter_private_network();
  TapHost tap(true);
  const Contender contenders[] = {
      {"strata over TAP, kernel sends", [&] { return tap.kernel_sends(4'000'000'000); }},
      {"strata over TAP, kernel receives", [&] { return tap.kernel_receives(4'000'000'000); }},
#ifdef STRATA_HAS_LWIP
      {"lwIP over TAP, kernel sends", [] { return lwip_kernel_sends(500'000'000); }},
      {"lwIP over TAP, kernel receives", [] { return lwip_kernel_receives(500'000'000); }},
#endif
      {"Linux over veth", [] { return veth_transfer(true, 4'000'000'000); }},
      {"Linux over veth without offload", [] { return veth_transfer(false, 1'000'000'000); }},
  };
  const auto results = interleave(contenders, rounds_or(5));
  const double reference = results[results.size() - 2].median(gbit_per_second);
  Table table({"Bulk transfer to and from Linux", "Gbit/s", "CPU s/GB", "against Linux over veth"});
  for (const Series& series : results) {
    const double rate = series.median(gbit_per_second);
    table.add({series.name, number(rate), number(series.median(cpu_seconds_per_gb)), ratio(rate, reference)});
  }
  table.print();
}
