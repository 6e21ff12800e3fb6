// Look-up of header fields, sizes of bodies, the words of status codes.
#include "application/http/message.hpp"

#include <algorithm>

namespace strata::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

const std::string* Fields::find(std::string_view name) const {
  const auto it =
      std::ranges::find_if(list_, [name](const Field& field) { return same_name(field.name, name); });
  return it == list_.end() ? nullptr : &it->value;
}

std::size_t Fields::count(std::string_view name) const {
  const auto n =
      std::ranges::count_if(list_, [name](const Field& field) { return same_name(field.name, name); });
  return static_cast<std::size_t>(n);
}

std::uint64_t size(const Part& part) {
  if (const auto* range = std::get_if<FileRange>(&part)) return range->length;
  return std::get<std::string>(part).size();
}

std::uint64_t body_size(const Response& response) {
  std::uint64_t total = 0;
  for (const Part& part : response.body) total += size(part);
  return total;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 412: return "Precondition Failed";
    case 414: return "URI Too Long";
    case 416: return "Range Not Satisfiable";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

Response status_response(int status) {
  Response response;
  response.status = status;
  response.fields.add("Content-Type", "text/plain; charset=utf-8");
  response.body.emplace_back(std::to_string(status) + ' ' + std::string(reason_phrase(status)) + '\n');
  return response;
}

}  // namespace strata::http
