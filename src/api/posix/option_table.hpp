// The options of sockets as one table: level, name, type, range, which sockets have it and when, whether
// accept(2) hands it on, and how it is read and written. getsockopt and setsockopt (options.cpp) know the
// types, only this table knows the options.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/posix/socket.hpp"

namespace strata::posix {

/// How a value looks in the program's memory. Inside, every one is a `long`.
enum class OptionType : std::uint8_t {
  flag,     ///< int, 0 or 1; any other value sets it
  integer,  ///< int
  octet,    ///< int, or a single byte, as the options of the IP level allow
  linger,   ///< struct linger; inside: seconds, -1 when off
  time,     ///< struct timeval; inside: microseconds
  info,     ///< struct tcp_info; read by tcp_info.cpp
  cc_info,  ///< union tcp_cc_info; likewise
  rate,     ///< unsigned long, or unsigned int; inside: -1 when there is no limit
  name,     ///< text; the number of an algorithm inside
};

enum class Applies : std::uint8_t { stream, both };
/// When an option can be read; otherwise it is ENOTCONN.
enum class When : std::uint8_t { always, connected };

struct OptionRow {
  int level;
  int name;
  std::string_view text;  ///< the name as programs spell it
  OptionType type;
  long first;  ///< smallest and
  long last;   ///< largest value; others are EINVAL
  Applies applies;
  When when;
  bool inherited;  ///< by the sockets that accept(2) makes
  long (*get)(Socket& socket);
  /// 0 or -errno. nullptr: cannot be written.
  int (*set)(Socket& socket, long value);
};

std::span<const OptionRow> option_table();
/// nullptr: sockets of this kind and family have no such option.
const OptionRow* find_option(File::Kind kind, int level, int name, int family = AF_INET);
/// What a socket that accept(2) makes begins with.
SocketOptions inherited_options(const SocketOptions& listener);

}  // namespace strata::posix
