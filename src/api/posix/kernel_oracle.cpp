// The kernel's own sockets under the tests of this folder: shows that what they expect is what Linux does.
// Run by hand, in a network namespace of its own (`unshare -rn sh -c 'ip link set lo up;
// strata_posix_oracle'`); it sleeps while the kernel works, so it is no part of the test suite.
#include "api/posix/test_kernel.hpp"

namespace strata::posix {

std::unique_ptr<Net> make_net() { return std::make_unique<Loopback>(); }

}  // namespace strata::posix
