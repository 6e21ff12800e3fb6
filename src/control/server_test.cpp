// The socket, in a runtime directory of the test's own, under clients that behave and clients that do not.
// The server is run by hand, so nothing here waits.
#include "control/server.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "control/client.hpp"
#include "control/directory.hpp"
#include "control/socket.hpp"

namespace strata::control {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Answers with the length of the line, and as many bytes as a line of digits asks for.
std::string measure(void*, std::string_view line) {
  if (!line.empty() && line.find_first_not_of("0123456789") == line.npos)
    return std::string(std::stoul(std::string(line)), 'x');
  return std::to_string(line.size());
}

class ControlServer : public testing::Test {
 protected:
  ControlServer() {
    std::string pattern = (fs::temp_directory_path() / "strata-run-XXXXXX").string();
    runtime_ = ::mkdtemp(pattern.data());
    ::setenv("XDG_RUNTIME_DIR", runtime_.c_str(), 1);
  }
  ~ControlServer() override { fs::remove_all(runtime_); }

  static Server serve() { return Server::open(Handler{nullptr, &measure}).value(); }
  static Fd connect(const Server& server) { return connect_to(server.path(), 1).value(); }
  static void say(const Fd& fd, std::string_view text) {
    EXPECT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// What has come so far; `(end)` at the end.
  static std::string hear(const Fd& fd) {
    char buffer[100'000];
    std::string text;
    ssize_t size = 0;
    while ((size = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
      text.append(buffer, static_cast<std::size_t>(size));
    return size == 0 ? text + "(end)" : text;
  }
  static void turn(Server& server, int times = 4) {
    for (int i = 0; i < times; ++i) server.run();
  }

  fs::path runtime_;
};

TEST_F(ControlServer, AnswersALineAndHangsUp) {
  Server server = serve();
  const Fd client = connect(server);
  say(client, "hel");
  turn(server);
  EXPECT_EQ(hear(client), "");
  say(client, "lo\n");
  turn(server);
  EXPECT_EQ(hear(client), "5\n(end)");
}

TEST_F(ControlServer, IsForItsOwnerOnlyAndLeavesNothingBehind) {
  std::string path;
  {
    const Server server = serve();
    path = server.path();
    EXPECT_EQ(path, (runtime_ / "strata" / (std::to_string(::getpid()) + ".1.sock")).string());
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(runtime_ / "strata").permissions(), fs::perms::owner_all);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ControlServer, ADirectoryThatIsOpenToOthersIsNotUsed) {
  fs::create_directory(runtime_ / "strata");
  ::chmod((runtime_ / "strata").c_str(), 0755);
  const Server server = serve();
  EXPECT_THAT(server.path(), testing::Not(testing::StartsWith(runtime_.string())));
}

TEST_F(ControlServer, EachStackOfAProcessHasItsOwn) {
  const Server one = serve();
  const Server two = serve();
  EXPECT_THAT(one.path(), HasSubstr(".1.sock"));
  EXPECT_THAT(two.path(), HasSubstr(".2.sock"));
  const auto doors = doors_of(::getpid());
  ASSERT_TRUE(doors);
  ASSERT_EQ(doors->size(), 2U);
  EXPECT_EQ((*doors)[1].number, 2);
}

TEST_F(ControlServer, RemovesWhatDeadProcessesLeft) {
  const pid_t child = ::fork();
  if (child == 0) {
    new Server(serve());
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  const fs::path left = runtime_ / "strata" / to_text({child, 1});
  const fs::path of_our_number = runtime_ / "strata" / to_text({::getpid(), 1});
  EXPECT_TRUE(fs::exists(left));
  fs::create_hard_link(left, of_our_number);
  const Server server = serve();
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(server.path(), of_our_number.string());
}

TEST_F(ControlServer, ALineWithoutEndIsCutOff) {
  Server server = serve();
  const Fd client = connect(server);
  say(client, std::string(kRequestMax + 1, 'x'));
  turn(server);
  const Fd next = connect(server);
  say(next, "x\n");
  turn(server);
  EXPECT_EQ(hear(next), "1\n(end)");
  EXPECT_EQ(::send(client.get(), "x", 1, MSG_NOSIGNAL), -1);
}

TEST_F(ControlServer, ClientsThatStaySilentMakeRoomForOthers) {
  Server server = serve();
  std::vector<Fd> silent;
  for (std::size_t i = 0; i < kClientsMax; ++i) {
    silent.push_back(connect(server));
    turn(server);
  }
  const Fd client = connect(server);
  say(client, "hello\n");
  turn(server);
  EXPECT_EQ(hear(client), "5\n(end)");
  EXPECT_EQ(hear(silent.front()), "(end)");
  EXPECT_EQ(hear(silent.back()), "");
}

TEST_F(ControlServer, ALongAnswerWaitsForItsReader) {
  constexpr std::size_t kSize = 3'000'000;
  Server server = serve();
  const Fd slow = connect(server);
  say(slow, std::to_string(kSize) + "\n");
  turn(server, 100);
  const Fd quick = connect(server);
  say(quick, "hello\n");
  turn(server);
  EXPECT_EQ(hear(quick), "5\n(end)");
  std::string text;
  for (int i = 0; i < 1000 && !text.ends_with("(end)"); ++i) {
    text += hear(slow);
    server.run();
  }
  EXPECT_EQ(text.size(), kSize + std::string("\n(end)").size());
}

TEST_F(ControlServer, AClientThatLeavesIsForgotten) {
  Server server = serve();
  for (int i = 0; i < 100; ++i) {
    Fd client = connect(server);
    if (i % 2 == 0) say(client, i % 4 == 0 ? "1000000\n" : "half a li");
    if (i % 3 == 0) turn(server);
    client.reset();
    turn(server);
  }
  const Fd client = connect(server);
  say(client, "hello\n");
  turn(server);
  EXPECT_EQ(hear(client), "5\n(end)");
}

TEST_F(ControlServer, AProcessWithoutAStackIsNamed) {
  const auto none = doors_of(::getpid());
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text, HasSubstr("no control socket of it in " + (runtime_ / "strata").string()));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  const auto dead = doors_of(child);
  ASSERT_FALSE(dead);
  EXPECT_EQ(dead.error().text, "there is no process " + std::to_string(child));
}

TEST(SocketName, IsReadAsItIsWritten) {
  const auto name = parse_socket_name(to_text({4711, 2}));
  ASSERT_TRUE(name);
  EXPECT_EQ(name->pid, 4711);
  EXPECT_EQ(name->number, 2);
  for (const char* other : {"", "4711.sock", "4711.2.socket", "0.1.sock", "1.-1.sock", "1.2.3.sock",
                            "x.1.sock", "99999999999.1.sock", "1.1.sock.", ".."})
    EXPECT_FALSE(parse_socket_name(other)) << other;
}

}  // namespace
}  // namespace strata::control
