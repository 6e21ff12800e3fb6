// getsockopt, setsockopt, fcntl, ioctl.
#include <netinet/tcp.h>

#include <array>
#include <cstring>

#include "sim/drill/calls.hpp"
#include "sim/drill/told_option.hpp"

namespace strata::drill {
namespace {

constexpr std::size_t kOptionMax = 256;

/// The bytes of an option, and how many of them count.
struct OptionBytes {
  std::array<std::uint8_t, kOptionMax> bytes{};
  socklen_t size = 0;
};

void put_int(OptionBytes& to, std::size_t index, std::int64_t value) {
  const auto word = static_cast<std::int32_t>(value);
  std::memcpy(to.bytes.data() + index * sizeof word, &word, sizeof word);
}

void put_long(OptionBytes& to, std::size_t index, std::int64_t value) {
  std::memcpy(to.bytes.data() + index * sizeof value, &value, sizeof value);
}

/// `{onoff=1, linger=0}` of SO_LINGER, `{tv_sec=1, tv_usec=0}` of the time-outs; in the order of the
/// structure.
void put_record(Arguments& args, const Value& record, int name, OptionBytes& to) {
  const bool is_time = name == SO_RCVTIMEO || name == SO_SNDTIMEO;
  if (!is_time && name != SO_LINGER) args.unsupported(record, "a structure as the value of this option");
  if (record.items.size() != 2) args.unsupported(record, "a structure of this size");
  if (args.failed()) return;
  for (std::size_t i = 0; i < record.items.size(); ++i) {
    const std::int64_t value = args.number_in(record.items[i]);
    is_time ? put_long(to, i, value) : put_int(to, i, value);
  }
}

/// The value of an option as the script writes it: `[1]`, `{...}`, `"reno"`, `...`.
void put_value(Arguments& args, const Value& value, int name, OptionBytes& to) {
  if (value.kind == Value::Kind::record) return put_record(args, value, name, to);
  if (value.kind == Value::Kind::text) {
    std::memcpy(to.bytes.data(), value.text.data(), std::min(value.text.size(), to.bytes.size()));
    return;
  }
  if (value.kind != Value::Kind::list || value.items.size() > kOptionMax / sizeof(std::int32_t)) {
    args.unsupported(value, "this kind of option value");
    return;
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) put_int(to, i, args.number_in(value.items[i]));
}

std::int32_t get_int(const OptionBytes& from, std::size_t index) {
  std::int32_t word = 0;
  std::memcpy(&word, from.bytes.data() + index * sizeof word, sizeof word);
  return word;
}

std::string bytes_text(const OptionBytes& option) {
  std::string text = "[";
  for (std::size_t i = 0; (i + 1) * sizeof(std::int32_t) <= option.size; ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(get_int(option, i));
  }
  return text + "]";
}

}  // namespace

Begun Calls::setsockopt(Arguments& args, Instant) {
  args.expect_count(5, 5);
  const int fd = args.descriptor(0);
  const int level = args.integer(1);
  const int name = args.integer(2);
  OptionBytes option;
  if (const Value* value = args.value(3)) put_value(args, *value, name, option);
  option.size = static_cast<socklen_t>(args.integer(4));
  if (option.size > kOptionMax) args.unsupported(*args.value(4), "an option of this size");
  return args.failed() ? Begun{} : done(host_.setsockopt(fd, level, name, option.bytes.data(), option.size));
}

Begun Calls::getsockopt(Arguments& args, Instant) {
  args.expect_count(5, 5);
  const int fd = args.descriptor(0);
  const int level = args.integer(1);
  const int name = args.integer(2);
  const Value* value = args.value(3);
  const Value* size = args.value(4);
  OptionBytes expected;
  const bool any = value != nullptr && value->kind == Value::Kind::ellipsis;
  if (value != nullptr && !any) put_value(args, *value, name, expected);
  const bool sized = size != nullptr && size->kind == Value::Kind::list && size->items.size() == 1;
  expected.size = sized ? static_cast<socklen_t>(args.number_in(size->items[0])) : kOptionMax;
  if (expected.size > kOptionMax) args.unsupported(*size, "an option of this size");
  if (args.failed()) return {};
  const auto actual = std::make_shared<OptionBytes>();
  actual->size = expected.size;
  Begun begun = done(told_option(host_, profile_, fd, level, name, actual->bytes.data(), &actual->size));
  begun.outputs_difference = [=](long) -> std::string {
    if (sized && actual->size != expected.size) {
      return "the size is " + std::to_string(actual->size) + ", not " + std::to_string(expected.size);
    }
    if (any || std::memcmp(actual->bytes.data(), expected.bytes.data(), actual->size) == 0) return {};
    return "the value is " + bytes_text(*actual) + ", not " + bytes_text(expected);
  };
  return begun;
}

Begun Calls::fcntl(Arguments& args, Instant) {
  args.expect_count(2, 3);
  const int fd = args.descriptor(0);
  const int command = args.integer(1);
  const long argument = args.count() == 3 ? static_cast<long>(args.number(2)) : 0;
  return args.failed() ? Begun{} : done(host_.fcntl(fd, command, argument));
}

Begun Calls::ioctl(Arguments& args, Instant) {
  args.expect_count(2, 3);
  const int fd = args.descriptor(0);
  const auto request = static_cast<unsigned long>(args.number(1));
  const Value* list = args.value(2);
  if (list != nullptr && (list->kind != Value::Kind::list || list->items.size() != 1)) {
    args.unsupported(*list, "this kind of ioctl argument");
  }
  const auto expected =
      list == nullptr || args.failed() ? 0 : static_cast<int>(args.number_in(list->items[0]));
  if (args.failed()) return {};
  const auto value = std::make_shared<int>(expected);
  Begun begun = done(host_.ioctl(fd, request, value.get()));
  begun.outputs_difference = [value, expected](long) {
    return *value == expected
               ? std::string()
               : "the value is " + std::to_string(*value) + ", not " + std::to_string(expected);
  };
  return begun;
}

}  // namespace strata::drill
