// The IPv4 option list (RFC 791 §3.1): single bytes (end of list, no operation) and type-length-value
// entries.
#include "wire/ipv4.hpp"

namespace strata {
namespace {

constexpr std::uint8_t kEndOfList = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kLooseSourceRoute = 131;
constexpr std::uint8_t kStrictSourceRoute = 137;

}  // namespace

Result<Ipv4Options, ParseError> parse_ipv4_options(Bytes options) {
  Ipv4Options found;
  while (!options.empty() && options[0] != kEndOfList) {
    if (options[0] == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size())
      return Err{ParseError::ip_bad_option};
    if (options[0] == kLooseSourceRoute || options[0] == kStrictSourceRoute) found.source_route = true;
    options = options.subspan(options[1]);
  }
  return found;
}

}  // namespace strata
