// The turns of one exchange: connect, send the request, receive the answer, close.
#include "application/http/client.hpp"

#include <utility>

namespace strata::http {

std::string get_request(const Url& url) {
  return "GET " + url.target + " HTTP/1.1\r\nHost: " + url.host +
         "\r\nUser-Agent: strata\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

Client::Client(TcpStream stream, const Url& url, BodySink sink)
    : stream_(std::move(stream)), request_(get_request(url)), parser_(std::move(sink)) {
  stream_.set_waker({this, &Client::on_ready});
}

void Client::on_ready(void* context, Ready) { static_cast<Client*>(context)->turn(); }

void Client::turn() {
  if (!done_ && request_sent_ < request_.size()) send();
  if (!done_ && request_sent_ == request_.size()) receive();
}

void Client::send() {
  while (request_sent_ < request_.size()) {
    const auto sent = stream_.send(as_bytes(request_).subspan(request_sent_));
    if (!sent) return fail(sent.error());
    request_sent_ += *sent;
  }
}

void Client::receive() {
  while (!done_) {
    const auto data = stream_.peek();
    if (!data) return fail(data.error());
    if (data->empty()) {
      const auto end = parser_.finish();
      return finish(end ? std::string() : end.error());
    }
    const auto parsed = parser_.feed(*data);
    stream_.consume(data->size());
    if (!parsed) return finish(parsed.error());
    if (parser_.done()) return finish({});
  }
}

void Client::fail(Errc error) {
  if (error == Errc::would_block) return;
  // Why a connection ended says more than that it did.
  const auto reason = stream_.error();
  connection_error_ = reason ? error : reason.error();
  finish(std::string(describe(*connection_error_)));
}

void Client::finish(std::string error) {
  done_ = true;
  error_ = std::move(error);
  stream_.close();
}

}  // namespace strata::http
