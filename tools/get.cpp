// `strata get URL`: a web client above our stack.
#include <unistd.h>

#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "application/http/client.hpp"
#include "device/fd.hpp"
#include "tools/network.hpp"
#include "tools/output_file.hpp"
#include "tools/progress.hpp"
#include "tools/report.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

constexpr Duration kPeerReadyLimit = Duration::seconds(15);
constexpr Duration kPeerReadyPause = Duration::millis(20);  // nothing tells when a port opens

struct GetOptions {
  std::string url;
  std::string output;
  bool json = false;
  NetworkOptions network;
};

int fail(std::string_view text) { return report_failure("get", text); }

bool is_success(int status) { return status / 100 == 2; }

/// One download: the exchange, where its body goes, and what went wrong.
class Download {
 public:
  Download(Network& network, OutputFile& file, bool show_progress)
      : network_(&network),
        file_(&file),
        progress_(show_progress, monotonic_now()),
        started_(monotonic_now()) {}

  /// The exchange over `stream`; an empty string, or what went wrong.
  std::string run(TcpStream stream, const http::Url& url) {
    client_.emplace(std::move(stream), url, [this](Bytes piece) { return store(piece); });
    const auto ran = network_->run_until([this] { return client_->done(); });
    progress_.clear();
    if (!ran) return ran.error().text;
    if (!client_->done()) return "interrupted";
    return outcome(url);
  }

  std::uint64_t bytes() const { return bytes_; }
  Duration elapsed() const { return monotonic_now() - started_; }
  int status() const { return client_ && client_->head() != nullptr ? client_->head()->status : 0; }

 private:
  bool store(Bytes piece) {
    if (!is_success(status())) return false;
    bytes_ += piece.size();
    progress_.update(bytes_, client_->head()->content_length, network_->reactor().now());
    if (const auto written = file_->write(piece); !written) {
      store_error_ = written.error().text;
      return false;
    }
    return true;
  }

  std::string outcome(const http::Url& url) const {
    if (!store_error_.empty()) return store_error_;
    if (const auto* head = client_->head(); head != nullptr && !is_success(head->status)) {
      std::string text = fmt::format("the server answered {} {}", head->status, head->reason);
      const auto* location = head->fields.find("Location");
      return location == nullptr ? text : text + ": it has moved to " + *location;
    }
    if (const auto error = client_->connection_error()) return explain(*error, url.server);
    return client_->error();
  }

  Network* network_;
  OutputFile* file_;
  Progress progress_;
  Instant started_;
  std::optional<http::Client> client_;
  std::uint64_t bytes_ = 0;
  std::string store_error_;
};

/// For its lifetime, programs that we start print on our stderr: stdout is for what was fetched.
class StdoutForPeers {
 public:
  StdoutForPeers() : ours_(::dup(STDOUT_FILENO)) { ::dup2(STDERR_FILENO, STDOUT_FILENO); }
  ~StdoutForPeers() { ::dup2(ours_.get(), STDOUT_FILENO); }
  StdoutForPeers(const StdoutForPeers&) = delete;
  StdoutForPeers& operator=(const StdoutForPeers&) = delete;

 private:
  Fd ours_;
};

/// Until somebody listens on the port or a signal comes; an error when the peer ends before, or time runs
/// out.
SystemResult<void> wait_for_server(Network& network, Peer& peer, std::uint16_t port) {
  const Instant limit = monotonic_now() + kPeerReadyLimit;
  const Ticker looks(network.reactor(), kPeerReadyPause, [] {});
  bool is_listening = false;
  const auto ran = network.run_until([&] {
    is_listening = network.private_network()->is_listening(port);
    return is_listening || peer.has_ended() || network.reactor().now() >= limit;
  });
  if (!ran || is_listening || network.was_interrupted()) return ran;
  const std::string what =
      fmt::format("waiting for \"{}\" to listen on port {}: ", peer.process().program(), port);
  if (!peer.has_ended()) return Err<SystemError>({0, what + "it did not, in 15 seconds"});
  return Err<SystemError>({0, what + "it " + describe(peer.process().wait())});
}

