#include "sim/programs/talk.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "strata/coroutine.hpp"

namespace strata::sim {
namespace {

/// What the two halves of a conversation share.
struct Conversation {
  Conversation(Machine& on, Ledger& in, TalkRecord& with, const TalkPlan& by, TcpStream over)
      : machine(&on), ledger(&in), record(&with), plan(by), stream(std::move(over)) {}
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  /// Not ended, and gone: only a power cut does that.
  ~Conversation() {
    if (record->ended.is_never()) record->cut_off = true;
  }

  void finish() {
    if (!record->ended.is_never()) return;
    record->ended = machine->world_now();
    stream.tcp().close();
  }
  /// No program goes on after an error: also one that is no end of the connection (no_memory) ends here.
  void fail(Errc error) {
    if (!is_finished()) record->failure = error;
    finish();
  }
  bool is_finished() const { return !record->ended.is_never(); }
  /// One half is over; the connection is once both are.
  void half_done() {
    if (--halves == 0 && plan.closes_at_end) finish();
  }

  Machine* machine;
  Ledger* ledger;
  TalkRecord* record;
  TalkPlan plan;
  AsyncStream stream;
  int halves = 2;
};
using Shared = std::shared_ptr<Conversation>;

Task<> send_all(Shared talk) {
  std::vector<std::uint8_t> chunk;
  for (std::uint64_t sent = 0; sent < talk->plan.send && !talk->is_finished();) {
    chunk.resize(std::min<std::uint64_t>(talk->plan.chunk, talk->plan.send - sent));
    talk->ledger->fill(*talk->record, sent, chunk);
    sent += chunk.size();
    talk->record->offered = sent;
    const Result<void> written = co_await write_all(talk->stream, chunk);
    if (!written) {
      talk->fail(written.error());
      co_return;
    }
    if (talk->plan.every > Duration()) co_await talk->machine->sleep(talk->plan.every);
  }
  if (talk->plan.linger > Duration()) co_await talk->machine->sleep(talk->plan.linger);
  if (talk->is_finished()) co_return;
  switch (talk->plan.ending) {
    case Ending::shutdown:
      if (const Result<void> shut = talk->stream.tcp().shutdown_send(); !shut) talk->fail(shut.error());
      break;
    case Ending::close: talk->finish(); break;
    case Ending::abort:
      talk->record->ended = talk->machine->world_now();
      talk->stream.tcp().abort();
      break;
    case Ending::none: break;
  }
  talk->half_done();
}

Task<> read_all(Shared talk) {
  if (talk->plan.read_from > Duration()) co_await talk->machine->sleep(talk->plan.read_from);
  std::vector<std::uint8_t> chunk(talk->plan.read_chunk);
  while (!talk->is_finished()) {
    const Result<std::size_t> size = co_await read(talk->stream, chunk);
    if (!size) {
      talk->fail(size.error());
      co_return;
    }
    if (*size == 0) {
      talk->record->saw_end = true;
      break;
    }
    talk->ledger->on_read(*talk->record, Bytes(chunk).first(*size));
    if (talk->plan.read_every > Duration()) co_await talk->machine->sleep(talk->plan.read_every);
  }
  if (talk->plan.send_after_end && !talk->is_finished()) talk->machine->spawn(send_all(talk));
  talk->half_done();
  // Forgotten: nobody closes the stream, so it must not be destroyed.
  if (!talk->plan.closes_at_end && !talk->is_finished()) co_await std::suspend_always();
}

void begin(const Shared& talk) {
  talk->record->local = talk->stream.tcp().local();
  talk->record->remote = talk->stream.tcp().remote();
  talk->ledger->on_connected(*talk->record, talk->machine->world_now());
  if (!talk->plan.send_after_end) talk->machine->spawn(send_all(talk));
  if (talk->plan.reads) {
    talk->machine->spawn(read_all(talk));
  } else {
    talk->half_done();
  }
}

Task<> connect_and_talk(Machine& machine, Ledger& ledger, std::string name, Endpoint remote, TalkPlan plan) {
  TalkRecord& record = ledger.open({.program = std::move(name),
                                    .machine = machine.name(),
                                    .remote = remote,
                                    .began = machine.world_now()});
  Result<TcpStream> made = machine.stack().connect(remote, {.settings = plan.settings}, machine.now());
  if (!made) {
    record.failure = made.error();
    record.ended = machine.world_now();
    co_return;
  }
  const auto talk = std::make_shared<Conversation>(machine, ledger, record, plan, std::move(*made));
  co_await writable(talk->stream);
  if (const Result<void> ended = talk->stream.tcp().error(); !ended) {
    talk->fail(ended.error());
    co_return;
  }
  begin(talk);
}

Task<> listen_and_talk(Machine& machine, Ledger& ledger, std::string name, std::uint16_t port,
                       TalkPlan plan) {
  const ListenOptions options{.settings = plan.settings};
  Result<TcpListener> listener =
      machine.stack().listen({.address = machine.address(), .zone = 0, .port = port}, options);
  if (!listener) co_return;
  while (true) {
    Result<AsyncStream> stream = co_await accept(*listener);
    if (!stream) continue;
    TalkRecord& record =
        ledger.open({.program = name, .machine = machine.name(), .began = machine.world_now()});
    begin(std::make_shared<Conversation>(machine, ledger, record, plan, std::move(stream->tcp())));
  }
}

}  // namespace

Machine::Program connecting(Ledger& ledger, std::string name, const Endpoint& remote, const TalkPlan& plan) {
  return [&ledger, name = std::move(name), remote, plan](Machine& machine) {
    return connect_and_talk(machine, ledger, name, remote, plan);
  };
}

Machine::Program listening(Ledger& ledger, std::string name, std::uint16_t port, const TalkPlan& plan) {
  return [&ledger, name = std::move(name), port, plan](Machine& machine) {
    return listen_and_talk(machine, ledger, name, port, plan);
  };
}

}  // namespace strata::sim
