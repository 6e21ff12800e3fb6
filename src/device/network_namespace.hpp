// Network namespaces without privilege (namespaces(7), user_namespaces(7)): making one, running programs in
// one, and leaving nothing behind in one. As root a network namespace is enough; anybody else needs a user
// namespace around it.
#pragma once

#include <string>

#include "device/fd.hpp"
#include "strata/system_error.hpp"

namespace strata {

/// Keeps a namespace alive and lets processes in.
struct NamespaceHandles {
  Fd user;  ///< empty when the namespace belongs to ours
  Fd net;
};

/// Moves the calling process, which must have one thread, into a new network namespace. In a user namespace
/// every user keeps the own number. The error names each way tried.
SystemResult<NamespaceHandles> enter_new_namespace();

/// For a ProcessSetup: moves the new process into the namespace; in a user namespace its program gets the
/// right to use raw sockets, low ports and to configure the network there. `context` is a NamespaceHandles.
/// Returns an errno.
int join_namespace(const void* context);

/// Ends every process that is in the network namespace: SIGTERM, a moment, SIGKILL.
void end_processes_in(const Fd& net);

}  // namespace strata
