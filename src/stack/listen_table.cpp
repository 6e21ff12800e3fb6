#include "stack/listen_table.hpp"

namespace strata {

std::uint32_t ListenTable::add(const Endpoint& local, bool any_port, bool shared) {
  const std::uint32_t index = listeners_.emplace();
  if (index == kNone) return kNone;
  Listener& listener = listeners_[index];
  listener.local = local;
  listener.any_port = any_port;
  listener.shared = shared;
  listener.index = index;
  if (any_port) {
    any_port_ = index;
  } else {
    std::uint32_t& bucket = buckets_[bucket_of(local.port)];
    listener.next_in_bucket = bucket;
    bucket = index;
  }
  return index;
}

void ListenTable::remove(std::uint32_t index) {
  const Listener& listener = listeners_[index];
  if (listener.any_port) {
    any_port_ = kNone;
  } else {
    std::uint32_t* link = &buckets_[bucket_of(listener.local.port)];
    while (*link != index) link = &listeners_[*link].next_in_bucket;
    *link = listener.next_in_bucket;
  }
  listeners_.erase(index);
}

bool ListenTable::is_taken(const Endpoint& local, bool any_port, bool shared) const {
  if (any_port) return any_port_ != kNone;
  for (std::uint32_t i = buckets_[bucket_of(local.port)]; i != kNone; i = listeners_[i].next_in_bucket) {
    const Endpoint& other = listeners_[i].local;
    const bool overlap =
        other.address == local.address || other.address.is_unspecified() || local.address.is_unspecified();
    const bool agreed = shared && listeners_[i].shared;
    if (other.port == local.port && other.zone == local.zone && overlap && !agreed) return true;
  }
  return false;
}

Listener* ListenTable::find(const Endpoint& local, std::uint32_t flow_hash) {
  Listener* wildcard = nullptr;
  for (std::uint32_t i = buckets_[bucket_of(local.port)]; i != kNone; i = listeners_[i].next_in_bucket) {
    Listener& listener = listeners_[i];
    if (listener.local.port != local.port) continue;
    if (listener.local.address == local.address)
      return listener.shared ? pick(listener.local, flow_hash) : &listener;
    if (listener.local.address.is_unspecified()) wildcard = &listener;
  }
  if (wildcard != nullptr) return wildcard->shared ? pick(wildcard->local, flow_hash) : wildcard;
  return any_port_ == kNone ? nullptr : &listeners_[any_port_];
}

/// One of those that share `place`: always the same for one flow, as long as they stay.
Listener* ListenTable::pick(const Endpoint& place, std::uint32_t flow_hash) {
  const auto next_here = [&](std::uint32_t i) {
    while (i != kNone && listeners_[i].local != place) i = listeners_[i].next_in_bucket;
    return i;
  };
  const std::uint32_t first = next_here(buckets_[bucket_of(place.port)]);
  std::uint32_t count = 0;
  for (std::uint32_t i = first; i != kNone; i = next_here(listeners_[i].next_in_bucket)) ++count;
  std::uint32_t chosen = first;
  for (std::uint32_t n = flow_hash % count; n > 0; --n) chosen = next_here(listeners_[chosen].next_in_bucket);
  return &listeners_[chosen];
}

}  // namespace strata
