// Boost.URL behind a wall: it parses, this file decides what we accept.
#include "application/http/url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/pchars.hpp>
#include <boost/url/src.hpp>
#include <boost/url/url_view.hpp>

namespace strata::http {
namespace {

namespace urls = boost::urls;

std::unexpected<std::string> refuse(std::string_view text, std::string_view why) {
  return std::unexpected(std::string(text) + ": " + std::string(why));
}

std::expected<IpAddress, std::string> host_address(std::string_view text, const urls::url_view& url) {
  if (url.host_type() == urls::host_type::name) {
    if (url.host().empty()) return refuse(text, "no address in this URL; write http://10.77.0.1/");
    return refuse(
        url.host(),
        "names need the resolver, which does not exist yet: give an address, as in http://10.77.0.1/");
  }
  const auto address = parse_address(std::string_view(url.host_address()));
  if (!address) return refuse(text, "this kind of address is not supported; write http://10.77.0.1/");
  return *address;
}

}  // namespace

std::expected<Url, std::string> parse_url(std::string_view text) {
  const std::string full =
      text.find("://") == std::string_view::npos ? "http://" + std::string(text) : std::string(text);
  const auto parsed = urls::parse_uri(full);
  if (!parsed) return refuse(text, "not a URL; write http://ADDRESS[:PORT]/PATH");
  const urls::url_view& url = *parsed;
  if (url.scheme_id() == urls::scheme::https)
    return refuse(text, "https needs TLS, which does not exist yet: use http");
  if (url.scheme_id() != urls::scheme::http) return refuse(text, "only http:// URLs are supported");
  if (url.has_userinfo()) return refuse(text, "a user name in the URL is not supported");
  const auto address = host_address(text, url);
  if (!address) return std::unexpected(address.error());
  const std::uint16_t port = url.port().empty() ? std::uint16_t{80} : url.port_number();
  if (port == 0) return refuse(text, "the port must be 1 to 65535");

  const std::string host = address->is_v4() ? to_string(*address) : '[' + to_string(*address) + ']';
  Url result{.server = {.address = *address, .port = port}, .host = host, .target = {}};
  if (port != 80) result.host += ':' + std::to_string(port);
  result.target = std::string(std::string_view(url.encoded_resource()));
  if (!result.target.starts_with('/')) result.target.insert(0, "/");
  if (const auto fragment = result.target.find('#'); fragment != std::string::npos)
    result.target.resize(fragment);
  return result;
}

std::expected<TargetPath, std::string> parse_target(std::string_view target) {
  const auto parsed =
      target.starts_with('/') ? urls::parse_origin_form(target) : urls::parse_absolute_uri(target);
  if (!parsed) return refuse(target, "not a request-target");
  TargetPath path;
  const auto segments = parsed->encoded_segments();
  std::size_t left = segments.size();
  path.is_directory = left == 0;
  for (const urls::pct_string_view segment : segments) {
    const std::string name = segment.decode();
    --left;
    if (name.find('\0') != std::string::npos || name.find('/') != std::string::npos || name == "..") {
      return refuse(target, "the path leads out of the site");
    }
    const bool names_nothing = name.empty() || name == ".";
    if (!names_nothing) path.names.push_back(name);
    if (left == 0) path.is_directory = names_nothing;
  }
  return path;
}

std::string encode_directory(const std::vector<std::string>& names) {
  std::string path = "/";
  for (const std::string& name : names) path += urls::encode(name, urls::pchars) + '/';
  return path;
}

}  // namespace strata::http
