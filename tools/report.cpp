#include "tools/report.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace strata::tools {

int report_failure(std::string_view verb, std::string_view text) {
  fmt::print(stderr, "strata {}: {}\n", verb, text);
  return kFailed;
}

std::string explain(Errc error, const Endpoint& server) {
  const std::string where = to_string(server);
  const std::string host = to_string(server.address);
  switch (error) {
    case Errc::connection_refused:
      return where + " refused the connection: is a server listening on this port?";
    case Errc::host_unreachable: return host + " does not answer: is the address right, and the host up?";
    case Errc::network_unreachable: return "no route leads to " + host + ": give its router with --gateway";
    case Errc::timed_out: return where + " does not answer any more: the network lost every try";
    case Errc::connection_reset: return where + " reset the connection before the answer was complete";
    default: return where + ": " + std::string(describe(error));
  }
}

std::string json_object(std::initializer_list<std::pair<const char*, JsonValue>> members) {
  nlohmann::ordered_json object;
  for (const auto& [name, value] : members) {
    std::visit([&object, key = name](const auto& v) { object[key] = v; }, value);
  }
  return object.dump();
}

}  // namespace strata::tools
