// A bench for tests with real programs: a scratch directory, a shell in it that finds the `strata` under
// test, and checks of what the run recorded. Networks live in namespaces that end with the command, so that
// tests run beside each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace strata::interop {

/// How a shell script ended and what it said.
struct Outcome {
  int status = 0;
  std::string out;
  std::string err;
  std::chrono::milliseconds took{};
};

class Lab : public testing::Test {
 protected:
  Lab();
  ~Lab() override;
  /// Skips the test where namespaces are forbidden, and says so.
  void SetUp() override;

  /// Runs a bash script (-eu, pipefail) in the scratch directory.
  Outcome sh(const std::string& script);
  /// The same in a network namespace, where the kernel's 10.78.0.1/24 is on the TAP device tap0; for runs in
  /// which `strata` itself is ended or its device taken away. Processes that it leaves behind are ended.
  Outcome sh_with_tap(const std::string& script);

  const std::filesystem::path& dir() const { return dir_; }
  void write(const std::string& name, const std::string& contents) const;
  std::string read(const std::string& name) const;
  /// A file of bytes that no link compresses, the same for the same name and size.
  void write_bulk(const std::string& name, std::uint64_t size) const;
  /// nginx.conf for `nginx -c`: serves the scratch directory's www on port 8000 in the foreground.
  void write_nginx_config() const;

  /// Wireshark reads the capture, finds nothing malformed and every checksum right; `strata dump` prints
  /// tcpdump's lines.
  void expect_sound_capture(const std::string& name);

 private:
  std::filesystem::path dir_;
};

/// Both ended well; otherwise shows what they said.
testing::AssertionResult is_well(const Outcome& outcome);

}  // namespace strata::interop
