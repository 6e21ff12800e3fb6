#include "tools/peer.hpp"

#include <csignal>
#include <utility>

namespace strata::tools {
namespace {

constexpr Duration kGrace = Duration::seconds(5);

/// By the signal itself, or by a shell's way of saying so.
bool ended_by_sigterm(const ExitStatus& status) {
  return status.code == (status.exited ? 128 + SIGTERM : SIGTERM);
}

}  // namespace

Peer::Peer(Reactor& reactor, Process process) : reactor_(&reactor), process_(std::move(process)) {
  watched_ = reactor_->watch(process_.fd(), {this, &Peer::on_end}).has_value();
}

Peer::~Peer() { unwatch(); }

void Peer::on_end(void* context) {
  auto& peer = *static_cast<Peer*>(context);
  peer.ended_ = true;
  peer.unwatch();  // its descriptor stays readable and would wake us for ever
}

void Peer::unwatch() {
  if (std::exchange(watched_, false)) reactor_->unwatch(process_.fd());
}

SystemResult<void> Peer::wait() {
  const ExitStatus status = process_.wait();
  if (status.success()) return {};
  return failure(status);
}

SystemResult<void> Peer::end() {
  const bool was_running = !process_.status();
  const ExitStatus status = process_.stop(kGrace);
  if (status.success() || (was_running && ended_by_sigterm(status))) return {};
  return failure(status);
}

SystemResult<void> Peer::failure(const ExitStatus& status) const {
  return Err<SystemError>({0, "the peer \"" + process_.program() + "\" " + describe(status)});
}

}  // namespace strata::tools
