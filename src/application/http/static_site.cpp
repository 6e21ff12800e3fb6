// One step per function: the method, the path, the file, its conditions (RFC 9110 §13.2.2), its ranges (§14).
#include "application/http/static_site.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "application/http/byte_range.hpp"
#include "application/http/content_type.hpp"
#include "application/http/http_date.hpp"

namespace strata::http {
namespace {

constexpr std::string_view kBoundary = "strata-byte-range-7f3a9c51";

/// What a client's cache compares (RFC 9110 §8.8).
struct Validators {
  std::string etag;
  std::int64_t modified = 0;
};

Validators validators_of(const File& file) {
  char etag[48];
  std::snprintf(etag, sizeof etag, "\"%llx-%llx\"", static_cast<unsigned long long>(file.modified_nanos()),
                static_cast<unsigned long long>(file.size()));
  return {etag, file.modified_seconds()};
}

/// RFC 9110 §13.1.2: a list of tags, compared weakly; our tags hold no comma and no space.
bool names_tag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    std::string_view tag = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (tag.starts_with(' ') || tag.starts_with('\t')) tag.remove_prefix(1);
    while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == etag) return true;
  }
  return false;
}

/// RFC 9110 §13.2.2, steps 3 and 4.
bool client_has_it(const Request& request, const Validators& validators) {
  if (const auto* tags = request.fields.find("If-None-Match")) return names_tag(*tags, validators.etag);
  const auto* since = request.fields.find("If-Modified-Since");
  const auto date = since != nullptr ? parse_date(*since) : std::nullopt;
  return date && validators.modified <= *date;
}

/// RFC 9110 §13.1.5: a range counts only while the file is still the one the client knows.
bool range_applies(const Request& request, const Validators& validators) {
  const auto* condition = request.fields.find("If-Range");
  if (condition == nullptr) return true;
  return *condition == validators.etag || parse_date(*condition) == std::optional(validators.modified);
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.first + range.length - 1) + '/' +
         std::to_string(size);
}

void add_single_range(Response& response, const std::shared_ptr<File>& file, const ByteRange& range,
                      std::string_view type) {
  response.status = 206;
  response.fields.add("Content-Type", type);
  response.fields.add("Content-Range", content_range(range, file->size()));
  response.body.emplace_back(FileRange{file, range.first, range.length});
}

/// RFC 9110 §14.6: one body part per range.
void add_multiple_ranges(Response& response, const std::shared_ptr<File>& file,
                         const std::vector<ByteRange>& ranges, std::string_view type) {
  response.status = 206;
  response.fields.add("Content-Type", "multipart/byteranges; boundary=" + std::string(kBoundary));
  for (const ByteRange& range : ranges) {
    response.body.emplace_back("\r\n--" + std::string(kBoundary) + "\r\nContent-Type: " + std::string(type) +
                               "\r\nContent-Range: " + content_range(range, file->size()) + "\r\n\r\n");
    response.body.emplace_back(FileRange{file, range.first, range.length});
  }
  response.body.emplace_back("\r\n--" + std::string(kBoundary) + "--\r\n");
}

Response serve_file(const Request& request, const std::shared_ptr<File>& file, std::string_view file_name) {
  const Validators validators = validators_of(*file);
  const std::string_view type = content_type(file_name);
  Response response;
  response.fields.add("Last-Modified", format_date(validators.modified));
  response.fields.add("ETag", validators.etag);
  response.fields.add("Accept-Ranges", "bytes");
  if (client_has_it(request, validators)) {
    response.status = 304;
    return response;
  }
  const auto* field = request.fields.find("Range");
  // RFC 9110 §14.2: a Range is for GET only; several Range fields are no valid request for one.
  const bool wants_range = request.method == "GET" && request.fields.count("Range") == 1;
  const RangeRequest range =
      wants_range && range_applies(request, validators) ? parse_range(*field, file->size()) : RangeRequest{};
  switch (range.verdict) {
    case RangeVerdict::whole:
      response.fields.add("Content-Type", type);
      response.body.emplace_back(FileRange{file, 0, file->size()});
      return response;
    case RangeVerdict::partial:
      if (range.ranges.size() == 1) {
        add_single_range(response, file, range.ranges.front(), type);
      } else {
        add_multiple_ranges(response, file, range.ranges, type);
      }
      return response;
    case RangeVerdict::unsatisfiable: break;
  }
  response = status_response(416);
  response.fields.add("Content-Range", "bytes */" + std::to_string(file->size()));
  return response;
}

Response file_error(FileError error) {
  switch (error) {
    case FileError::not_found: return status_response(404);
    case FileError::forbidden: return status_response(403);
    case FileError::busy: return status_response(503);
    case FileError::io_error: return status_response(500);
  }
  std::unreachable();
}

}  // namespace

Response StaticSite::operator()(const Request& request, const Now&) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = status_response(405);
    response.fields.add("Allow", "GET, HEAD");
    return response;
  }
  const auto path = parse_target(request.target);
  return path ? serve_path(request, *path) : status_response(400);
}

Response StaticSite::serve_path(const Request& request, const TargetPath& path) const {
  std::vector<std::string> names = path.names;
  if (path.is_directory) names.emplace_back("index.html");
  auto opened = root_->open(names);
  if (!opened) return file_error(opened.error());
  const auto file = std::make_shared<File>(std::move(*opened));
  if (!file->is_directory()) return serve_file(request, file, names.back());
  if (path.is_directory) return status_response(404);  // a directory called index.html
  Response response = status_response(301);
  const auto query = std::min(request.target.find('?'), request.target.size());
  response.fields.add("Location", encode_directory(path.names) + request.target.substr(query));
  return response;
}

}  // namespace strata::http
