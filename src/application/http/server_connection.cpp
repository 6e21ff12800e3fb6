// The order of one exchange: feed() parses and asks the handler, queue() frames the answer, output() and
// consume_output() hand it over, finish_answer() turns to the next request or to the end.
#include "application/http/server_connection.hpp"

#include <algorithm>
#include <utility>

#include "application/http/http_date.hpp"

namespace strata::http {
namespace {

constexpr std::size_t kPieceBytes = 128 * 1024;

bool has_content(int status) { return status != 304 && status != 204; }

/// RFC 9112 §4 and §6.2: status line, the handler's fields and those of the framing.
std::string head_text(const Response& response, bool close, const Now& now) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  text += reason_phrase(response.status);
  text += "\r\nDate: " + format_date(now.unix_seconds);
  for (const Field& field : response.fields) text += "\r\n" + field.name + ": " + field.value;
  if (has_content(response.status)) text += "\r\nContent-Length: " + std::to_string(body_size(response));
  text += close ? "\r\nConnection: close" : "\r\nConnection: keep-alive";
  text += "\r\n\r\n";
  return text;
}

}  // namespace

ServerConnection::ServerConnection(const Handler& handler, const ServerTimeouts& timeouts, Instant now)
    : handler_(&handler), timeouts_(timeouts), progress_(now) {}

std::size_t ServerConnection::feed(Bytes data, const Now& now) {
  if (state_ == State::lingering) return data.size();
  if (state_ != State::reading || data.empty()) return 0;
  const bool was_partial = parser_.has_partial();
  const std::size_t taken = parser_.feed(data);
  if (!was_partial) progress_ = now.monotonic;
  if (parser_.error_status() != 0) {
    refuse(parser_.error_status(), now);
  } else if (const auto request = parser_.take()) {
    answer(*request, now);
  }
  return taken;
}

void ServerConnection::on_peer_closed() {
  last_ = true;
  if (state_ == State::reading) state_ = State::lingering;
}

void ServerConnection::answer(const Request& request, const Now& now) {
  ++requests_;
  // A body is never read, so that nobody can hide a second request in it: the answer to it is the last one.
  last_ = last_ || !request.keep_alive || request.has_body;
  queue((*handler_)(request, now), &request, now);
}

void ServerConnection::refuse(int status, const Now& now) {
  last_ = true;
  queue(status_response(status), nullptr, now);
}

void ServerConnection::queue(Response response, const Request* request, const Now& now) {
  state_ = State::answering;
  progress_ = now.monotonic;
  parts_.emplace_back(head_text(response, last_, now));
  if (!has_content(response.status) || (request != nullptr && request->method == "HEAD")) return;
  for (Part& part : response.body) {
    if (size(part) != 0) parts_.push_back(std::move(part));
  }
}

Bytes ServerConnection::output() {
  if (state_ != State::answering) return {};
  if (auto* range = std::get_if<FileRange>(&parts_.front())) return read_file(*range);
  return as_bytes(std::get<std::string>(parts_.front())).subspan(text_sent_);
}

Bytes ServerConnection::read_file(FileRange& range) {
  if (piece_sent_ == piece_.size()) {
    piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(range.length, kPieceBytes)));
    piece_sent_ = 0;
    if (!range.file->read(range.offset, piece_)) {
      state_ = State::failed;
      return {};
    }
  }
  return Bytes(piece_).subspan(piece_sent_);
}

void ServerConnection::consume_output(std::size_t n, Instant now) {
  if (n == 0 || state_ != State::answering) return;
  progress_ = now;
  bool part_done = false;
  if (auto* range = std::get_if<FileRange>(&parts_.front())) {
    piece_sent_ += n;
    range->offset += n;
    range->length -= n;
    part_done = range->length == 0;
  } else {
    text_sent_ += n;
    part_done = text_sent_ == std::get<std::string>(parts_.front()).size();
  }
  if (!part_done) return;
  parts_.pop_front();
  text_sent_ = 0;
  piece_sent_ = 0;
  piece_.clear();
  if (parts_.empty()) finish_answer(now);
}

void ServerConnection::finish_answer(Instant now) {
  piece_.shrink_to_fit();  // an idle connection holds no buffer
  progress_ = now;
  state_ = last_ ? State::lingering : State::reading;
}

Instant ServerConnection::deadline() const {
  switch (state_) {
    case State::reading: return progress_ + (parser_.has_partial() ? timeouts_.header : timeouts_.keep_alive);
    case State::answering: return progress_ + timeouts_.send;
    case State::lingering: return progress_ + timeouts_.linger;
    case State::failed: return progress_;
  }
  std::unreachable();
}

}  // namespace strata::http
