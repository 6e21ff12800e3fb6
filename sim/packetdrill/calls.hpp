// The functions of the table, one file per family; each puts its own in.
#pragma once

#include <cerrno>

#include "sim/packetdrill/interface.hpp"
#include "sim/packetdrill/session.hpp"

namespace strata::packetdrill {

void add_device(packetdrill_interface& to);
void add_socket_calls(packetdrill_interface& to);
void add_data_calls(packetdrill_interface& to);
void add_option_calls(packetdrill_interface& to);
void add_ready_calls(packetdrill_interface& to);

inline Session& session_of(void* userdata) { return *static_cast<Session*>(userdata); }

/// As system calls tell it: -1 and errno.
template <class T = int>
T returned(long result) {
  if (result >= 0) return static_cast<T>(result);
  errno = static_cast<int>(-result);
  return -1;
}

/// What the Host calls `result` gets a number of the tool's, unless it is an error.
inline long numbered(long result, Descriptors& descriptors) {
  return result < 0 ? result : descriptors.add(static_cast<int>(result));
}

}  // namespace strata::packetdrill
