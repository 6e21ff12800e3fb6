// poll and the epoll family.
#include <algorithm>
#include <cerrno>

#include "sim/drill/calls.hpp"

namespace strata::drill {
namespace {

std::string bits_difference(std::string_view field, std::uint32_t actual, std::uint32_t expected) {
  if (actual == expected) return {};
  return std::string(field) + ": " + std::to_string(actual) + ", not " + std::to_string(expected);
}

/// A member of `record` as a number; 0 when it is not there.
std::int64_t number_member(Arguments& args, const Value& record, std::string_view name) {
  const Value* value = member(record, name);
  return value == nullptr ? 0 : args.number_in(*value);
}

struct EpollEvents {
  std::vector<epoll_event> expected;
  std::vector<epoll_event> actual;
};

/// `{events=EPOLLIN, fd=4}`. The script's own descriptor is what epoll hands back.
epoll_event to_epoll_event(Arguments& args, const Value& record) {
  epoll_event event{};
  if (record.kind != Value::Kind::record) args.unsupported(record, "this form of an epoll event");
  event.events = static_cast<std::uint32_t>(number_member(args, record, "events"));
  for (const char* name : {"fd", "u32", "u64", "ptr"}) {
    if (member(record, name) != nullptr)
      event.data.u64 = static_cast<std::uint64_t>(number_member(args, record, name));
  }
  return event;
}

}  // namespace

Begun Calls::poll(Arguments& args, Instant now) {
  args.expect_count(3, 3);
  const auto descriptors = std::make_shared<std::vector<pollfd>>();
  std::vector<short> expected;
  if (const Value* list = args.value(0)) {
    for (const Value& item : list->items) {
      const Value* fd = member(item, "fd");
      if (fd == nullptr) args.unsupported(item, "this form of a pollfd");
      descriptors->push_back({.fd = fd == nullptr ? -1 : args.descriptor_in(*fd),
                              .events = static_cast<short>(number_member(args, item, "events")),
                              .revents = 0});
      expected.push_back(static_cast<short>(number_member(args, item, "revents")));
    }
  }
  const int timeout = args.integer(2);
  if (args.failed()) return {};
  Begun begun{.operation = host_.begin_poll(descriptors->data(), descriptors->size(), timeout, now),
              .memory = descriptors};
  begun.outputs_difference = [descriptors, expected](long) {
    std::string text;
    for (std::size_t i = 0; i < expected.size() && text.empty(); ++i) {
      text = bits_difference("revents", static_cast<std::uint16_t>((*descriptors)[i].revents),
                             static_cast<std::uint16_t>(expected[i]));
    }
    return text;
  };
  return begun;
}

Begun Calls::epoll_create(Arguments& args, Instant) {
  args.expect_count(1, 1);
  const int size = args.integer(0);
  if (args.failed()) return {};
  Begun begun = done(size > 0 ? host_.epoll_create1(0) : -EINVAL);
  begun.gives = Begun::Gives::descriptor;
  return begun;
}

Begun Calls::epoll_create1(Arguments& args, Instant) {
  args.expect_count(1, 1);
  const int flags = args.integer(0);
  if (args.failed()) return {};
  Begun begun = done(host_.epoll_create1(flags));
  begun.gives = Begun::Gives::descriptor;
  return begun;
}

Begun Calls::epoll_ctl(Arguments& args, Instant) {
  args.expect_count(4, 4);
  const int epoll = args.descriptor(0);
  const int operation = args.integer(1);
  const int fd = args.descriptor(2);
  const Value* record = args.value(3);
  const bool is_null = record != nullptr && record->kind == Value::Kind::symbol;
  epoll_event event = record == nullptr || is_null ? epoll_event{} : to_epoll_event(args, *record);
  return args.failed() ? Begun{} : done(host_.epoll_ctl(epoll, operation, fd, is_null ? nullptr : &event));
}

Begun Calls::epoll_wait(Arguments& args, Instant now) {
  constexpr int kEventsMax = 1024;
  args.expect_count(4, 4);
  const int epoll = args.descriptor(0);
  const auto events = std::make_shared<EpollEvents>();
  if (const Value* value = args.value(1); value != nullptr && value->kind != Value::Kind::ellipsis) {
    if (value->kind == Value::Kind::list) {
      for (const Value& item : value->items) events->expected.push_back(to_epoll_event(args, item));
    } else {
      events->expected.push_back(to_epoll_event(args, *value));
    }
  }
  const int max = args.integer(2);
  const int timeout = args.integer(3);
  if (args.failed()) return {};
  events->actual.resize(static_cast<std::size_t>(std::clamp(max, 1, kEventsMax)));
  Begun begun{.operation = host_.begin_epoll_wait(epoll, events->actual.data(), std::min(max, kEventsMax),
                                                  timeout, now),
              .memory = events};
  begun.outputs_difference = [events](long count) -> std::string {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) && i < events->expected.size(); ++i) {
      const epoll_event& actual = events->actual[i];
      const epoll_event& expected = events->expected[i];
      if (auto text = bits_difference("events", actual.events, expected.events); !text.empty()) return text;
      if (actual.data.u64 != expected.data.u64) {
        return "fd: " + std::to_string(actual.data.u64) + ", not " + std::to_string(expected.data.u64);
      }
    }
    return {};
  };
  return begun;
}

}  // namespace strata::drill
