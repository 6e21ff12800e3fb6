// Dependencies point one way (STYLE R2). The tables below are the order; a test names every include that
// breaks it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tests/layering/source_tree.hpp"

namespace strata::tree {
namespace {

using Layers = std::set<std::string, std::less<>>;

/// What each layer may include besides itself and the C++ library. `public` stands for the handles in
/// include/strata (stack, tcp, udp, socket); the values there belong to base.
const std::map<std::string, Layers, std::less<>>& may_include() {
  static const Layers core{"base", "wire", "buf", "link", "internet", "transport", "stack", "api", "public"};
  static const std::map<std::string, Layers, std::less<>> table = [] {
    std::map<std::string, Layers, std::less<>> rows{
        {"base", {}},
        {"public", {"base"}},
        {"wire", {"base"}},
        {"buf", {"base"}},
        {"link", {"base", "wire", "buf"}},
        {"internet", {"base", "wire", "buf"}},
        {"transport", {"base", "wire", "buf"}},
        {"stack", {"base", "wire", "buf", "link", "internet", "transport", "public"}},
        {"obs", {"base", "wire", "buf"}},
    };
    Layers above = core;
    rows["api"] = core;
    rows["posix"] = core;  // src/api/posix: beside the native API, with the system's headers
    above.insert({"obs", "posix"});
    rows["device"] = above;
    rows["runtime"] = above;  // sockets on a real clock: the C interface
    rows["control"] = core;   // what other processes may ask, and the socket
    rows["control"].insert("device");
    rows["runtime"].insert({"device", "control"});
    rows["application"] = core;
    rows["drill"] = above;        // sockets, the core, and obs for its transcripts
    rows["packetdrill"] = above;  // the drill's machine, for another judge
    rows["packetdrill"].insert("drill");
    above.insert({"device", "control", "runtime", "application", "drill"});
    rows["sim"] = core;  // and obs, for what it tells people
    rows["sim"].insert("obs");
    above.insert("sim");
    rows["tools"] = above;
    above.insert({"packetdrill", "tools", "tests", "bench"});
    rows["tests"] = rows["bench"] = rows["examples"] = above;
    return rows;
  }();
  return table;
}

constexpr std::string_view kCore[] = {"base",      "wire",  "buf", "link",  "internet",
                                      "transport", "stack", "api", "public"};

bool is_core(std::string_view layer) { return std::ranges::find(kCore, layer) != std::end(kCore); }

/// The layer of each public header.
const std::map<std::string, std::string, std::less<>>& installed() {
  static const std::map<std::string, std::string, std::less<>> table = {
      {"address.hpp", "base"},      {"bytes.hpp", "base"},
      {"config.hpp", "base"},       {"counters.hpp", "base"},
      {"error.hpp", "base"},        {"link.hpp", "base"},
      {"packet.hpp", "base"},       {"time.hpp", "base"},
      {"trace.hpp", "base"},        {"stack.hpp", "public"},
      {"tcp.hpp", "public"},        {"udp.hpp", "public"},
      {"socket.hpp", "base"},       {"memory_link.hpp", "link"},
      {"capture.hpp", "base"},      {"host.hpp", "device"},
      {"net_device.hpp", "device"}, {"system_error.hpp", "device"},
      {"reactor.hpp", "device"},    {"network.hpp", "base"},
      {"datagram.hpp", "base"},     {"coroutine.hpp", "api"},
      {"tcp_info.hpp", "base"},     {"tcp_settings.hpp", "base"},
      {"parameters.hpp", "public"}, {"congestion_control.hpp", "base"},
      {"strata.h", "posix"},
  };
  return table;
}

std::string public_layer(std::string_view name) {
  const auto row = installed().find(name);
  return row == installed().end() ? "unknown" : row->second;
}

/// sim/drill and the plug-in over it are layers of their own: the rest of sim is for tests, these for users.
std::string first_folder(std::string_view path) {
  if (path.starts_with("sim/drill/")) return "drill";
  if (path.starts_with("sim/packetdrill/")) return "packetdrill";
  return std::string(path.substr(0, path.find('/')));
}

/// src/api/posix speaks the system's language, so it is a layer of its own above the native API; its runtime
/// sees devices as well.
std::string layer_of_path(std::string_view path) {
  if (path.starts_with("api/posix/runtime/")) return "runtime";
  return path.starts_with("api/posix/") ? "posix" : first_folder(path);
}

std::string layer_of_file(std::string_view path) {
  if (path.starts_with("include/strata/")) return public_layer(path.substr(15));
  return layer_of_path(path.starts_with("src/") ? path.substr(4) : path);
}

/// The layer that a quoted include names.
std::string layer_of_include(std::string_view path) {
  return path.starts_with("strata/") ? public_layer(path.substr(7)) : layer_of_path(path);
}

TEST(Layering, IncludesPointDownwards) {
  for (const SourceFile& file : all()) {
    const std::string layer = layer_of_file(file.path);
    if (file.is_test()) continue;
    const auto row = may_include().find(layer);
    if (row == may_include().end()) {
      ADD_FAILURE() << file.path << ": give the file a layer in the tables of this test";
      continue;
    }
    for (const Include& include : file.includes()) {
      if (!include.quoted) continue;
      const std::string target = layer_of_include(include.path);
      EXPECT_TRUE(target == layer || row->second.contains(target))
          << layer << "/ must not include " << target << "/\n  " << place(file, include.line) << ": "
          << include.path;
    }
  }
}

/// And the simulator, from the source tree: it is for tests.
TEST(Layering, ExamplesUseOnlyWhatIsInstalled) {
  for (const SourceFile& file : all()) {
    if (!file.in("examples/")) continue;
    for (const Include& include : file.includes()) {
      EXPECT_TRUE(!include.quoted || include.path.starts_with("strata/") || include.path == "sim/network.hpp")
          << place(file, include.line) << ": " << include.path;
    }
  }
}

TEST(Layering, IncludesAreWrittenFromTheRoots) {
  for (const SourceFile& file : all()) {
    if (file.in("tests/consumer/")) continue;
    for (const Include& include : file.includes()) {
      if (!include.quoted) continue;
      const bool known =
          include.path.starts_with("strata/") || may_include().contains(first_folder(include.path));
      EXPECT_TRUE(known && include.path.find("..") == include.path.npos)
          << place(file, include.line) << ": write \"layer/file.hpp\", not \"" << include.path << "\"";
    }
  }
}

/// A header of the C++ library has neither folder nor suffix; the other one belongs to the compiler.
bool comes_with_the_compiler(std::string_view header) {
  return header.find_first_of("/.") == header.npos || header == "immintrin.h";
}

TEST(Layering, TheCoreIncludesNoThirdParty) {
  for (const SourceFile& file : all()) {
    if (file.is_test() || !is_core(layer_of_file(file.path))) continue;
    for (const Include& include : file.includes()) {
      EXPECT_TRUE(include.quoted || comes_with_the_compiler(include.path))
          << place(file, include.line) << ": the core depends on the C++ library alone, not on <"
          << include.path << ">";
    }
  }
}

// --- The four tiers of src/transport/tcp ---

enum class Tier { values, mechanisms, procedures, facade };

constexpr std::string_view kTierNames[] = {"values", "mechanisms", "procedures", "facade"};

/// File names without suffix; whole folders end in a slash.
const std::map<std::string, Tier, std::less<>>& tiers() {
  static const std::map<std::string, Tier, std::less<>> table = [] {
    std::map<std::string, Tier, std::less<>> rows;
    const auto add = [&](Tier tier, std::initializer_list<const char*> names) {
      for (const char* name : names) rows.emplace(name, tier);
    };
    add(Tier::values, {"segment", "events", "state", "config"});
    add(Tier::mechanisms,
        {"rtt",         "timers",        "window",         "options",     "timestamps", "isn",
         "syn_cookie",  "challenge_ack", "send_queue",     "recv_queue",  "reassembly", "ack_policy",
         "context",     "settings",      "own_settings",   "send_clock",  "urgent",     "ecn",
         "path_search", "memory_budget", "receive_tuning", "rate_sample", "pacer",      "loss/",
         "cc/",         "accecn",        "fast_open",      "rare"});
    add(Tier::procedures,
        {"tcb",         "input",          "input_listen", "input_syn_sent", "input_synchronized",
         "input_ack",   "input_data",     "send_space",   "allowance",      "receive_space",
         "path_mtu",    "recovery",       "pacing",       "path_model",     "controller",
         "fast_path",   "output",         "timeouts",     "build_segment",  "congestion_marks",
         "urgent_data", "accurate_marks", "user_calls",   "fast_open_syn"});
    add(Tier::facade, {"connection", "listener", "time_wait", "sockopts", "info"});
    return rows;
  }();
  return table;
}

/// `name` is a path below src/transport/tcp/.
std::optional<Tier> tier_of(std::string_view name) {
  const std::size_t slash = name.find('/');
  const auto row =
      tiers().find(slash == name.npos ? name.substr(0, name.find('.')) : name.substr(0, slash + 1));
  return row == tiers().end() ? std::nullopt : std::optional(row->second);
}

TEST(Layering, TcpTiersPointUpwards) {
  constexpr std::string_view kInclude = "transport/tcp/";
  constexpr std::string_view kFolder = "src/transport/tcp/";
  for (const SourceFile& file : all()) {
    if (file.is_test() || !file.in(kFolder)) continue;
    const auto tier = tier_of(std::string_view(file.path).substr(kFolder.size()));
    if (!tier) {
      ADD_FAILURE() << file.path << ": give the file a tier in the table of this test";
      continue;
    }
    for (const Include& include : file.includes()) {
      if (!include.path.starts_with(kInclude)) continue;
      const auto target = tier_of(std::string_view(include.path).substr(kInclude.size()));
      EXPECT_TRUE(target.has_value() && *target <= *tier)
          << kTierNames[static_cast<int>(*tier)] << " must not include "
          << (target ? kTierNames[static_cast<int>(*target)] : "a file without a tier") << "\n  "
          << place(file, include.line) << ": " << include.path;
    }
  }
}

}  // namespace
}  // namespace strata::tree
