// A cable between two stacks of one thread: frames change hands without a copy. Each end is a strata::Device.
//
//   MemoryLink link({.capabilities = {.mtu = 1500, .gso_max = 65535, .checksum_offload_tx = true}});
//   poll(client, nic, link.a(), now);
//   poll(server, nic, link.b(), now);
//
// Frames that wait in the link belong to the pools of the stack that made them: destroy the link before the
// stacks.
#pragma once

#include <cstddef>
#include <memory>

#include "strata/link.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

class Stack;

struct MemoryLinkOptions {
  LinkCapabilities capabilities;  ///< of both ends; frames beyond them are a bug of the sender
  std::size_t queue_max = 1024;   ///< frames waiting in each direction; a full queue pushes back
  bool trust_checksums = false;  ///< complete checksums count as verified, so that nobody computes them again
};

class MemoryLink {
 public:
  /// One end of the cable.
  class End {
   public:
    /// The oldest frame that the other end sent. A partial checksum is accepted: memory does not damage
    /// frames.
    Packet receive(Stack& stack, Instant now);
    /// False, with the frame left alone, when the queue to the other end is full.
    bool transmit(Packet& frame, Instant now);
    void flush() {}
    const LinkCapabilities& capabilities() const;
    /// Frames that receive() would hand over now.
    std::size_t pending() const;

   private:
    friend class MemoryLink;
    End(MemoryLink& link, std::size_t side) : link_(&link), side_(side) {}
    MemoryLink* link_;
    std::size_t side_;
  };

  explicit MemoryLink(const MemoryLinkOptions& options = {});
  ~MemoryLink();
  MemoryLink(const MemoryLink&) = delete;
  MemoryLink& operator=(const MemoryLink&) = delete;

  End& a() { return a_; }
  End& b() { return b_; }

 private:
  struct Queues;
  MemoryLinkOptions options_;
  std::unique_ptr<Queues> queues_;
  End a_{*this, 0};
  End b_{*this, 1};
};

}  // namespace strata
