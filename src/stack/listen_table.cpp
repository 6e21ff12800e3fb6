#include "stack/listen_table.hpp"

namespace strata {

bool ListenPlace::covers(const Endpoint& to) const {
  if (local.zone != 0 && local.zone != to.zone) return false;
  if (local.address == to.address) return true;
  if (!local.address.is_unspecified()) return false;
  return local.address.is_v4() ? to.address.is_v4() : !(ipv6_only && to.address.is_v4());
}

bool overlap(const ListenPlace& a, const ListenPlace& b) {
  if (a.local.port != b.local.port) return false;
  if (a.local.zone != 0 && b.local.zone != 0 && a.local.zone != b.local.zone) return false;
  if (a.local.address == b.local.address) return true;
  const auto takes = [](const ListenPlace& wide, const ListenPlace& other) {
    return wide.local.address.is_unspecified() &&
           wide.covers({.address = other.local.address, .zone = wide.local.zone, .port = 0});
  };
  return takes(a, b) || takes(b, a);
}

std::uint32_t ListenTable::add(const ListenPlace& place) {
  const std::uint32_t index = listeners_.emplace();
  if (index == kNone) return kNone;
  Listener& listener = listeners_[index];
  static_cast<ListenPlace&>(listener) = place;
  listener.index = index;
  if (place.any_port) {
    any_port_ = index;
  } else {
    std::uint32_t& bucket = buckets_[bucket_of(place.local.port)];
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

bool ListenTable::is_taken(const ListenPlace& place) const {
  if (place.any_port) return any_port_ != kNone;
  for (std::uint32_t i = buckets_[bucket_of(place.local.port)]; i != kNone;
       i = listeners_[i].next_in_bucket) {
    const Listener& other = listeners_[i];
    if (overlap(place, other) && !(place.shared && other.shared)) return true;
  }
  return false;
}

Listener* ListenTable::find(const Endpoint& local, std::uint32_t flow_hash) {
  Listener* wildcard = nullptr;
  for (std::uint32_t i = buckets_[bucket_of(local.port)]; i != kNone; i = listeners_[i].next_in_bucket) {
    Listener& listener = listeners_[i];
    if (listener.local.port != local.port || !listener.covers(local)) continue;
    if (listener.local.address == local.address)
      return listener.shared ? pick(listener.local, flow_hash) : &listener;
    // 0.0.0.0 before `::` for IPv4: the narrower one.
    if (wildcard == nullptr || listener.local.address.is_v4()) wildcard = &listener;
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
