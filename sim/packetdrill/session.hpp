// One script's run as the plug-in sees it: the machine under test, and a clock that only the tool moves, by
// sleeping, by asking for the time again and again, or by waiting for a packet. Two threads of the tool come
// here: the main one, and a second one for calls that may wait, which really sleeps meanwhile. Everything is
// under one lock, and what happens when does not depend on which thread the system favours.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "sim/drill/machine.hpp"
#include "sim/packetdrill/descriptors.hpp"
#include "sim/packetdrill/flags.hpp"
#include "sim/packetdrill/main_thread.hpp"
#include "sim/packetdrill/outbox.hpp"

namespace strata::packetdrill {

class Session {
 public:
  explicit Session(const Flags& flags);

  // --- Time (session.cpp) ---
  void sleep(Duration time);
  Instant time();

  // --- The network (session.cpp) ---
  void deliver(Bytes packet);
  /// Time passes until there is one. Ends the process when the stack will never send one.
  SentPacket next_packet();

  /// A call names an address of the host.
  void adopt(const sockaddr* address, socklen_t size);

  drill::Profile profile() const { return profile_; }

  // --- Calls: `call(host, descriptors)`, which gives a result or -errno ---
  template <class Call>
  long call(Call what) {
    const Visit visit(*this);
    const long result = what(machine_.host(), descriptors_);
    machine_.settle();
    if (!visit.is_main()) returned_ = machine_.now();
    return result;
  }
  /// Calls that may wait: `begin(host, descriptors, now)` gives an Operation.
  template <class Begin>
  long wait(Begin begin) {
    return wait(begin, [](long result, Descriptors&) { return result; });
  }
  /// `end(result, descriptors)` makes the call's result of the operation's.
  template <class Begin, class End>
  long wait(Begin begin, End end) {
    Visit visit(*this);
    Waiting waiting{.operation = begin(machine_.host(), descriptors_, machine_.now())};
    return end(finish(waiting, visit), descriptors_);
  }

 private:
  /// A call that may not be complete.
  struct Waiting {
    posix::Operation operation;
    std::optional<long> result;
    Instant completed;
  };

  /// A thread of the tool that is in here.
  class Visit {
   public:
    explicit Visit(Session& session) : session_(session), is_main_(session.main_.is_this()) {
      if (is_main_) session_.main_.enter();
      lock_ = std::unique_lock(session_.mutex_);
      was_asked_ = std::exchange(session_.was_asked_, false);
    }
    ~Visit() {
      lock_.unlock();
      if (is_main_) session_.main_.leave();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    bool is_main() const { return is_main_; }
    /// The last visitor asked for the time, too.
    bool was_asked() const { return was_asked_; }
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    Session& session_;
    bool is_main_;
    bool was_asked_ = false;
    std::unique_lock<std::mutex> lock_;
  };

  long finish(Waiting& waiting, Visit& visit);
  void wait_on_main_thread(const Waiting& waiting);
  void wait_on_second_thread(const Waiting& waiting, Visit& visit);
  void adopt(const IpAddress& address);
  void ask_waiting(Instant now);
  Instant waiting_deadline() const;

  drill::Profile profile_;
  Outbox outbox_;
  drill::Machine machine_;
  Descriptors descriptors_;
  MainThread main_;
  std::mutex mutex_;
  std::condition_variable completed_;
  std::vector<Waiting*> waiting_;
  std::optional<Instant> returned_;  ///< when the second thread's call did, until that thread has asked
  bool was_asked_ = false;
  bool knows_address_ = false;  ///< the one that the tool invented
};

}  // namespace strata::packetdrill
