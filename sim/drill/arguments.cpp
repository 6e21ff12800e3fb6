#include "sim/drill/arguments.hpp"

#include <arpa/inet.h>

#include <algorithm>

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

sockaddr_in Arguments::address(std::size_t index, const Endpoint& usual) {
  const Value* at = value(index);
  sockaddr_in address = to_sockaddr(usual);
  if (at == nullptr || at->kind == Value::Kind::ellipsis) return address;
  if (at->kind == Value::Kind::symbol) {  // AF_UNSPEC alone
    address.sin_family = static_cast<sa_family_t>(number_in(*at));
    return address;
  }
  if (at->kind != Value::Kind::record) {
    unsupported(*at, "this form of address");
    return address;
  }
  for (const Value& part : at->items) {
    if (part.label == "sa_family" || part.label == "sin_family") {
      address.sin_family = static_cast<sa_family_t>(number_in(part));
    } else if (part.label == "sin_port") {
      address.sin_port = htons(static_cast<std::uint16_t>(number_in(part)));
    } else if (part.label == "sin_addr" && part.kind == Value::Kind::function && part.items.size() == 1) {
      const auto parsed = parse_address(part.items[0].text);
      if (!parsed || !parsed->is_v4())
        unsupported(part, "this address");
      else
        address.sin_addr.s_addr = htonl(parsed->v4_value());
    } else {
      unsupported(part, "the member " + part.label + " of an address");
    }
  }
  return address;
}

std::string to_text(const sockaddr_in& address) {
  return to_string(Endpoint{
      .address = IpAddress::v4(ntohl(address.sin_addr.s_addr)), .zone = 0, .port = ntohs(address.sin_port)});
}

sockaddr_in to_sockaddr(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.v4_value());
  return address;
}

}  // namespace strata::drill
