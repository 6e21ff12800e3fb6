#include "control/server.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "control/directory.hpp"
#include "control/protocol.hpp"
#include "control/socket.hpp"
#include "device/last_error.hpp"

namespace strata::control {
namespace {

constexpr std::uint32_t kListener = kClientsMax;
constexpr int kAcceptsPerTurn = 16;  // more than can wait
constexpr int kStacksMax = 1'000;    // of one process

/// One question and its answer.
struct Client {
  Fd fd;
  std::uint64_t number = 0;  ///< in the order of arrival
  std::string request;
  std::string answer;
  std::size_t sent = 0;
};

bool watch(int epoll, int operation, int fd, std::uint32_t events, std::uint32_t what) {
  epoll_event event{};
  event.events = events;
  event.data.u32 = what;
  return ::epoll_ctl(epoll, operation, fd, &event) == 0;
}

bool is_dead(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// A process that we do not see may live in another namespace, so its socket decides.
void remove_abandoned(const Directory& directory) {
  for (const SocketName& name : directory.names()) {
    const std::string path = directory.path_of(name);
    if ((is_dead(name.pid) || name.pid == ::getpid()) && is_abandoned(path)) ::unlink(path.c_str());
  }
}

struct Listener {
  Fd fd;
  std::string path;
};

SystemResult<Listener> listen_somewhere() {
  auto directory = Directory::make();
  if (!directory) return Err<SystemError>(directory.error());
  // Between bind() and listen() a socket looks abandoned.
  if (auto locked = directory->lock(); !locked) return Err<SystemError>(locked.error());
  remove_abandoned(*directory);
  for (int number = 1; number <= kStacksMax; ++number) {
    std::string path = directory->path_of({::getpid(), number});
    auto fd = listen_at(path, kClientsMax);
    if (fd) return Listener{std::move(*fd), std::move(path)};
    if (fd.error().number != EADDRINUSE) return Err<SystemError>(fd.error());
  }
  return Err<SystemError>(error_of(EADDRINUSE, "too many stacks in this process for " + directory->path()));
}

}  // namespace

struct Server::State {
  State(Handler asked, Listener&& at) : handler(asked), listener(std::move(at)) {}
  ~State() { ::unlink(listener.path.c_str()); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool begin();
  void accept();
  void take_in(Fd fd);
  void serve(std::uint32_t slot);
  /// False when there is no more to come, for whatever reason.
  bool receive(Client& client, std::uint32_t slot);
  bool send(Client& client) const;

  Handler handler;
  Listener listener;
  Fd epoll;
  std::array<Client, kClientsMax> clients;
  std::uint64_t arrivals = 0;
};

bool Server::State::begin() {
  epoll = Fd(::epoll_create1(EPOLL_CLOEXEC));
  // By edge: a process that is out of descriptors would be woken for ever by a client that it cannot accept.
  return epoll && watch(epoll.get(), EPOLL_CTL_ADD, listener.fd.get(), EPOLLIN | EPOLLET, kListener);
}

void Server::State::accept() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Fd fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    const auto peer = peer_of(fd.get());
    if (peer && peer->uid == ::geteuid()) take_in(std::move(fd));
  }
}

/// Gives it a free place, or that of the client that came first.
void Server::State::take_in(Fd fd) {
  const auto age = [](const Client& client) { return client.fd ? client.number : 0; };
  Client& place = *std::ranges::min_element(clients, {}, age);
  place = Client{.fd = std::move(fd), .number = ++arrivals};
  const auto slot = static_cast<std::uint32_t>(&place - clients.data());
  if (!watch(epoll.get(), EPOLL_CTL_ADD, place.fd.get(), EPOLLIN, slot)) place = Client{};
}

void Server::State::serve(std::uint32_t slot) {
  Client& client = clients[slot];
  if (!client.fd) return;
  if (client.answer.empty() && !receive(client, slot)) client = Client{};
  if (!client.answer.empty() && !send(client)) client = Client{};
}

bool Server::State::receive(Client& client, std::uint32_t slot) {
  std::array<char, kRequestMax> buffer;
  const ssize_t size = ::recv(client.fd.get(), buffer.data(), kRequestMax - client.request.size(), 0);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  client.request.append(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t end = client.request.find('\n');
  if (end == std::string::npos) return client.request.size() < kRequestMax;
  const std::string_view line = std::string_view(client.request).substr(0, end);
  client.answer = handler.answer(handler.context, line) + '\n';
  return watch(epoll.get(), EPOLL_CTL_MOD, client.fd.get(), EPOLLOUT, slot);
}

bool Server::State::send(Client& client) const {
  const std::string_view rest = std::string_view(client.answer).substr(client.sent);
  const ssize_t size = ::send(client.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  client.sent += static_cast<std::size_t>(size);
  return client.sent < client.answer.size();
}

SystemResult<Server> Server::open(Handler handler) {
  auto listener = listen_somewhere();
  if (!listener) return Err<SystemError>(listener.error());
  auto state = std::make_unique<State>(handler, std::move(*listener));
  if (!state->begin()) return last_error("making an epoll");
  return Server(std::move(state));
}

SystemResult<Server> Server::open(Stack& stack) {
  return open({.context = &stack, .answer = [](void* context, std::string_view line) {
                 return control::answer(*static_cast<Stack*>(context), line);
               }});
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

int Server::fd() const { return state_->epoll.get(); }
const std::string& Server::path() const { return state_->listener.path; }

void Server::run() {
  std::array<epoll_event, kClientsMax + 1> events;
  const int count = ::epoll_wait(state_->epoll.get(), events.data(), static_cast<int>(events.size()), 0);
  for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
    event.data.u32 == kListener ? state_->accept() : state_->serve(event.data.u32);
  }
}

}  // namespace strata::control
