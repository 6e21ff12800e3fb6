// Two listeners to Beast's basic_parser, and the buffering around it: Beast consumes whole lines, so that the
// piece of a line that has arrived waits here for the rest of it.
#include "application/http/parser.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <utility>

namespace strata::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using Error = beast::http::error;
using Text = beast::string_view;
using Length = boost::optional<std::uint64_t>;

std::string_view view(Text text) { return {text.data(), text.size()}; }

/// Beast's events, all of them ignored.
template <bool IsRequest>
class Listener : public beast::http::basic_parser<IsRequest> {
 protected:
  Listener() {
    this->header_limit(kHeaderBytesMax);
    this->body_limit(boost::none);
  }
  void on_request_impl(beast::http::verb, Text, Text, int, error_code&) override {}
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_field_impl(beast::http::field, Text, Text, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const Length&, error_code&) override {}
  std::size_t on_body_impl(Text body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}
};

class RequestListener final : public Listener<true> {
 public:
  RequestListener() { eager(false); }

  Request request;

 private:
  void on_request_impl(beast::http::verb, Text method, Text target, int version, error_code&) override {
    request.method = view(method);
    request.target = view(target);
    request.http_1_1 = version == 11;
  }
  void on_field_impl(beast::http::field, Text name, Text value, error_code&) override {
    request.fields.add(view(name), view(value));
  }
  void on_header_impl(error_code&) override {
    request.keep_alive = keep_alive();
    // Whatever Transfer-Encoding says: something follows, and where it ends is not for us to guess.
    request.has_body = content_length().value_or(0) > 0 || request.fields.count("Transfer-Encoding") > 0;
  }
};

class ResponseListener final : public Listener<false> {
 public:
  explicit ResponseListener(const BodySink& sink) : sink_(sink) { eager(true); }

  ResponseHead head;

 private:
  void on_response_impl(int status, Text reason, int, error_code&) override {
    head.status = status;
    head.reason = view(reason);
  }
  void on_field_impl(beast::http::field, Text name, Text value, error_code&) override {
    if (!is_header_done()) head.fields.add(view(name), view(value));  // trailer fields are of no use here
  }
  void on_header_impl(error_code&) override {
    if (const Length length = content_length()) head.content_length = *length;
  }
  std::size_t on_body_impl(Text body, error_code& error) override { return write(body, error); }
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& error) override {
    return write(body, error);
  }

  std::size_t write(Text body, error_code& error) {
    if (!body.empty() && !sink_(as_bytes(view(body)))) error = Error::need_buffer;
    return body.size();
  }

  const BodySink& sink_;
};

constexpr const char* kHeaderTooLarge = "the server's header is larger than 32 KiB";

/// True for `HTTP/2.0` at the end of the request line: well-formed, but not ours.
bool names_another_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const auto space = line.rfind(' ');
  if (space == std::string_view::npos || std::ranges::count(line, ' ') != 2) return false;
  const std::string_view version = line.substr(space + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' &&
         digit(version[7]);
}

/// A line feed that ends no line, among the last `fresh` bytes of the lines in `held`.
bool has_bare_line_feed(std::string_view held, std::size_t fresh) {
  for (std::size_t i = held.size() - std::min(held.size(), fresh); i < held.size(); ++i) {
    if (held[i] == '\n' && (i == 0 || held[i - 1] != '\r')) return true;
  }
  return false;
}

/// RFC 9112 §3.2: exactly one Host in HTTP/1.1, at most one in HTTP/1.0.
bool has_valid_host(const Request& request) {
  const std::size_t hosts = request.fields.count("Host");
  return hosts == 1 || (hosts == 0 && !request.http_1_1);
}

}  // namespace

struct RequestParser::Impl {
  std::optional<RequestListener> listener;
  std::string held;            // what Beast has not consumed: the beginning of a line
  std::size_t head_bytes = 0;  // of this request, consumed or held
  int error_status = 0;
  bool complete = false;

  Impl() { listener.emplace(); }

  void parse(std::size_t fresh) {
    error_code error;
    const std::size_t used = listener->put({held.data(), held.size()}, error);
    if (error && error != Error::need_more) {
      error_status = status_of(error);
      return;
    }
    held.erase(0, used);
    complete = listener->is_header_done();
    if (complete) {
      check();
    } else if (has_bare_line_feed(held, fresh)) {
      error_status = 400;  // Beast would wait for the line to end
    } else if (head_bytes >= kHeaderBytesMax) {
      error_status = status_of(Error::header_limit);
    }
  }

