#include "device/network_namespace.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "device/last_error.hpp"
#include "device/process.hpp"

namespace strata {
namespace {

SystemResult<void> write_file(const char* path, std::string_view text) {
  const Fd fd(::open(path, O_WRONLY | O_CLOEXEC));
  if (!fd || ::write(fd.get(), text.data(), text.size()) < 0)
    return last_error(std::string("writing ") + path);
  return {};
}

/// user_namespaces(7): without privilege outside, exactly our own user and group can be mapped, and only once
/// the right to change groups is given up.
SystemResult<void> map_to_same(uid_t user, gid_t group) {
  if (auto done = write_file("/proc/self/setgroups", "deny"); !done) return done;
  const std::string users = std::to_string(user) + " " + std::to_string(user) + " 1";
  if (auto done = write_file("/proc/self/uid_map", users); !done) return done;
  const std::string groups = std::to_string(group) + " " + std::to_string(group) + " 1";
  return write_file("/proc/self/gid_map", groups);
}

SystemResult<Fd> open_own(const char* path) {
  Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return last_error(std::string("opening ") + path);
  return fd;
}

/// Lets the program that follows keep its network rights, although its user is not root.
int keep_network_capabilities() {
  constexpr std::array<int, 3> kept{CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE};
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return errno;
  for (const int capability : kept) sets[0].inheritable |= 1U << capability;
  if (::syscall(SYS_capset, &header, sets.data()) != 0) return errno;
  for (const int capability : kept) {
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) return errno;
  }
  return 0;
}

/// The pidfd of a process that is in the namespace; empty for all others.
Fd pidfd_if_inside(int pid, const struct stat& net) {
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  // Looked at after the pidfd was opened, so that the number cannot have changed hands.
  struct stat its{};
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  if (!pidfd || ::stat(path.c_str(), &its) != 0 || its.st_ino != net.st_ino || its.st_dev != net.st_dev)
    return {};
  return pidfd;
}

/// Ends what one walk over all processes finds inside; true when there was something.
bool end_some(const struct stat& net) {
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(::opendir("/proc"), &::closedir);
  if (!processes) return false;
  bool found = false;
  while (const dirent* entry = ::readdir(processes.get())) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    const Fd pidfd = pidfd_if_inside(pid, net);
    if (!pidfd) continue;
    found = true;
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGTERM, nullptr, 0);
    if (wait_readable(pidfd.get(), Duration::millis(300))) continue;
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
    wait_readable(pidfd.get(), Duration::millis(300));
  }
  return found;
}

}  // namespace

SystemResult<NamespaceHandles> enter_new_namespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  NamespaceHandles handles;
  std::string tried;
  if (::unshare(CLONE_NEWNET) != 0) {
    tried = "a network namespace: " + error_of(errno, "unshare").text;
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      const int error = errno;
      tried +=
          "; with a user namespace: " + error_of(error, "unshare").text +
          " (run as root, or allow it: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1,"
          " kernel.apparmor_restrict_unprivileged_userns=0; a container needs --privileged)";
      return Err<SystemError>({error, tried});
    }
    if (auto done = map_to_same(user, group); !done) return Err<SystemError>(done.error());
    SystemResult<Fd> fd = open_own("/proc/self/ns/user");
    if (!fd) return Err<SystemError>(fd.error());
    handles.user = std::move(*fd);
  }
  SystemResult<Fd> fd = open_own("/proc/self/ns/net");
  if (!fd) return Err<SystemError>(fd.error());
  handles.net = std::move(*fd);
  return handles;
}

int join_namespace(const void* context) {
  const auto& handles = *static_cast<const NamespaceHandles*>(context);
  if (handles.user && ::setns(handles.user.get(), CLONE_NEWUSER) != 0) return errno;
  if (::setns(handles.net.get(), CLONE_NEWNET) != 0) return errno;
  return handles.user ? keep_network_capabilities() : 0;
}

void end_processes_in(const Fd& net) {
  struct stat identity{};
  if (::fstat(net.get(), &identity) != 0) return;
  // A process that is told to end may start another; one that does so without end is not waited for without
  // end.
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds && end_some(identity); ++round) {
  }
}

}  // namespace strata
