// `strata serve DIR`: a web server above our stack.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "application/http/server.hpp"
#include "application/http/static_site.hpp"
#include "tools/network.hpp"
#include "tools/report.hpp"
#include "tools/ticker.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

struct ServeOptions {
  std::string directory;
  std::uint16_t port = 80;
  bool json = false;
  NetworkOptions network;
};

int fail(std::string_view text) { return report_failure("serve", text); }

void print_totals(const http::ServerTotals& totals) {
  fmt::print("{}\n", json_object({{"connections", totals.connections},
                                  {"requests", totals.requests},
                                  {"bytes_sent", totals.bytes_sent},
                                  {"failures", totals.failures}}));
}

/// `http://10.77.0.2/ and http://[fd77::2]/`
std::string places(const Network& network, std::uint16_t port) {
  std::vector<std::string> urls;
  for (const Prefix& own : network.addresses()) {
    const std::string text = to_string(own.address);
    const std::string host = own.address.is_v4() ? text : "[" + text + "]";
    urls.push_back(fmt::format("http://{}{}/", host, port == 80 ? "" : fmt::format(":{}", port)));
  }
  return fmt::format("{}", fmt::join(urls, " and "));
}

/// The peer's end or a signal ends the service; a peer that was there must have ended well.
int end_service(Network& network, Peer* peer, const SystemResult<void>& ran) {
  int exit_code = ran ? 0 : fail(ran.error().text);
  if (peer != nullptr && (!ran || network.was_interrupted())) {
    [[maybe_unused]] const auto ended = peer->end();
    if (ran) exit_code = kInterrupted;
  } else if (peer != nullptr) {
    if (const auto ended = peer->wait(); !ended) exit_code = fail(ended.error().text);
  }
  if (const auto closed = network.close_recordings(); ran && !closed) exit_code = fail(closed.error().text);
  return exit_code;
}

int serve(const ServeOptions& options) {
  auto root = http::FileRoot::at(options.directory);
  if (!root) return fail(root.error());
  auto network = Network::open(options.network);
  if (!network) return fail(network.error().text);
  Network& net = **network;

  const Endpoint local{.port = options.port};  // every address that we have
  auto listener = net.stack().listen(local);
  if (!listener) return fail(to_string(local) + ": " + std::string(describe(listener.error())));
  http::Server server(std::move(*listener), http::StaticSite(std::move(*root)), [&net] { return net.now(); });
  fmt::print(stderr, "serving {} at {} over {}\n", options.directory, places(net, options.port),
             net.description());

  auto peer = net.start_peer();
  if (!peer) return fail(peer.error().text);
  const Ticker sweeps(net.reactor(), http::Server::kSweepInterval, [&server] { server.sweep(); });
  const auto ran = net.run_until([&] { return *peer && (*peer)->has_ended(); });
  server.close();
  net.drain();
  const int exit_code = end_service(net, peer->get(), ran);
  if (options.json) print_totals(server.totals());
  return exit_code;
}

}  // namespace

void add_serve(CLI::App& app, const PeerCommand& peer, int& exit_code) {
  const auto options = std::make_shared<ServeOptions>();
  options->network.peer = peer;
  CLI::App* verb = app.add_subcommand("serve", "Serve the files of a directory over HTTP");
  verb->add_option("DIR", options->directory, "The directory")->required();
  verb->add_option("--port", options->port, "The port to listen on")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "Print totals at the end, as JSON");
  add_network_options(*verb, options->network);
  verb->footer(
      "Examples:\n"
      "  strata serve www --private -- curl -s http://10.77.0.2/\n"
      "  strata serve www --tap tap0 --address 10.77.0.2/24     (with `ip addr add 10.77.0.1/24 dev tap0` "
      "beside it)\n"
      "Ctrl-C ends the service: exit code 0, or 130 when a peer command was still running.");
  verb->callback([options, &exit_code] {
    check_network_options(options->network);
    exit_code = serve(*options);
  });
}

}  // namespace strata::tools
