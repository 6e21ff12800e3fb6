// getsockopt and setsockopt: from the program's memory to a number and back, by the type that the table
// gives.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/option_table.hpp"
#include "api/posix/tcp_info.hpp"
#include "strata/congestion_control.hpp"

namespace strata::posix {
namespace {

struct Value {
  const void* at;
  std::size_t size;

  template <class T>
  std::optional<T> as() const {
    T value;
    if (size < sizeof value) return std::nullopt;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
};

int read_time(const Value& value, long& number) {
  const auto time = value.as<timeval>();
  if (!time) return -EINVAL;
  if (time->tv_usec < 0 || time->tv_usec >= 1'000'000) return -EDOM;
  // Linux takes a negative time for "do not wait"; a microsecond is as good.
  number = time->tv_sec < 0 ? 1 : time->tv_sec * 1'000'000 + time->tv_usec;
  return 0;
}

int read_name(const Value& value, const TcpConfig& config, long& number) {
  const std::string_view text(static_cast<const char*>(value.at),
                              strnlen(static_cast<const char*>(value.at), value.size));
  const std::optional<CongestionAlgorithm> found = find_controller(config, text);
  if (!found) return -ENOENT;
  number = static_cast<long>(*found);
  return 0;
}

/// As Linux: all ones are no limit, in either size.
void read_rate(const Value& value, long& number) {
  if (const auto wide = value.as<unsigned long>()) {
    number = static_cast<long>(*wide);
  } else if (const auto narrow = value.as<unsigned>()) {
    number = *narrow == ~0U ? -1 : static_cast<long>(*narrow);
  }
}

int read_value(OptionType type, const Value& value, const TcpConfig& config, long& number) {
  switch (type) {
    case OptionType::linger: {
      const auto wish = value.as<::linger>();
      if (!wish) return -EINVAL;
      number = wish->l_onoff == 0 ? -1 : std::max(wish->l_linger, 0);
      return 0;
    }
    case OptionType::time: return read_time(value, number);
    case OptionType::name: return read_name(value, config, number);
    case OptionType::rate:
      if (value.size < sizeof(unsigned)) return -EINVAL;
      read_rate(value, number);
      return 0;
    case OptionType::octet:
      if (value.size < sizeof(int)) {
        number = value.as<std::uint8_t>().value_or(0);
        return 0;
      }
      [[fallthrough]];
    default: {
      const auto integer = value.as<int>();
      if (!integer) return -EINVAL;
      number = *integer;
      return 0;
    }
  }
}

/// Copies as much as there is room for, and says how much that was.
template <class T>
int give(const T& value, void* to, socklen_t* size) {
  *size = static_cast<socklen_t>(std::min<std::size_t>(*size, sizeof value));
  std::memcpy(to, &value, *size);
  return 0;
}

int give_integer(OptionType type, int value, void* to, socklen_t* size) {
  const bool fits_an_octet = value >= 0 && value <= 255;
  if (type == OptionType::octet && *size > 0 && *size < sizeof value && fits_an_octet) {
    return give(static_cast<std::uint8_t>(value), to, size);
  }
  return give(value, to, size);
}

int write_value(OptionType type, long number, const TcpConfig& config, void* to, socklen_t* size) {
  switch (type) {
    case OptionType::linger:
      return give(::linger{.l_onoff = number >= 0, .l_linger = static_cast<int>(std::max(number, 0L))}, to,
                  size);
    case OptionType::time:
      return give(timeval{.tv_sec = number / 1'000'000, .tv_usec = number % 1'000'000}, to, size);
    case OptionType::name: {
      char text[16] = {};  // TCP_CA_NAME_MAX
      controller_name(config, static_cast<CongestionAlgorithm>(number)).copy(text, sizeof text - 1);
      return give(text, to, size);
    }
    case OptionType::rate: {
      const auto rate = static_cast<unsigned long>(number);
      if (*size >= sizeof rate) return give(rate, to, size);
      return give(static_cast<unsigned>(std::min<unsigned long>(rate, ~0U)), to, size);
    }
    default: return give_integer(type, static_cast<int>(number), to, size);
  }
}

bool is_connected(const Socket& socket) {
  if (socket.kind() == File::Kind::stream) return static_cast<const StreamSocket&>(socket).is_established();
  return static_cast<const DatagramSocket&>(socket).remote().has_value();
}

/// Whether a socket of this kind has options on this level at all.
bool has_level(const Socket& socket, int level) {
  const bool tcp = level == IPPROTO_TCP && socket.kind() == File::Kind::stream;
  return level == SOL_SOCKET || level == IPPROTO_IP || (level == IPPROTO_IPV6 && socket.is_ipv6()) || tcp;
}

}  // namespace

int Host::getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  const OptionRow* row = find_option(socket->kind(), level, name, socket->family);
  if (row == nullptr) return has_level(*socket, level) ? -ENOPROTOOPT : -EOPNOTSUPP;
  if (value == nullptr || size == nullptr) return -EFAULT;
  if (static_cast<int>(*size) < 0) return -EINVAL;
  if (row->when == When::connected && !is_connected(*socket)) return -ENOTCONN;
  if (row->type == OptionType::info) {
    *size = static_cast<socklen_t>(copy_tcp_info(static_cast<const StreamSocket&>(*socket), value, *size));
    return 0;
  }
  if (row->type == OptionType::cc_info) {
    *size = static_cast<socklen_t>(copy_cc_info(static_cast<const StreamSocket&>(*socket), value, *size));
    return 0;
  }
  return write_value(row->type, row->get(*socket), socket->stack().tcp_config(), value, size);
}

int Host::setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  if (static_cast<int>(size) < 0) return -EINVAL;
  const OptionRow* row = find_option(socket->kind(), level, name, socket->family);
  // Linux reads an int before it looks for the name, but for the options of the IP level and for words.
  const bool is_int = row == nullptr || (row->type != OptionType::octet && row->type != OptionType::name);
  if (level != IPPROTO_IP && has_level(*socket, level) && is_int && size < sizeof(int)) return -EINVAL;
  if (row == nullptr || row->set == nullptr) return -ENOPROTOOPT;
  if (value == nullptr) return -EFAULT;
  long number = 0;
  if (const int bad =
          read_value(row->type, {.at = value, .size = size}, socket->stack().tcp_config(), number);
      bad != 0)
    return bad;
  if (number < row->first || number > row->last) return -EINVAL;
  return row->set(*socket, number);
}

}  // namespace strata::posix
