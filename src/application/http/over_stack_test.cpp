// Server and client above two stacks on a memory link, in virtual time: whole exchanges, slow readers, broken
// files, and peers that say nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "application/http/client.hpp"
#include "application/http/scratch_site.hpp"
#include "application/http/server.hpp"
#include "application/http/static_site.hpp"
#include "strata/memory_link.hpp"
#include "strata/stack.hpp"

namespace strata::http {
namespace {

using testing::HasSubstr;

const LinkCapabilities kCapabilities{.mtu = 1500, .gso_max = 65535, .checksum_offload_tx = true};
const IpAddress kServerAddress = IpAddress::v4(10, 0, 0, 2);

struct Host {
  Host(std::uint8_t number, std::uint64_t seed) : stack(Config{}, Entropy::from_seed(seed)) {
    const Prefix prefix{IpAddress::v4(10, 0, 0, number), 24};
    const InterfaceConfig config{
        .mac = {{2, 0, 0, 0, 0, number}}, .link = kCapabilities, .addresses = {&prefix, 1}};
    nic = *stack.add_interface(config);
  }
  Stack stack;
  NicId nic = NicId::none;
};

class OverStack : public testing::Test {
 protected:
  OverStack() {
    site.write("index.html", "hello");
    site.write("bulk", std::string(20'000'000, 'x'));
    StaticSite pages(std::move(*FileRoot::at(site.root().string())));
    auto listener = server_host.stack.listen({.address = kServerAddress, .port = 80});
    server.emplace(std::move(*listener), pages, [this] { return Now{now, 0}; });
  }

  TcpStream connect() {
    auto stream = client_host.stack.connect({.address = kServerAddress, .port = 80}, now);
    return stream ? std::move(*stream) : TcpStream();
  }

  /// Both stacks until nothing moves any more at this instant.
  void settle() {
    for (bool moved = true; moved;) {
      const PollResult a = poll(client_host.stack, client_host.nic, link.a(), now);
      const PollResult b = poll(server_host.stack, server_host.nic, link.b(), now);
      moved = a.received + a.sent + b.received + b.sent > 0;
    }
  }

  void pass(Duration duration) {
    const Instant until = now + duration;
    for (settle(); now < until; settle()) {
      now = std::min(until, now + Duration::millis(10));
      if (now.count_nanos() % 1'000'000'000 == 0) server->sweep();
    }
  }

  Instant now = Instant::from_nanos(1'000'000'000);
  ScratchSite site;
  Host client_host{1, 1};
  Host server_host{2, 2};
  std::optional<Server> server;
  MemoryLink link{{.capabilities = kCapabilities}};
};

TEST_F(OverStack, APageArrives) {
  std::string got;
  Client client(connect(), *parse_url("http://10.0.0.2/"), [&got](Bytes piece) {
    got += as_text(piece);
    return true;
  });
  settle();
  EXPECT_TRUE(client.done());
  EXPECT_EQ(client.error(), "");
  EXPECT_EQ(got, "hello");
  EXPECT_EQ(server->totals().requests, 1U);
  EXPECT_EQ(server->connection_count(), 0U);
}

TEST_F(OverStack, AFileLargerThanAllBuffersArrives) {
  std::uint64_t got = 0;
  Client client(connect(), *parse_url("http://10.0.0.2/bulk"), [&got](Bytes piece) {
    got += piece.size();
    return true;
  });
  pass(Duration::seconds(5));
  EXPECT_TRUE(client.done());
  EXPECT_EQ(client.error(), "");
  EXPECT_EQ(got, 20'000'000U);
}

TEST_F(OverStack, AFileThatShrinksIsAnErrorForTheClient) {
  Client client(connect(), *parse_url("http://10.0.0.2/bulk"), [this](Bytes) {
    std::filesystem::resize_file(site.root() / "bulk", 1'000'000);
    return true;
  });
  pass(Duration::seconds(5));
  EXPECT_TRUE(client.done());
  EXPECT_EQ(client.connection_error(), Errc::connection_reset);
  EXPECT_EQ(server->totals().failures, 1U);
}

TEST_F(OverStack, ARefusedConnectionIsNamed) {
  server->close();
  Client client(connect(), *parse_url("http://10.0.0.2/"), [](Bytes) { return true; });
  settle();
  EXPECT_TRUE(client.done());
  EXPECT_EQ(client.connection_error(), Errc::connection_refused);
}

TEST_F(OverStack, AStoreThatFailsEndsTheDownload) {
  Client client(connect(), *parse_url("http://10.0.0.2/bulk"), [](Bytes) { return false; });
  pass(Duration::seconds(1));
  EXPECT_TRUE(client.done());
  EXPECT_THAT(client.error(), HasSubstr("could not be stored"));
  EXPECT_EQ(server->connection_count(), 0U);
}

TEST_F(OverStack, ASilentPeerIsGivenUp) {
  const TcpStream silent = connect();
  settle();
  EXPECT_EQ(server->connection_count(), 1U);
  pass(Duration::seconds(62));
  EXPECT_EQ(server->connection_count(), 0U);
  EXPECT_TRUE(any(silent.ready() & Ready::peer_closed));
}

TEST_F(OverStack, APeerThatNeverReadsIsGivenUp) {
  TcpStream deaf = connect();
  settle();
  ASSERT_TRUE(deaf.send(as_bytes("GET /bulk HTTP/1.1\r\nHost: x\r\n\r\n")));
  pass(Duration::seconds(30));
  EXPECT_EQ(server->connection_count(), 1U);
  pass(Duration::seconds(40));
  EXPECT_EQ(server->connection_count(), 0U);
  EXPECT_EQ(server->totals().failures, 1U);
}

TEST_F(OverStack, ConnectionsAboveTheLimitWait) {
  server->close();
  auto listener = server_host.stack.listen({.address = kServerAddress, .port = 80});
  ASSERT_TRUE(listener);
  StaticSite pages(std::move(*FileRoot::at(site.root().string())));
  server.emplace(
      std::move(*listener), pages, [this] { return Now{now, 0}; }, ServerOptions{.connections_max = 1});
  TcpStream first = connect();
  settle();
  TcpStream second = connect();
  settle();
  EXPECT_EQ(server->totals().connections, 1U);
  first.close();
  pass(Duration::seconds(2));
  EXPECT_EQ(server->totals().connections, 2U);
}

}  // namespace
}  // namespace strata::http
