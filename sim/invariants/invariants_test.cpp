// Each invariant bites: a healthy connection passes, and one with a single thing wrong is told by name.
#include "sim/invariants/invariants.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "sim/invariants/check_tcb.hpp"
#include "sim/network.hpp"
#include "sim/programs/talk.hpp"
#include "stack/stack_core.hpp"

namespace strata::sim {
namespace {

using tcp::Tcb;
using tcp::Timer;

/// A sender in the middle of a transfer, and its receiver.
class InvariantsTest : public testing::Test {
 protected:
  InvariantsTest() {
    PipeConfig pipe;
    pipe.faults.delay = Duration::millis(10);
    network_.connect(client_, server_, {.there = pipe, .back = pipe});
    network_.watch(invariants_);
    server_.run(listening(ledger_, "sink", 80, {}));
    client_.run(connecting(ledger_, "send", {.address = server_.address(), .zone = 0, .port = 80},
                           {.send = 3'000'000}));
    network_.run_for(Duration::millis(75));
  }
  /// The machine's only connection.
  static Tcb& tcb_of(Machine& machine) {
    Tcb* found = nullptr;
    machine.core().tcp().for_each([&](const Flow& flow) { found = const_cast<Tcb*>(&flow.tcb()); });
    return *found;
  }
  std::string first_broken(const Tcb& tcb, Machine& machine) const {
    const tcp::Context& context = machine.core().tcp().context();
    for (const char* what : {broken_order(tcb), broken_scoreboard(tcb), broken_timers(tcb, machine.now()),
                             broken_limit(tcb, context.config, context.islands_max)}) {
      if (what != nullptr) return what;
    }
    return "none";
  }
  /// What is said when `field` has another value.
  template <class T>
  std::string with(Machine& machine, T Tcb::* field, T value) {
    Tcb& tcb = tcb_of(machine);
    const T before = std::exchange(tcb.*field, value);
    std::string what = first_broken(tcb, machine);
    tcb.*field = before;
    return what;
  }

  Ledger ledger_;
  Invariants invariants_;
  Network network_{1};
  Machine& client_ = network_.add_machine({.name = "client"});
  Machine& server_ = network_.add_machine({.name = "server"});
};

TEST_F(InvariantsTest, HoldOfAHealthyConnection) {
  EXPECT_EQ(first_broken(tcb_of(client_), client_), "none");
  EXPECT_EQ(first_broken(tcb_of(server_), server_), "none");
  EXPECT_EQ(invariants_.broken(), "");
  EXPECT_TRUE(tcb_of(client_).has_outstanding()) << "the tests below need data in flight";
}

TEST_F(InvariantsTest, TellTheOrderOfTheVariables) {
  const Tcb& sender = tcb_of(client_);
  const Tcb& receiver = tcb_of(server_);
  EXPECT_EQ(with(client_, &Tcb::snd_una, sender.snd_nxt + 1), "SND.UNA is after SND.NXT");
  EXPECT_EQ(with(client_, &Tcb::snd_nxt, sender.snd_max + 1), "SND.NXT is after the end of what was sent");
  EXPECT_EQ(with(client_, &Tcb::snd_max, sender.queue_end() + 1),
            "more was sent than the application queued");
  EXPECT_EQ(with(server_, &Tcb::rcv_nxt, receiver.rcv_edge + 1), "RCV.NXT is after the edge of the window");
  EXPECT_EQ(with(server_, &Tcb::last_ack_sent, receiver.rcv_nxt + 1), "acknowledged what has not arrived");
}

TEST_F(InvariantsTest, TellFinsThatDoNotFitTheState) {
  EXPECT_EQ(with(client_, &Tcb::fin_sent, true), "a FIN was sent that nobody asked for");
  EXPECT_EQ(with(client_, &Tcb::fin_queued, true), "closed, and still in a state that sends");
  EXPECT_EQ(with(client_, &Tcb::state, TcpState::fin_wait_1), "in a state of closing that nobody asked for");
  Tcb& receiver = tcb_of(server_);
  receiver.fin_received = true;
  EXPECT_EQ(first_broken(receiver, server_), "the peer's FIN and the state do not agree");
  receiver.fin_received = false;
  EXPECT_EQ(with(server_, &Tcb::state, TcpState::last_ack), "the peer's FIN and the state do not agree");
}

TEST_F(InvariantsTest, TellAScoreboardOfSomethingElse) {
  const Tcb& sender = tcb_of(client_);
  EXPECT_EQ(with(client_, &Tcb::snd_una, sender.snd_una + 1), "the scoreboard does not begin at SND.UNA");
}

TEST_F(InvariantsTest, TellTimersThatAreMissingOrPast) {
  Tcb& sender = tcb_of(client_);
  const tcp::TimerTable before = sender.timers;
  sender.timers.stop_all();
  EXPECT_EQ(first_broken(sender, client_), "something is in flight and no timer watches it");
  sender.timers.arm(Timer::retransmit, client_.now() - Duration::seconds(1));
  EXPECT_EQ(first_broken(sender, client_), "a timer lies in the past");
  sender.timers = before;
  Tcb& receiver = tcb_of(server_);
  EXPECT_EQ(with(server_, &Tcb::state, TcpState::syn_received), "a handshake that nothing will repeat");
  receiver.orphan = receiver.fin_queued = receiver.fin_sent = true;
  EXPECT_EQ(with(server_, &Tcb::state, TcpState::fin_wait_2),
            "an orphan in FIN-WAIT-2 that nothing will end");
  receiver.orphan = receiver.fin_queued = receiver.fin_sent = false;
}

TEST_F(InvariantsTest, TellLimits) {
  const Tcb& receiver = tcb_of(server_);
  EXPECT_EQ(with(server_, &Tcb::rcv_edge, receiver.rcv_nxt + (64U << 20)),
            "the window is larger than its buffer may be");
  EXPECT_EQ(with<std::uint16_t>(client_, &Tcb::snd_mss, 0), "the segment size is zero");
}

TEST_F(InvariantsTest, TellWhatWentBack) {
  Tcb& receiver = tcb_of(server_);
  const SeqNum before = receiver.rcv_edge;
  receiver.rcv_edge = receiver.rcv_nxt;
  invariants_.after_turn(server_, network_.now());
  receiver.rcv_edge = before;
  EXPECT_NE(invariants_.broken().find("the window shrank"), std::string::npos) << invariants_.broken();
}

TEST_F(InvariantsTest, TellEdgesThatTheRfcDoesNotHave) {
  TraceEvent event;
  event.kind = TraceKind::state_changed;
  event.flow = 9;
  event.state = {.old_state = TcpState::established, .new_state = TcpState::last_ack};
  invariants_.on_trace(client_, event, network_.now());
  EXPECT_NE(invariants_.broken().find("an edge between states"), std::string::npos) << invariants_.broken();
}

TEST_F(InvariantsTest, TellMemoryThatWasNotGivenBack) {
  Network network(1);
  Machine& machine = network.add_machine({.name = "lonely"});
  EXPECT_EQ(leak_of(machine), "");
  const Packet kept = machine.stack().make_packet(as_bytes("a frame"));
  EXPECT_EQ(leak_of(machine), "lonely without connections holds 1 blocks");
}

TEST_F(InvariantsTest, TellBytesThatNobodySent) {
  for (int i = 0; i < 30; ++i) {
    ledger_.talks()[0].offered = 10;  // whatever its program says meanwhile
    network_.run_for(Duration::millis(1));
  }
  EXPECT_EQ(ledger_.talks()[1].wrong.substr(0, 25), "read more than was sent: ");
}

}  // namespace
}  // namespace strata::sim
