// ARP (RFC 826) on one interface: what a received packet means to us, and the packets that we send. Keeps
// nothing; the neighbour table does.
#pragma once

#include "buf/byte_queue.hpp"
#include "internet/interface.hpp"
#include "internet/neighbor.hpp"
#include "wire/arp.hpp"

namespace strata::internet {

enum class ArpMeaning : std::uint8_t {
  bad_source,  ///< the sender cannot be a neighbour of ours
  not_for_us,  ///< about two others
  claim,       ///< the sender tells everyone its own address (gratuitous ARP, RFC 5227 §3)
  probe,       ///< asks for our address without having one (RFC 5227 §2.1): answer, learn nothing
  request,     ///< asks for our address
  reply,       ///< answers us
};

ArpMeaning classify(const ArpView& arp, const Interface& interface);

/// A whole frame; empty when there is no packet left. Precondition: the question's target is IPv4.
Packet make_arp_request(buf::Pools& pools, const Interface& interface, const Solicitation& question);
/// The answer to `request`, which asks for an address of ours.
Packet make_arp_reply(buf::Pools& pools, const Interface& interface, const ArpView& request);

}  // namespace strata::internet
