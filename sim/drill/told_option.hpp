// getsockopt(2) as the system of a profile tells it. The Host speaks as Linux does.
#pragma once

#include "api/posix/host.hpp"
#include "sim/drill/settings.hpp"

namespace strata::drill {

/// 0 or -errno. Only the sizes of buffers differ: Linux counts its own overhead and doubles, FreeBSD does
/// not, and rounds up to whole segments once it knows their size.
int told_option(posix::Host& host, Profile profile, int fd, int level, int name, void* value,
                socklen_t* size);

}  // namespace strata::drill