/// The peer of a download is a server: it must listen before we connect.
SystemResult<std::unique_ptr<Peer>> start_server(Network& network, const http::Url& url) {
  const StdoutForPeers peers_print_elsewhere;
  auto peer = network.start_peer();
  if (!peer || *peer == nullptr) return peer;
  const PrivateNetworkOptions& inside = network.private_network()->options();
  if (url.server.address != inside.kernel_address.address &&
      url.server.address != inside.kernel_address6.address)
    return peer;
  if (auto ready = wait_for_server(network, **peer, url.server.port); !ready)
    return Err<SystemError>(ready.error());
  return peer;
}

/// Both sides end, and both must have ended well.
int end_download(Network& network, Peer* peer, const std::string& error, OutputFile& file) {
  network.drain();
  int exit_code = error.empty() || network.was_interrupted() ? 0 : fail(error);
  if (network.was_interrupted()) exit_code = kInterrupted;
  if (peer != nullptr) {
    if (const auto ended = peer->end(); !ended && exit_code != kInterrupted)
      exit_code = fail(ended.error().text);
  }
  if (const auto closed = network.close_recordings(); !closed && exit_code == 0)
    exit_code = fail(closed.error().text);
  if (error.empty()) {
    if (const auto committed = file.commit(); !committed) exit_code = fail(committed.error().text);
  }
  return exit_code;
}

int get(const GetOptions& options) {
  const auto url = http::parse_url(options.url);
  if (!url) return fail(url.error());
  auto file = OutputFile::create(options.output);
  if (!file) return fail(file.error().text);
  auto network = Network::open(options.network);
  if (!network) return fail(network.error().text);
  auto peer = start_server(**network, *url);
  if (!peer) return fail(peer.error().text);
  if ((*network)->was_interrupted()) return kInterrupted;

  auto stream = (*network)->stack().connect(url->server, monotonic_now());
  if (!stream) return fail(explain(stream.error(), url->server));
  const bool show_progress =
      ::isatty(STDERR_FILENO) != 0 && (!options.output.empty() || ::isatty(STDOUT_FILENO) == 0);
  Download download(**network, *file, show_progress);
  const std::string error = download.run(std::move(*stream), *url);
  const Duration elapsed = download.elapsed();
  const int exit_code = end_download(**network, peer->get(), error, *file);
  if (options.json) {
    fmt::print("{}\n", json_object({{"url", options.url},
                                    {"status", static_cast<std::uint64_t>(download.status())},
                                    {"bytes", download.bytes()},
                                    {"milliseconds", static_cast<std::uint64_t>(elapsed.count_millis())},
                                    {"error", error}}));
  }
  return exit_code;
}

}  // namespace

void add_get(CLI::App& app, const PeerCommand& peer, int& exit_code) {
  const auto options = std::make_shared<GetOptions>();
  options->network.peer = peer;
  CLI::App* verb = app.add_subcommand("get", "Fetch a page over HTTP");
  verb->add_option("URL", options->url, "http://ADDRESS[:PORT]/PATH")->required();
  auto* output = verb->add_option("-o,--output", options->output,
                                  "Write to a file, which gets its name when it is complete");
  output->type_name("FILE");
  verb->add_flag("--json", options->json, "Print a summary at the end, as JSON")->needs(output);
  add_network_options(*verb, options->network);
  verb->footer(
      "Examples:\n"
      "  strata get http://10.77.0.1:8000/f --private -- python3 -m http.server\n"
      "  strata get http://10.0.0.7/big -o big --tap tap0 --address 10.77.0.2/24 --gateway 10.77.0.1\n"
      "The peer is waited for until its port answers, prints on stderr, and is ended by SIGTERM afterwards.\n"
      "Ctrl-C: exit code 130.");
  verb->callback([options, &exit_code] {
    check_network_options(options->network);
    exit_code = get(*options);
  });
}

}  // namespace strata::tools
