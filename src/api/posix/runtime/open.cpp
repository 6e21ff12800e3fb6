// strata.h: a host from its options, its end, and its parameters.
#include <algorithm>
#include <cstring>

#include "api/posix/runtime/handle.hpp"
#include "strata/parameters.hpp"

namespace strata::posix {
namespace {

thread_local std::string open_error;

strata_host* fail(int number, std::string text) {
  open_error = std::move(text);
  errno = number != 0 ? number : EINVAL;
  return nullptr;
}

/// The program's options; what it was compiled without is as in STRATA_OPTIONS.
strata_options read_options(const strata_options& given) {
  strata_options options = STRATA_OPTIONS;
  std::memcpy(&options, &given, std::min(given.size, sizeof options));
  return options;
}

/// What is wrong with the options, or nothing.
std::optional<std::string> translate(const strata_options& from, RuntimeOptions& to) {
  if (from.profile != nullptr) {
    const std::optional<TcpConfig> profile = profile_config(from.profile);
    if (!profile) return "no such profile: " + std::string(from.profile);
    to.config.tcp = *profile;
  }
  to.own_thread = (from.flags & STRATA_OWN_THREAD) != 0;
  to.control = (from.flags & STRATA_NO_CONTROL) == 0;
  if (from.tap == nullptr) return std::nullopt;
  to.tap = TapOptions{.name = from.tap};
  const auto address = parse_prefix(from.address != nullptr ? from.address : "");
  if (!address)
    return "no address with a length, as 10.77.0.2/24: " + std::string(from.address ? from.address : "");
  to.address = *address;
  if (from.kernel_address != nullptr) {
    to.tap->kernel_address = parse_prefix(from.kernel_address);
    if (!to.tap->kernel_address) return "no address with a length: " + std::string(from.kernel_address);
  }
  if (from.gateway != nullptr) {
    to.gateway = parse_address(from.gateway);
    if (!to.gateway) return "no address: " + std::string(from.gateway);
  }
  return std::nullopt;
}

}  // namespace
}  // namespace strata::posix

using strata::posix::answer_int;
using strata::posix::Host;

int strata_version(void) { return STRATA_VERSION; }

strata_host* strata_open(const strata_options* given) {
  using namespace strata::posix;
  if (given == nullptr || given->size < sizeof given->size) return fail(EINVAL, "no options");
  RuntimeOptions options;
  if (auto wrong = translate(read_options(*given), options)) return fail(EINVAL, std::move(*wrong));
  auto runtime = Runtime::open(options);
  if (!runtime) return fail(runtime.error().number, runtime.error().text);
  open_error.clear();
  return new strata_host{.runtime = std::move(*runtime)};
}

const char* strata_open_error(void) { return strata::posix::open_error.c_str(); }

void strata_free(strata_host* host) { delete host; }

int strata_sysctl_get(strata_host* host, const char* name, char* value, size_t size) {
  return answer_int(host->runtime->run([=](Host& h) -> long {
    const strata::Parameter* parameter = strata::find_parameter(name);
    if (parameter == nullptr) return -ENOENT;
    const std::string text = strata::value_text(*parameter, h.stack().tcp_config());
    if (text.size() >= size) return -ERANGE;
    std::memcpy(value, text.c_str(), text.size() + 1);
    return 0;
  }));
}

int strata_sysctl_set(strata_host* host, const char* name, const char* value) {
  return answer_int(host->runtime->run([=](Host& h) -> long {
    const strata::Parameter* parameter = strata::find_parameter(name);
    if (parameter == nullptr) return -ENOENT;
    strata::TcpConfig config = h.stack().tcp_config();
    const bool good = strata::set_parameter(*parameter, config, value) && h.stack().set_tcp_config(config);
    return good ? 0 : -EINVAL;
  }));
}
