// Memory of an idle established connection, everything included: what the process grows by, divided by the
// connections at both ends; beside it what Linux's slabs grow by per socket.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "bench/support/idle_connections.hpp"
#include "bench/support/kernel.hpp"
#include "bench/support/measure.hpp"
#include "transport/tcp/time_wait.hpp"

namespace strata::bench {
namespace {

constexpr std::size_t kConnections = 100'000;
constexpr std::size_t kKernelConnectionsMax = 20'000;

double resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double kernel_slab_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  double kilobytes = 0;
  while (meminfo >> key >> kilobytes) {
    if (key == "Slab:") return kilobytes * 1024;
    meminfo.ignore(64, '\n');
  }
  return 0;
}

/// Bytes per endpoint. The sockets that hold the connections are the application's, and count.
double strata_bytes() {
  const double before = resident_bytes();
  const IdleConnections idle(kConnections);
  return (resident_bytes() - before) / (2.0 * kConnections);
}

double kernel_bytes() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  require(::setrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 1'000, "too few sockets are allowed");
  const std::size_t count = std::min<std::size_t>(kKernelConnectionsMax, files.rlim_cur / 2 - 100);
  const int listener = listen_on(IpAddress::v4(127, 0, 0, 1), 8080);
  std::vector<int> sockets;
  const double before = kernel_slab_bytes();
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(connect_to(IpAddress::v4(127, 0, 0, 1), 8080));
    sockets.push_back(::accept(listener, nullptr, nullptr));
    require(sockets.back() >= 0, "accept() over the loopback failed");
  }
  const double bytes = (kernel_slab_bytes() - before) / static_cast<double>(sockets.size());
  for (const int socket : sockets) ::close(socket);
  ::close(listener);
  return bytes;
}

}  // namespace
}  // namespace strata::bench

int main(int argc, char** argv) {
  using namespace strata::bench;
  take_no_arguments(argc, argv, "memory of an idle established connection, against Linux");
  enter_private_network();
  const double ours = strata_bytes();
  const double kernel = kernel_bytes();
  Table table({"Memory per endpoint, all in", "bytes", "against Linux"});
  table.add({"strata, idle established connection", number(ours), ratio(ours, kernel)});
  table.add({"strata, TIME-WAIT record (its place in the flow table: 11 to 21 more)",
             number(sizeof(strata::tcp::TimeWaitRecord)), ""});
  table.add({"Linux, idle established connection (slab)", number(kernel), ratio(kernel, kernel)});
  table.print();
}
