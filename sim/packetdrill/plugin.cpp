// The way in: the one function that the object exports.
#include <cstdio>
#include <cstdlib>

#include "sim/packetdrill/calls.hpp"

namespace {

namespace pd = strata::packetdrill;

constexpr int kUsage = 2;

void free_session(void* userdata) { delete static_cast<pd::Session*>(userdata); }

}  // namespace

extern "C" void packetdrill_interface_init(const char* flags, packetdrill_interface* interface) {
  const auto parsed = pd::parse_flags(flags == nullptr ? "" : flags);
  if (!parsed) {
    std::fprintf(stderr, "libstrata_packetdrill: --so_flags: %s\n", parsed.error().c_str());
    std::exit(kUsage);
  }
  *interface = {};
  interface->userdata = new pd::Session(*parsed);
  interface->free = free_session;
  pd::add_device(*interface);
  pd::add_socket_calls(*interface);
  pd::add_data_calls(*interface);
  pd::add_option_calls(*interface);
  pd::add_ready_calls(*interface);
}
