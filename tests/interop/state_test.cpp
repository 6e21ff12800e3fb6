// The states that the kernel's side passes through, seen from outside by ss(8) every 20 ms over a link of 200
// ms, so that each of them lasts long enough to be seen (RFC 9293 §3.3.2).
#include <gmock/gmock.h>

#include <sstream>
#include <vector>

#include "tests/interop/lab.hpp"

namespace strata::interop {
namespace {

using testing::ElementsAre;

class States : public Lab {
 protected:
  States() {
    write("www/index.html", "hello\n");
    write("www/rest", std::string(60'000, 'x'));
    write("watch",
          "while :; do ss -tanH \"$@\" | awk '{print $1}'; sleep 0.02; done > states & watcher=$!\n");
  }
  /// The states of the one connection in the order of their appearance.
  std::vector<std::string> seen() const {
    std::vector<std::string> states;
    std::istringstream lines(read("states"));
    for (std::string state; lines >> state;) {
      if (states.empty() || states.back() != state) states.push_back(state);
    }
    return states;
  }
};

TEST_F(States, OfAClientThatClosesFirst) {
  const Outcome run =
      sh("strata serve www --private --delay 200ms -- bash -c '"
         ". ./watch dst 10.77.0.2; curl -sS http://10.77.0.2/; sleep 1.5; kill $watcher'");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(seen(), ElementsAre("SYN-SENT", "ESTAB", "FIN-WAIT-1", "TIME-WAIT"));
}

TEST_F(States, OfAClientThatClosesLast) {
  const Outcome run =
      sh("strata serve www --private --delay 200ms -- bash -c '"
         ". ./watch dst 10.77.0.2; curl -0 -sS http://10.77.0.2/; sleep 1.5; kill $watcher'");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(seen(), ElementsAre("SYN-SENT", "ESTAB", "LAST-ACK"));
}

TEST_F(States, OfAClientThatHalfCloses) {
  // The request ends with a FIN; while the rest of the answer is under way, the client waits in FIN-WAIT-2.
  const Outcome run =
      sh("strata serve www --private --delay 200ms --rate 500kbit -- bash -c '"
         ". ./watch dst 10.77.0.2; (printf \"GET /rest HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\"; sleep 1.5) | "
         "ncat 10.77.0.2 80 | tail -c 60000 | cmp - www/rest;"
         "sleep 1; kill $watcher'");
  EXPECT_TRUE(is_well(run));
  EXPECT_THAT(seen(), ElementsAre("SYN-SENT", "ESTAB", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"));
}

TEST_F(States, OfAServerThatClosesFirst) {
  write("answer", "HTTP/1.0 200 OK\r\n\r\nhello\n");
  const Outcome run =
      sh("strata get http://10.77.0.1:8000/ --delay 200ms --private -- bash -c '"
         ". ./watch state connected src 10.77.0.1:8000; (sleep 1.8; cat answer) | ncat -l 10.77.0.1 8000; "
         "sleep 5'");
  EXPECT_TRUE(is_well(run));
  EXPECT_EQ(run.out, "hello\n");
  EXPECT_THAT(seen(), ElementsAre("SYN-RECV", "ESTAB", "FIN-WAIT-1", "TIME-WAIT"));
}

}  // namespace
}  // namespace strata::interop
