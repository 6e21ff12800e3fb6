#include "sim/drill/arguments.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "sim/drill/symbols.hpp"

namespace strata::drill {
namespace {

std::optional<std::int64_t> bits_of(const Value& value) {
  std::int64_t bits = 0;
  for (const Value& item : value.items) {
    const auto number = number_of(item);
    if (!number) return std::nullopt;
    bits |= *number;
  }
  return bits;
}

std::string what_is(const Value& value) {
  if (value.kind == Value::Kind::symbol) return "the symbol " + value.text;
  if (value.kind == Value::Kind::function) return value.text + "()";
  if (value.kind == Value::Kind::any_bits) {
    const auto unknown =
        std::ranges::find_if(value.items, [](const Value& item) { return !number_of(item); });
    if (unknown != value.items.end()) return what_is(*unknown);
  }
  return "this kind of value here";
}

}  // namespace

std::optional<std::int64_t> number_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::integer: return value.number;
    case Value::Kind::symbol: return symbol_value(value.text);
    case Value::Kind::any_bits: return bits_of(value);
    case Value::Kind::function: {
      const bool swaps = value.text == "htons" || value.text == "htonl";
      return swaps && value.items.size() == 1 ? number_of(value.items[0]) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

const Value* member(const Value& record, std::string_view name) {
  const auto found = std::ranges::find(record.items, name, &Value::label);
  return found == record.items.end() ? nullptr : &*found;
}

void Arguments::fail(Position at, std::string what, Trouble trouble) {
  if (!error_) error_ = ScriptError{.trouble = trouble, .at = at, .what = std::move(what)};
}

void Arguments::unsupported(const Value& value, std::string what) {
  fail(value.at, std::move(what), Trouble::unsupported);
}

void Arguments::expect_count(std::size_t least, std::size_t most) {
  if (count() >= least && count() <= most) return;
  fail(at_, call_->name + "() takes " + std::to_string(least) +
                (most > least ? " to " + std::to_string(most) : "") + " arguments, not " +
                std::to_string(count()));
}

const Value* Arguments::value(std::size_t index) {
  if (index < count()) return &call_->arguments[index];
  fail(at_, call_->name + "() needs more arguments");
  return nullptr;
}

std::int64_t Arguments::number_in(const Value& value) {
  const auto number = number_of(value);
  if (!number) unsupported(value, what_is(value));
  return number.value_or(0);
}

std::int64_t Arguments::number(std::size_t index) {
  const Value* at = value(index);
  return at == nullptr ? 0 : number_in(*at);
}

SocketName Arguments::address(std::size_t index, const Endpoint& usual) {
  const Value* at = value(index);
  const Family family = usual.address.family();
  SocketName name(usual, family);
  if (at == nullptr || at->kind == Value::Kind::ellipsis) return name;
  if (at->kind == Value::Kind::symbol) {  // AF_UNSPEC alone
    name.storage.ss_family = static_cast<sa_family_t>(number_in(*at));
    return name;
  }
  if (at->kind != Value::Kind::record) {
    unsupported(*at, "this form of address");
    return name;
  }
  Endpoint said = usual;
  auto spelled = name.storage.ss_family;
  for (const Value& part : at->items) {
    if (part.label == "sa_family" || part.label == "sin_family") {
      spelled = static_cast<sa_family_t>(number_in(part));
    } else if (part.label == "sin_port") {
      said.port = static_cast<std::uint16_t>(number_in(part));
    } else if (part.label == "sin_addr" && part.kind == Value::Kind::function && part.items.size() == 1) {
      const auto parsed = parse_address(part.items[0].text);
      if (!parsed || !parsed->is_v4())
        unsupported(part, "this address");
      else
        said.address = *parsed;
    } else {
      unsupported(part, "the member " + part.label + " of an address");
    }
  }
  name = SocketName(said, family);
  // A script says AF_INET for the family that it is played over.
  if (spelled != AF_INET) name.storage.ss_family = spelled;
  return name;
}

SocketName::SocketName(const Endpoint& endpoint, Family family) {
  if (family == Family::ipv6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address.octets().data(), sizeof address.sin6_addr);
    std::memcpy(&storage, &address, size = sizeof address);
    return;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.v4_value());
  std::memcpy(&storage, &address, size = sizeof address);
}

Endpoint SocketName::endpoint() const {
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address;
    std::memcpy(&address, &storage, sizeof address);
    IpAddress::Octets octets;
    std::memcpy(octets.data(), &address.sin6_addr, octets.size());
    return {.address = IpAddress::v6(octets), .zone = 0, .port = ntohs(address.sin6_port)};
  }
  sockaddr_in address;
  std::memcpy(&address, &storage, sizeof address);
  return {
      .address = IpAddress::v4(ntohl(address.sin_addr.s_addr)), .zone = 0, .port = ntohs(address.sin_port)};
}

}  // namespace strata::drill