  int status_of(error_code error) const {
    const bool line_complete = !listener->request.method.empty() || held.find("\r\n") != std::string::npos;
    if (error == Error::header_limit) return line_complete ? 431 : 414;
    return error == Error::bad_version && names_another_version(held) ? 505 : 400;
  }

  void check() {
    if (listener->request.target.size() > kTargetBytesMax) {
      error_status = 414;
    } else if (!has_valid_host(listener->request)) {
      error_status = 400;
    }
  }
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::size_t RequestParser::feed(Bytes data) {
  Impl& self = *impl_;
  std::size_t used = 0;
  // RFC 9112 §2.2: empty lines before a request are passed over.
  while (self.head_bytes == 0 && used < data.size() && (data[used] == '\r' || data[used] == '\n')) ++used;
  data = data.subspan(used);
  if (data.empty() || self.error_status != 0 || self.complete) return used;
  const std::size_t taken = std::min(data.size(), kHeaderBytesMax - self.head_bytes);
  self.held += as_text(data.first(taken));
  self.head_bytes += taken;
  self.parse(taken);
  if (!self.complete) return used + taken;
  // What is left over belongs to the next request, and all of it came with this call.
  return used + taken - std::exchange(self.held, {}).size();
}

std::optional<Request> RequestParser::take() {
  if (!impl_->complete || impl_->error_status != 0) return {};
  Request request = std::move(impl_->listener->request);
  impl_ = std::make_unique<Impl>();
  return request;
}

int RequestParser::error_status() const { return impl_->error_status; }
bool RequestParser::has_partial() const { return impl_->head_bytes != 0; }

struct ResponseParser::Impl {
  BodySink sink;
  std::optional<ResponseListener> listener;
  std::string held;
  std::size_t head_bytes = 0;

  explicit Impl(BodySink body_sink) : sink(std::move(body_sink)) { listener.emplace(sink); }

  /// Parses one stretch; what Beast cannot use yet is left in `data`.
  std::expected<void, std::string> parse(Bytes& data) {
    while (!data.empty() && !done()) {
      error_code error;
      const bool was_head = !listener->is_header_done();
      const std::size_t used = listener->put({data.data(), data.size()}, error);
      data = data.subspan(used);
      if (was_head) head_bytes += used;
      if (error == Error::need_more) break;
      if (error == Error::need_buffer) return std::unexpected("the body could not be stored");
      if (error == Error::header_limit) return std::unexpected(kHeaderTooLarge);
      if (error) return std::unexpected("the server's answer is not HTTP/1.1: " + error.message());
      if (listener->is_header_done() && listener->head.status / 100 == 1) listener.emplace(sink);
    }
    return check_limits(data.size());
  }

  std::expected<void, std::string> check_limits(std::size_t waiting) const {
    if (done()) return {};
    const bool head_too_large = !listener->is_header_done() && head_bytes + waiting > kHeaderBytesMax;
    if (head_too_large || waiting > kHeaderBytesMax) return std::unexpected(kHeaderTooLarge);
    return {};
  }

  bool done() const { return listener->is_done(); }
};

ResponseParser::ResponseParser(BodySink sink) : impl_(std::make_unique<Impl>(std::move(sink))) {}
ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;

std::expected<void, std::string> ResponseParser::feed(Bytes data) {
  Impl& self = *impl_;
  if (self.held.empty()) {
    const auto result = self.parse(data);
    self.held = as_text(data);
    return result;
  }
  self.held += as_text(data);
  Bytes all = as_bytes(self.held);
  const auto result = self.parse(all);
  self.held.erase(0, self.held.size() - all.size());
  return result;
}

std::expected<void, std::string> ResponseParser::finish() {
  if (done()) return {};
  error_code error;
  if (impl_->listener->got_some()) impl_->listener->put_eof(error);
  if (!impl_->listener->got_some()) return std::unexpected("the server closed without an answer");
  if (error) return std::unexpected("the server closed before the answer was complete");
  return {};
}

const ResponseHead* ResponseParser::head() const {
  return impl_->listener->is_header_done() ? &impl_->listener->head : nullptr;
}
bool ResponseParser::done() const { return impl_->done(); }

}  // namespace strata::http
