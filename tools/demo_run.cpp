#include "tools/demo_run.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "application/http/client.hpp"
#include "application/http/server.hpp"
#include "link/capture_tap.hpp"
#include "strata/memory_link.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"
#include "tools/demo_trace.hpp"
#include "tools/network.hpp"
#include "tools/recording.hpp"

namespace strata::tools {
namespace {

constexpr std::string_view kPage =
    "<!doctype html>\n"
    "<html lang=\"ko\">\n"
    "<head><meta charset=\"utf-8\"><title>TCP/IP</title></head>\n"
    "<body>\n"
    "<h1>안녕하세요, 저는 TCP/IP 입니다.</h1>\n"
    "<p>이 페이지는 TCP 세그먼트, IP 패킷, 이더넷 프레임에 차례로 담겨 왔습니다.</p>\n"
    "<p>This page came in a TCP segment, in an IP packet, in an Ethernet frame.</p>\n"
    "</body>\n"
    "</html>\n";

constexpr std::uint16_t kPort = 80;
/// A run takes milliseconds; one that takes longer than this has failed.
constexpr Duration kPatience = Duration::seconds(5);

using Failure = std::unexpected<std::string>;

/// Answers `/` with the built-in page.
http::Response page_for(const http::Request& request, const http::Now&) {
  if (request.target != "/") return http::status_response(404);
  http::Response response;
  response.fields.add("Content-Type", "text/html; charset=utf-8");
  response.body.emplace_back(std::string(kPage));
  return response;
}

/// A file that is gone when this object is.
class ScratchFile {
 public:
  ScratchFile() {
    const int fd = ::mkstemp(path_.data());
    if (fd >= 0) ::close(fd);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { ::unlink(path_.c_str()); }

  const std::string& path() const { return path_; }
  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_ = "/tmp/strata-demo-XXXXXX";
};

std::string verdict(std::string_view got) {
  if (got != kPage) return "what came is NOT the page";
  return std::to_string(got.size()) + " bytes came, byte for byte the page";
}

/// curl, deaf to the settings of the user it runs for.
PeerCommand curl_to(const std::string& file, const IpAddress& server) {
  return {"curl",       "-q", "-sS", "--noproxy", "*",
          "--max-time", "4",  "-o",  file,        "http://" + to_string(server) + "/"};
}

/// The machine's curl over the real kernel's TCP.
std::expected<bool, std::string> run_with_kernel(const DemoFiles& files) {
  const ScratchFile got;
  DemoTrace trace;
  NetworkOptions options;
  options.is_private = true;
  options.recording.capture_file = files.capture;
  options.peer = curl_to(got.path(), PrivateNetworkOptions{}.address.address);
  auto network = Network::open(options);
  if (!network) return Failure(network.error().text);
  Network& net = **network;
  trace.note("way", "the real kernel, in " + net.description());
  trace.note("link", net.description());
  trace.note("client", "curl on the Linux kernel's TCP");
  trace.note("server", "strata");
  net.stack().set_trace(trace.sink({}));

  auto listener = net.stack().listen({net.address(), 0, kPort});
  if (!listener) return Failure(std::string(describe(listener.error())));
  http::Server server(std::move(*listener), page_for, [&net] { return net.now(); });
  auto curl = net.start_peer();
  if (!curl) return Failure(curl.error().text);
  bool late = false;
  net.reactor().add_timer(monotonic_now() + kPatience,
                          {&late, [](void* flag) { *static_cast<bool*>(flag) = true; }});
  const auto done = [&] { return late || ((*curl)->has_ended() && net.stack().connection_count() == 0); };
  if (auto ended = net.run_until(done); !ended) return Failure(ended.error().text);
  if (net.was_interrupted()) return Failure("interrupted");
  if (late) return Failure("the page did not come within 5 seconds, or a connection stayed open");
  if (auto ended = (*curl)->end(); !ended) return Failure(ended.error().text);

  trace.note("browser", "curl exited with status 0: " + verdict(got.content()));
  if (auto closed = net.close_recordings(); !closed) return Failure(closed.error().text);
  if (auto saved = trace.save(files.trace); !saved) return Failure(saved.error().text);
  return got.content() == kPage;
}

/// One end: a stack with one interface and one address.
struct Node {
  Node(std::uint8_t number, TraceSink sink)
      : address(IpAddress::v4(10, 77, 0, number)), stack(Config{}, host_entropy()) {
    const Prefix prefix{address, 24};
    const InterfaceConfig config{.mac = {{0x02, 0, 0x0a, 0x4d, 0, number}},
                                 .link = MemoryLinkOptions{}.capabilities,
                                 .addresses = {&prefix, 1}};
    nic = stack.add_interface(config).value_or(NicId::none);
    stack.set_trace(sink);
  }
  IpAddress address;
  Stack stack;
  NicId nic = NicId::none;
};

/// Turns two stacks in memory until both are at rest. Time is made here: small steps while there is something
/// to do, leaps to the next deadline otherwise. False when they do not come to rest.
template <Device Tap>
bool run_both(Node& client, MemoryLink& link, Node& server, Tap& tap, Instant& now) {
  const Instant end = now + kPatience;
  while (now < end) {
    const PollResult a = poll(client.stack, client.nic, link.a(), now);
    const PollResult b = poll(server.stack, server.nic, tap, now);
    if (client.stack.connection_count() == 0 && server.stack.connection_count() == 0) return true;
    now = now + Duration::micros(5);
    const bool idle = a.received + a.sent + b.received + b.sent == 0;
    if (idle)
      now = std::max(now, std::min({end, client.stack.next_deadline(), server.stack.next_deadline()}));
  }
  return false;
}

/// Our client and our server, joined by memory.
std::expected<bool, std::string> run_in_one_process(const std::string& reason, const DemoFiles& files) {
  DemoTrace trace;
  trace.note("way", "both ends in one process (namespaces are forbidden here: " + reason + ")");
  trace.note("link", "the memory of this process");
  trace.note("client", "strata");
  trace.note("server", "strata");
  auto recording = Recording::create({.capture_file = files.capture}, "memory");
  if (!recording) return Failure(recording.error().text);

  Instant now = monotonic_now();
  const Duration wall_clock = wall_clock_offset();
  Node client(1, trace.sink("client"));
  Node server(2, trace.sink("server"));
  MemoryLink link;
  CaptureTap tap(link.b(), (*recording)->capture_sink());
  auto listener = server.stack.listen({server.address, 0, kPort});
  if (!listener) return Failure(std::string(describe(listener.error())));
  http::Server site(std::move(*listener), page_for,
                    [&] { return http::Now{now, (now + wall_clock).count_nanos() / 1'000'000'000}; });
  const auto url = http::parse_url("http://" + to_string(server.address) + "/");
  auto stream = client.stack.connect(url->server, now);
  if (!stream) return Failure(std::string(describe(stream.error())));
  std::string got;
  http::Client browser(std::move(*stream), *url, [&](Bytes bytes) {
    got += as_text(bytes);
    return true;
  });

  if (!run_both(client, link, server, tap, now)) return Failure("the two ends did not come to rest");
  if (!browser.error().empty()) return Failure("our client: " + browser.error());
  trace.note("browser", "our own HTTP client: " + verdict(got));
  if (auto closed = (*recording)->close(); !closed) return Failure(closed.error().text);
  if (auto saved = trace.save(files.trace); !saved) return Failure(saved.error().text);
  return got == kPage;
}

}  // namespace

std::expected<bool, std::string> run_demo(const DemoFiles& files) {
  // Asked first, because only this failure has another way to go.
  if (auto possible = PrivateNetwork::create(); !possible)
    return run_in_one_process(possible.error().text, files);
  return run_with_kernel(files);
}

}  // namespace strata::tools
