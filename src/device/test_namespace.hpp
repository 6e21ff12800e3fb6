// For tests that make interfaces: each runs in a network namespace of its own, so that nothing of the machine
// changes.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "device/netlink.hpp"
#include "device/network_namespace.hpp"

namespace strata {

/// The process moves on to a new namespace with every test; the one before ends with its interfaces.
class NamespaceTest : public testing::Test {
 protected:
  void SetUp() override {
    const SystemResult<NamespaceHandles> entered = enter_new_namespace();
    if (!entered) GTEST_SKIP() << "needs a network namespace: " << entered.error().text;
  }

  /// What the library has no call for, since only an administrator does it.
  static bool run(const std::string& command) { return std::system(command.c_str()) == 0; }
};

}  // namespace strata
