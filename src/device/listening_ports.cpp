#include "device/listening_ports.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_order.hpp"

namespace strata {
namespace {

constexpr std::string_view kStateListen = "0A";

std::string read_whole(int fd) {
  std::string text;
  std::array<char, 4096> part;
  for (;;) {
    const ssize_t got = ::pread(fd, part.data(), part.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint32_t> parse_hex(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Words of 32 bits, each printed as the number that its bytes in memory make.
std::optional<IpAddress> parse_proc_address(std::string_view hex) {
  if (hex.size() != 8 && hex.size() != 32) return std::nullopt;
  IpAddress::Octets octets = IpAddress::v4(0).octets();
  std::uint8_t* to = octets.data() + octets.size() - hex.size() / 2;
  for (std::size_t at = 0; at < hex.size(); at += 8, to += 4) {
    const auto word = parse_hex(hex.substr(at, 8));
    if (!word) return std::nullopt;
    std::memcpy(to, &*word, 4);
  }
  return IpAddress::v6(octets);
}

/// `0: 0100007F:1F90 00000000:0000 0A ...`
bool is_listener(std::string_view line, const IpAddress& address, std::uint16_t port) {
  next_word(line);
  const std::string_view local = next_word(line);
  next_word(line);
  if (next_word(line) != kStateListen) return false;
  const std::size_t colon = local.find(':');
  if (colon == std::string_view::npos || parse_hex(local.substr(colon + 1)) != port) return false;
  const auto bound = parse_proc_address(local.substr(0, colon));
  return bound && (bound->is_unspecified() || *bound == address);
}

}  // namespace

bool is_listening(int proc_net_tcp, const IpAddress& address, std::uint16_t port) {
  const std::string text = read_whole(proc_net_tcp);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (is_listener(line, address, port)) return true;
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  return false;
}

}  // namespace strata
