// The application's calls (RFC 9293 §3.10.1-§3.10.6). They note what has to be said; output.cpp says it.
#pragma once

#include <cstddef>

#include "strata/bytes.hpp"
#include "strata/error.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// OPEN, active. `iss` comes from isn.hpp.
void open_active(Tcb& tcb, const Context& context, SeqNum iss);
/// OPEN, passive, at the moment when a SYN reached the listener.
void open_passive(Tcb& tcb, const Context& context, const Segment& syn, SeqNum iss);
/// SEND: how many bytes were queued.
/// `more`: a piece that fills no segment may wait for what follows.
Result<std::size_t> send(Tcb& tcb, const Context& context, Bytes data, SendOptions options = {});
/// RECEIVE: how many bytes were copied; 0 at the end of the stream.
Result<std::size_t> receive(Tcb& tcb, const Context& context, MutableBytes into);
/// The first contiguous piece of what receive() would return.
Result<Bytes> peek(const Tcb& tcb);
/// What receive() would copy after `skip` bytes, without taking anything.
Result<std::size_t> peek(const Tcb& tcb, MutableBytes into, std::size_t skip);
void consume(Tcb& tcb, const Context& context, std::size_t size);
/// What is queued leaves without waiting for more (RFC 9293 §3.9.1.2).
void push(Tcb& tcb);
/// CLOSE in the RFC's sense: no more SENDs, receiving goes on.
Result<void> shutdown_send(Tcb& tcb, const Context& context);
/// The application lets go of the connection (close(2)).
void close(Tcb& tcb, const Context& context);
/// ABORT.
void abort(Tcb& tcb, const Context& context);

/// An ICMP error about a segment with sequence number `seq` (RFC 9293 §3.9.2.2, RFC 5927 §4).
void on_icmp_error(Tcb& tcb, const Context& context, SeqNum seq, Errc error);
/// What is ready now.
Ready readiness(const Tcb& tcb, const Context& context);
/// Puts new settings in force.
void configure(Tcb& tcb, const Context& context, const TcpSettings& settings);
void set_keepalive(Tcb& tcb, const Context& context, bool on);

}  // namespace strata::tcp
