#include "tests/interop/lab.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/rng.hpp"

namespace strata::interop {
namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Lab::Lab() {
  std::string pattern = (fs::temp_directory_path() / "strata-lab-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch directory");
  dir_ = pattern;
}

Lab::~Lab() { fs::remove_all(dir_); }

void Lab::SetUp() {
  static const bool may_unshare = std::system("unshare --map-root-user --net true 2>/dev/null") == 0;
  if (!may_unshare) GTEST_SKIP() << "this machine forbids network namespaces";
}

Outcome Lab::sh(const std::string& script) {
  write(".script", script);
  // A proxy of the machine has no business in our namespaces.
  const std::string command = "cd '" + dir_.string() +
                              "' && env -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY"
                              " PATH=" STRATA_BINARY_DIR ":$PATH TMPDIR='" +
                              dir_.string() + "' bash -eu -o pipefail .script >.out 2>.err </dev/null";
  const auto start = std::chrono::steady_clock::now();
  const int raw = std::system(command.c_str());
  Outcome outcome;
  outcome.took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  outcome.out = read(".out");
  outcome.err = read(".err");
  return outcome;
}

Outcome Lab::sh_with_tap(const std::string& script) {
  write(".inside",
        "ip link set lo up\n"
        "ip tuntap add tap0 mode tap\n"
        "ip address add 10.78.0.1/24 dev tap0\n"
        "ip link set tap0 up\n" +
            script);
  // In a process namespace of its own, nothing survives the first process. A leak checker looks for its own
  // process in /proc, which has to be that namespace's.
  static const bool may_mount =
      std::system("unshare --map-root-user --pid --fork --mount-proc true 2>/dev/null") == 0;
  const std::string proc = may_mount ? " --mount-proc" : "";
  const std::string options = may_mount ? "" : "export ASAN_OPTIONS=detect_leaks=0\n";
  return sh(options + "exec unshare --map-root-user --net --pid --fork --kill-child" + proc +
            " bash -eu -o pipefail .inside");
}

void Lab::write(const std::string& name, const std::string& contents) const {
  fs::create_directories((dir_ / name).parent_path());
  std::ofstream(dir_ / name, std::ios::binary) << contents;
}

std::string Lab::read(const std::string& name) const { return contents_of(dir_ / name); }

void Lab::write_bulk(const std::string& name, std::uint64_t size) const {
  fs::create_directories((dir_ / name).parent_path());
  std::ofstream file(dir_ / name, std::ios::binary);
  Xoshiro rng(size);
  std::string block(1 << 16, '\0');
  while (size > 0) {
    for (std::size_t i = 0; i < block.size(); i += 8) {
      const std::uint64_t bits = rng.next_u64();
      std::memcpy(block.data() + i, &bits, 8);
    }
    const std::uint64_t n = std::min<std::uint64_t>(size, block.size());
    file.write(block.data(), static_cast<std::streamsize>(n));
    size -= n;
  }
}

void Lab::write_nginx_config() const {
  write("nginx.conf",
        "daemon off;\npid nginx.pid;\nerror_log stderr error;\nuser root;\nworker_processes 1;\nevents {}\n"
        "http {\n  access_log off;\n  sendfile on;\n"
        "  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; "
        "scgi_temp_path t5;\n"
        "  server { listen 8000; root " +
            (dir_ / "www").string() + "; }\n}\n");
}

void Lab::expect_sound_capture(const std::string& name) {
  // The kernel writes a computed 0x0000 as 0xffff, which is the same sum (RFC 1071 §2), but Wireshark is
  // strict.
  const Outcome faults =
      sh("tshark -n -r " + name +
         " -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE"
         " -Y '_ws.malformed || ip.checksum.status == \"Bad\" || udp.checksum.status == \"Bad\""
         " || icmp.checksum.status == \"Bad\""
         " || (tcp.checksum.status == \"Bad\" && !(tcp.checksum == 0xffff && ip.src == 10.77.0.1))'");
  EXPECT_TRUE(is_well(faults));
  EXPECT_EQ(faults.out, "");
  const Outcome lines =
      sh("diff <(strata dump " + name + ") <(tcpdump -nn -r " + name + " 2>/dev/null) | head -20");
  EXPECT_EQ(lines.out, "") << lines.err;
  EXPECT_NE(sh("strata dump " + name + " | head -1").out, "");
}

testing::AssertionResult is_well(const Outcome& outcome) {
  if (outcome.status == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "exit status " << outcome.status << " after " << outcome.took.count()
                                     << " ms\nstdout: " << outcome.out << "\nstderr: " << outcome.err;
}

}  // namespace strata::interop
