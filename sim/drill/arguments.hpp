// The arguments of one call as values of this system. The first that makes no sense is kept with its place,
// and the call is then not made.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/drill/script.hpp"
#include "strata/address.hpp"

namespace strata::drill {

/// The number that a value stands for: an integer, a symbol, `A|B`, `htons(80)`.
std::optional<std::int64_t> number_of(const Value& value);
/// The member of a record, or null.
const Value* member(const Value& record, std::string_view name);

/// An address as calls take and give it: sockaddr_in, or sockaddr_in6 where the script is played over IPv6.
struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  SocketName() = default;
  SocketName(const Endpoint& endpoint, Family family);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  Endpoint endpoint() const;
};

class Arguments {
 public:
  /// `descriptors` translates the script's descriptors into the host's. All must outlive the arguments.
  Arguments(const Call& call, Position at, const std::function<int(int)>& descriptors)
      : call_(&call), at_(at), descriptors_(&descriptors) {}

  std::size_t count() const { return call_->arguments.size(); }
  /// Complains when there are fewer or more.
  void expect_count(std::size_t least, std::size_t most);
  /// Null, with a complaint, when there is no such argument.
  const Value* value(std::size_t index);
  std::int64_t number(std::size_t index);
  int integer(std::size_t index) { return static_cast<int>(number(index)); }
  /// The same, of a part of an argument.
  std::int64_t number_in(const Value& value);
  int descriptor(std::size_t index) { return (*descriptors_)(integer(index)); }
  int descriptor_in(const Value& value) { return (*descriptors_)(static_cast<int>(number_in(value))); }
  /// `...` means `usual`; or a record with sin_port and sin_addr.
  SocketName address(std::size_t index, const Endpoint& usual);

  void unsupported(const Value& value, std::string what);
  void fail(Position at, std::string what, Trouble trouble = Trouble::syntax);
  bool failed() const { return error_.has_value(); }
  const std::optional<ScriptError>& error() const { return error_; }

 private:
  const Call* call_;
  Position at_;
  const std::function<int(int)>* descriptors_;
  std::optional<ScriptError> error_;
};

}  // namespace strata::drill
