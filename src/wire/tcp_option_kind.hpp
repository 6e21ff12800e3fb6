// Kinds of TCP options as IANA numbers them: those that the stack reads, and those that only scripts write.
#pragma once

#include <cstdint>

namespace strata {

/// RFC 9293 §3.1, RFC 7323 §2.2 and §3.2, RFC 2018 §2, RFC 7413 §4.1.1, RFC 6994 §3, RFC 9768 §3.2.3.
enum TcpOptionKind : std::uint8_t {
  kEndOfList = 0,
  kNoOperation = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8,
  kFastOpen = 34,
  kAccEcn0 = 172,
  kAccEcn1 = 174,
  kExperiment = 254,
};

}  // namespace strata
