// Random sequences of socket calls, made over two Hosts and over this machine's kernel in lockstep: every
// result, errno, option value, event and byte has to be the same. A sequence that tells them apart is made as
// short as possible and printed.
//
// Run by hand, in a network namespace of its own, like the oracle:
//   unshare -rn sh -c 'ip link set lo up; strata_posix_compare [SEQUENCES [SEED]]'
#include <linux/sockios.h>
#include <netinet/tcp.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "api/posix/test_kernel.hpp"
#include "api/posix/test_two_hosts.hpp"
#include "base/rng.hpp"
#include "strata/parameters.hpp"

namespace strata::posix {
namespace {

enum class Call : std::uint8_t {
  socket,
  connect,
  connect_nowhere,
  disconnect,
  accept,
  listen,
  bind,
  send,
  recv,
  shutdown,
  close,
  reset,
  poll,
  get,
  set,
  count,
  names,
  epoll_add,
  epoll_mod,
  epoll_del,
  epoll_wait,
  dup,
  nonblock,
  count_
};
constexpr const char* kCallNames[] = {
    "socket", "connect",   "connect_nowhere", "disconnect", "accept",     "listen", "bind",    "send",
    "recv",   "shutdown",  "close",           "reset",      "poll",       "get",    "set",     "count",
    "names",  "epoll_add", "epoll_mod",       "epoll_del",  "epoll_wait", "dup",    "nonblock"};

struct Step {
  Call call;
  std::uint32_t slot;
  std::uint32_t a;
  std::uint32_t b;
};

struct Option {
  int level;
  int name;
  const char* text;
};
#define OPTION(level, name) {level, name, #name}
constexpr Option kOptions[] = {
    OPTION(SOL_SOCKET, SO_ERROR),
    OPTION(SOL_SOCKET, SO_KEEPALIVE),
    OPTION(SOL_SOCKET, SO_REUSEADDR),
    OPTION(SOL_SOCKET, SO_REUSEPORT),
    OPTION(SOL_SOCKET, SO_OOBINLINE),
    OPTION(SOL_SOCKET, SO_RCVLOWAT),
    OPTION(SOL_SOCKET, SO_TYPE),
    OPTION(SOL_SOCKET, SO_ACCEPTCONN),
    OPTION(SOL_SOCKET, SO_DOMAIN),
    OPTION(SOL_SOCKET, SO_PROTOCOL),
    OPTION(SOL_SOCKET, SO_BROADCAST),
    OPTION(IPPROTO_TCP, TCP_NODELAY),
    OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
    OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
    OPTION(IPPROTO_TCP, TCP_KEEPCNT),
    OPTION(IPPROTO_TCP, TCP_SYNCNT),
    OPTION(IPPROTO_TCP, TCP_LINGER2),
    OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT),
    OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
    OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    OPTION(IPPROTO_IP, IP_TTL),
    OPTION(IPPROTO_IP, IP_TOS),
    OPTION(IPPROTO_IP, IP_FREEBIND),
    OPTION(SOL_SOCKET, SO_LINGER),
};
#undef OPTION
constexpr int kValues[] = {0, 1, 2, 5, -1, 60, 127, 128, 255, 256, 1000, 40'000, 1 << 30};
constexpr int kFlags[] = {
    0, 0, MSG_PEEK, MSG_TRUNC, MSG_OOB, MSG_WAITALL, MSG_PEEK | MSG_TRUNC, MSG_OOB | MSG_PEEK};

/// The kernel, asked again sooner than the oracle does: what these calls cause has happened when they return.
class QuickLoopback final : public Net {
 public:
  Machine& server() override { return kernel_.server(); }
  Machine& client() override { return kernel_.server(); }
  sockaddr_in server_address(std::uint16_t port) override { return kernel_.server_address(port); }
  void settle() override { ::usleep(1500); }

 private:
  Loopback kernel_;
};

/// One side of the comparison: sockets by slot. Even slots belong to the server, odd ones to the client; slot
/// 0 begins as a listener, and slot 1 is connected to it.
class Player {
 public:
  Player(Net& net, std::uint16_t port) : net_(net), port_(port) {}

  std::string play(const Step& step) {
    const long result = call(step);
    net_.settle();
    return std::to_string(result) + (seen_.empty() ? "" : " " + std::exchange(seen_, {}));
  }
  void finish() {
    for (auto& [slot, fd] : fds_) machine(slot).close(fd);
  }

 private:
  static constexpr std::uint32_t kSlots = 8;
  Machine& machine(std::uint32_t slot) { return slot % 2 == 0 ? net_.server() : net_.client(); }
  int fd(std::uint32_t slot) {
    const auto found = fds_.find(slot);
    return found == fds_.end() ? 9999 : found->second;
  }
  /// A new descriptor becomes a slot of the same side; its number is not compared.
  long adopt(std::uint32_t slot, long result) {
    if (result < 0) return result;
    for (std::uint32_t free = slot % 2; free < kSlots; free += 2) {
      if (fds_.contains(free)) continue;
      fds_[free] = static_cast<int>(result);
      return 0;
    }
    machine(slot).close(static_cast<int>(result));
    return 0;
  }
  long open(std::uint32_t slot) {
    const long result = adopt(slot, machine(slot).tcp());
    for (auto& [number, number_fd] : fds_) machine(number).set_option(number_fd, IPPROTO_TCP, TCP_NODELAY, 1);
    return result;
  }
  int epoll(std::uint32_t slot) {
    auto [place, is_new] = epolls_.try_emplace(slot % 2, 0);
    if (is_new) place->second = static_cast<int>(machine(slot).epoll_create1(0));
    return place->second;
  }
  sockaddr_in address() { return net_.server_address(port_); }

  long call(const Step& step) {
    Machine& at = machine(step.slot);
    const int one = fd(step.slot);
    switch (step.call) {
      case Call::socket: return open(step.slot);
      case Call::connect: return at.connect_to(one, address());
      case Call::connect_nowhere:
        return at.connect_to(one, net_.server_address(static_cast<std::uint16_t>(port_ - 1)));
      case Call::disconnect: {
        sockaddr_in none{};
        return at.connect_to(one, none);
      }
      case Call::accept: return adopt(step.slot, at.accept(one));
      case Call::listen: return at.listen(one, static_cast<int>(step.a % 4));
      case Call::bind: return step.slot % 2 == 0 ? at.bind_to(one, address()) : 0;
      case Call::send: return send(at, one, step);
      case Call::recv: {
        const int flags = kFlags[step.b % std::size(kFlags)];
        const long result = at.recv(one, step.a % 40, flags);
        if ((flags & MSG_TRUNC) == 0) seen_ = at.read;
        return result;
      }
      case Call::shutdown: return at.shutdown(one, static_cast<int>(step.a % 4));
      case Call::close: return close(step.slot);
      case Call::reset: {
        const linger now{.l_onoff = 1, .l_linger = 0};
        at.setsockopt(one, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return close(step.slot);
      }
      case Call::poll: return at.events_of(one);
      case Call::get: return get(at, one, step);
      case Call::set: return set(at, one, step);
      case Call::count: {
        constexpr unsigned long kRequests[] = {FIONREAD, SIOCATMARK};
        return at.counted(one, kRequests[step.a % std::size(kRequests)]);
      }
      case Call::names: return names(at, one);
      case Call::epoll_add: return watch(at, step, EPOLL_CTL_ADD);
      case Call::epoll_mod: return watch(at, step, EPOLL_CTL_MOD);
      case Call::epoll_del: return watch(at, step, EPOLL_CTL_DEL);
      case Call::epoll_wait: return wait(at, step);
      case Call::dup: return adopt(step.slot, at.dup(one));
      case Call::nonblock: return at.fcntl(one, F_GETFL, 0) & O_NONBLOCK;
      case Call::count_: break;
    }
    return 0;
  }

  long send(Machine& at, int one, const Step& step) {
    std::string text;
    for (std::uint32_t i = 0; i < step.a % 24; ++i) text += static_cast<char>('a' + next_letter_++ % 26);
    return at.send(one, text, step.b % 4 == 0 ? MSG_OOB : 0);
  }
  long close(std::uint32_t slot) {
    const long result = machine(slot).close(fd(slot));
    fds_.erase(slot);
    return result;
  }
  long get(Machine& at, int one, const Step& step) {
    const Option& option = kOptions[step.a % std::size(kOptions)];
    std::array<char, 64> value{};
    socklen_t size = step.b % 8 == 0 ? step.b / 8 % 6 : 64;
    const long result = at.getsockopt(one, option.level, option.name, value.data(), &size);
    if (result == 0) {
      for (socklen_t i = 0; i < size; ++i) seen_ += std::to_string(static_cast<int>(value[i])) + ".";
    }
    return result;
  }
  static long set(Machine& at, int one, const Step& step) {
    const Option& option = kOptions[step.a % (std::size(kOptions) - 1)];
    const int value = kValues[step.b % std::size(kValues)];
    // What changes when data leaves is compared by the oracle, which waits long enough.
    if (option.name == TCP_NODELAY && option.level == IPPROTO_TCP) return 0;
    const socklen_t size = step.b % 16 == 15 ? step.b / 16 % 5 : sizeof value;
    return at.setsockopt(one, option.level, option.name, &value, size);
  }
  long names(Machine& at, int one) {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    const long own = at.getsockname(one, reinterpret_cast<sockaddr*>(&name), &size);
    size = sizeof name;
    const long peer = at.getpeername(one, reinterpret_cast<sockaddr*>(&name), &size);
    seen_ = std::to_string(peer);
    return own;
  }
  long watch(Machine& at, const Step& step, int operation) {
    constexpr std::uint32_t kEvents[] = {EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI,
                                         EPOLLPRI, 0};
    constexpr std::uint32_t kModes[] = {0, EPOLLET, EPOLLONESHOT, EPOLLET | EPOLLONESHOT, EPOLLEXCLUSIVE};
    epoll_event event{};
    event.events = kEvents[step.a % std::size(kEvents)] | kModes[step.b % std::size(kModes)];
    event.data.u32 = step.slot;
    return at.epoll_ctl(epoll(step.slot), operation, fd(step.slot), &event);
  }
  long wait(Machine& at, const Step& step) {
    std::array<epoll_event, 8> events{};
    const long count = at.epoll_wait(epoll(step.slot), events.data(), 1 + static_cast<int>(step.a % 8), 0);
    // The order among those that are ready at once is nobody's promise.
    std::map<std::uint32_t, std::uint32_t> by_slot;
    for (long i = 0; i < count; ++i)
      by_slot[events[static_cast<std::size_t>(i)].data.u32] = events[static_cast<std::size_t>(i)].events;
    if (step.a % 8 == 7) {
      for (const auto& [slot, found] : by_slot)
        seen_ += std::to_string(slot) + ":" + std::to_string(found) + " ";
    }
    return count;
  }

  Net& net_;
  std::uint16_t port_;
  std::map<std::uint32_t, int> fds_;
  std::map<std::uint32_t, int> epolls_;
  std::string seen_;
  std::uint32_t next_letter_ = 0;
};

std::string describe(const Step& step) {
  std::string text = std::string(kCallNames[static_cast<int>(step.call)]) + "(" + std::to_string(step.slot);
  if (step.call == Call::get || step.call == Call::set)
    text +=
        std::string(" ") + kOptions[step.a % (std::size(kOptions) - (step.call == Call::set ? 1 : 0))].text;
  if (step.call == Call::set) text += " " + std::to_string(kValues[step.b % std::size(kValues)]);
  if (step.call == Call::recv)
    text += " size " + std::to_string(step.a % 40) + " flags " +
            std::to_string(kFlags[step.b % std::size(kFlags)]);
  if (step.call == Call::send)
    text += " size " + std::to_string(step.a % 24) + (step.b % 4 == 0 ? " urgent" : "");
  return text + " " + std::to_string(step.a) + " " + std::to_string(step.b) + ")";
}

/// Where the two differ first; the size of the sequence when they do not.
std::size_t compare(const std::vector<Step>& steps, bool tell) {
  static std::uint16_t port = 2000;
  port = static_cast<std::uint16_t>(port >= 30'000 ? 2000 : port + 2);
  TwoHosts ours(*profile_config("linux"));
  QuickLoopback kernel;
  Player left(ours, port);
  Player right(kernel, port);
  std::size_t at = 0;
  for (; at < steps.size(); ++at) {
    const std::string here = left.play(steps[at]);
    const std::string there = right.play(steps[at]);
    if (tell)
      std::printf("  %-40s %s%s\n", describe(steps[at]).c_str(), there.c_str(),
                  here == there ? "" : ("   strata: " + here).c_str());
    if (here != there) break;
  }
  left.finish();
  right.finish();
  return at;
}

std::vector<Step> random_steps(Xoshiro& rng) {
  std::vector<Step> steps;
  const auto add = [&](Call call, std::uint32_t slot) { steps.push_back({call, slot, 0, 0}); };
  add(Call::socket, 0);
  add(Call::bind, 0);
  steps.push_back({Call::listen, 0, 3, 0});
  add(Call::socket, 1);
  const std::uint64_t connected = rng.next_u64();
  if (connected % 4 != 0) {
    add(Call::connect, 1);
    add(Call::accept, 0);
  }
  for (int i = 0; i < 30; ++i) {
    const std::uint64_t draw = rng.next_u64();
    const std::uint64_t arguments = rng.next_u64();
    // Half of the calls move data or look: those meet the interesting states.
    constexpr Call kOften[] = {Call::send,  Call::recv,     Call::recv,      Call::poll,
                               Call::count, Call::shutdown, Call::epoll_wait};
    const auto which = static_cast<std::uint32_t>(draw >> 32);
    const Call call = (draw & 0x100) != 0
                          ? kOften[which % std::size(kOften)]
                          : static_cast<Call>(which % static_cast<std::uint32_t>(Call::count_));
    steps.push_back({call, static_cast<std::uint32_t>(draw % 5),
                     static_cast<std::uint32_t>(arguments & 0xffff),
                     static_cast<std::uint32_t>(arguments >> 32 & 0xffff)});
  }
  return steps;
}

std::vector<Step> shortened(std::vector<Step> steps) {
  for (std::size_t i = steps.size(); i-- > 0;) {
    std::vector<Step> less = steps;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    const std::size_t at = compare(less, false);
    if (at == less.size()) continue;
    less.resize(at + 1);
    steps = less;
    i = std::min(i, steps.size());
  }
  return steps;
}

}  // namespace

std::unique_ptr<Net> make_net() { return std::make_unique<TwoHosts>(); }

}  // namespace strata::posix

int main(int count, char** words) {
  using namespace strata::posix;
  const long sequences = count > 1 ? std::atol(words[1]) : 1000;
  const std::uint64_t seed = count > 2 ? std::strtoull(words[2], nullptr, 10) : 1;
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  long different = 0;
  for (long i = 0; i < sequences; ++i) {
    strata::Xoshiro rng(seed + static_cast<std::uint64_t>(i));
    std::vector<Step> steps = random_steps(rng);
    const std::size_t at = compare(steps, false);
    if (at == steps.size()) continue;
    steps.resize(at + 1);
    std::printf("sequence %ld differs\n", i);
    compare(shortened(steps), true);
    std::fflush(stdout);
    if (++different == 20) break;
  }
  std::printf("%ld of %ld sequences differ\n", different, sequences);
  return different == 0 ? 0 : 1;
}
