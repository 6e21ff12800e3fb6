// For tests: in the test suite, a net is two Hosts.
#include "api/posix/test_two_hosts.hpp"

namespace strata::posix {

std::unique_ptr<Net> make_net() { return std::make_unique<TwoHosts>(); }

}  // namespace strata::posix
