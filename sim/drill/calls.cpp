#include "sim/drill/calls.hpp"

#include <algorithm>

#include "sim/drill/symbols.hpp"

namespace strata::drill {
namespace {

/// No host has as many descriptors: what the script never opened is a bad descriptor there too.
constexpr int kNeverOpened = 1'000'000;

std::string result_text(long result) {
  return result < 0 ? "-1 " + error_name(static_cast<int>(-result)) : std::to_string(result);
}

std::string expected_text(const Call& call, std::int64_t expected) {
  return std::to_string(expected) + (call.error.empty() ? "" : " " + call.error);
}

}  // namespace

Calls::Calls(posix::Host& host, const Ends& ends, Profile profile)
    : host_(host), ends_(ends), profile_(profile), to_host_([this](int fd) {
        const auto found = descriptors_.find(fd);
        return found == descriptors_.end() ? kNeverOpened + fd : found->second;
      }) {}

const std::vector<Calls::Row>& Calls::table() {
  static const std::vector<Row> rows = {
      {"socket", &Calls::socket},
      {"bind", &Calls::bind},
      {"listen", &Calls::listen},
      {"accept", &Calls::accept},
      {"accept4", &Calls::accept},
      {"connect", &Calls::connect},
      {"getsockname", &Calls::getsockname},
      {"getpeername", &Calls::getpeername},
      {"shutdown", &Calls::shutdown},
      {"close", &Calls::close},
      {"read", &Calls::read},
      {"readv", &Calls::readv},
      {"recv", &Calls::recv},
      {"recvfrom", &Calls::recvfrom},
      {"recvmsg", &Calls::recvmsg},
      {"write", &Calls::write},
      {"writev", &Calls::writev},
      {"send", &Calls::send},
      {"sendto", &Calls::sendto},
      {"sendmsg", &Calls::sendmsg},
      {"getsockopt", &Calls::getsockopt},
      {"setsockopt", &Calls::setsockopt},
      {"fcntl", &Calls::fcntl},
      {"ioctl", &Calls::ioctl},
      {"poll", &Calls::poll},
      {"epoll_create", &Calls::epoll_create},
      {"epoll_create1", &Calls::epoll_create1},
      {"epoll_ctl", &Calls::epoll_ctl},
      {"epoll_wait", &Calls::epoll_wait},
  };
  return rows;
}

std::expected<Begun, ScriptError> Calls::begin(const Call& call, Position at, Instant now) {
  Arguments args(call, at, to_host_);
  const auto row = std::ranges::find_if(table(), [&](const Row& r) { return call.name == r.name; });
  if (row == table().end()) args.fail(at, "the call " + call.name + "()", Trouble::unsupported);
  if (!call.error.empty() && !error_value(call.error)) {
    args.fail(at, "the error " + call.error, Trouble::unsupported);
  }
  if (call.result && !number_of(*call.result)) args.unsupported(*call.result, "this kind of result");
  Begun begun;
  if (!args.failed()) begun = (this->*row->handler)(args, now);
  if (args.error()) return std::unexpected(*args.error());
  return begun;
}

std::string Calls::finish(const Call& call, const Begun& begun, long result) {
  const bool gives_descriptor = begun.gives != Begun::Gives::number && result >= 0;
  if (gives_descriptor) {
    // A script counts its descriptors itself; which number the host took does not matter.
    if (begun.gives == Begun::Gives::socket) put_under_test(static_cast<int>(result));
    const int fd = static_cast<int>(call.result ? *number_of(*call.result) : result);
    descriptors_[fd] = static_cast<int>(result);
  }
  if (!call.result) return {};
  const std::int64_t expected = *number_of(*call.result);
  bool same = gives_descriptor ? expected >= 0 : result == expected;
  if (!call.error.empty()) same = expected == -1 && result == -*error_value(call.error);
  if (call.error.empty() && expected == -1) same = result < 0;
  if (!same) return "returned " + result_text(result) + ", not " + expected_text(call, expected);
  return result >= 0 && begun.outputs_difference ? begun.outputs_difference(result) : std::string();
}

std::optional<int> Calls::socket_under_test() const {
  return under_test_.empty() ? std::nullopt : std::optional(under_test_.back());
}

void Calls::put_under_test(int fd) {
  std::erase(under_test_, fd);
  under_test_.push_back(fd);
}

void Calls::forget(int fd) {
  std::erase(under_test_, fd);
  std::erase(listening_, fd);
  std::erase_if(descriptors_, [&](const auto& row) { return row.second == fd; });
}

Begun Calls::socket(Arguments& args, Instant) {
  args.expect_count(3, 3);
  const Value* domain = args.value(0);
  const bool usual = domain != nullptr && domain->kind == Value::Kind::ellipsis;
  const int named = usual ? AF_INET : args.integer(0);
  // A script says AF_INET for the family that it is played over.
  const int family = named == AF_INET && !ends_.local.is_v4() ? AF_INET6 : named;
  const int type = args.integer(1);
  const int protocol = args.integer(2);
  if (args.failed()) return {};
  Begun begun = done(host_.socket(family, type, protocol));
  begun.gives = Begun::Gives::socket;
  return begun;
}

Begun Calls::bind(Arguments& args, Instant) {
  args.expect_count(3, 3);
  const int fd = args.descriptor(0);
  const SocketName address = args.address(1, ends_.usual_local());
  if (args.failed()) return {};
  return done(host_.bind(fd, address.get(), address.size));
}

Begun Calls::listen(Arguments& args, Instant) {
  args.expect_count(2, 2);
  const int fd = args.descriptor(0);
  const int backlog = args.integer(1);
  if (args.failed()) return {};
  const int result = host_.listen(fd, backlog);
  if (result == 0) listening_.push_back(fd);
  return done(result);
}

Begun Calls::accept(Arguments& args, Instant now) {
  args.expect_count(3, 4);
  const int fd = args.descriptor(0);
  const int flags = args.count() == 4 ? args.integer(3) : 0;
  if (args.failed()) return {};
  return Begun{.operation = host_.begin_accept(fd, flags, nullptr, nullptr, now),
               .gives = Begun::Gives::socket};
}

Begun Calls::connect(Arguments& args, Instant now) {
  args.expect_count(3, 3);
  const int fd = args.descriptor(0);
  const auto address = std::make_shared<SocketName>(args.address(1, ends_.usual_remote()));
  if (args.failed()) return {};
  put_under_test(fd);
  return Begun{.operation = host_.begin_connect(fd, address->get(), address->size, now), .memory = address};
}

Begun Calls::getsockname(Arguments& args, Instant) { return ask_name(args, &posix::Host::getsockname); }

Begun Calls::getpeername(Arguments& args, Instant) { return ask_name(args, &posix::Host::getpeername); }

Begun Calls::ask_name(Arguments& args, NameCall call) {
  args.expect_count(3, 3);
  const int fd = args.descriptor(0);
  const Value* value = args.value(1);
  const bool any = value != nullptr && value->kind == Value::Kind::ellipsis;
  const Endpoint expected = args.address(1, ends_.usual_local()).endpoint();
  if (args.failed()) return {};
  SocketName name;
  Begun begun = done((host_.*call)(fd, name.get(), &name.size));
  const Endpoint actual = name.endpoint();
  begun.outputs_difference = [=](long) -> std::string {
    return any || actual == expected ? ""
                                     : "the address is " + to_string(actual) + ", not " + to_string(expected);
  };
  return begun;
}

Begun Calls::shutdown(Arguments& args, Instant) {
  args.expect_count(2, 2);
  const int fd = args.descriptor(0);
  const int how = args.integer(1);
  return args.failed() ? Begun{} : done(host_.shutdown(fd, how));
}

Begun Calls::close(Arguments& args, Instant now) {
  args.expect_count(1, 1);
  const int fd = args.descriptor(0);
  if (args.failed()) return {};
  forget(fd);
  return Begun{.operation = host_.begin_close(fd, now)};
}

}  // namespace strata::drill
