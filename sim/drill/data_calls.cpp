// Calls that move data. All of them are one of two at the socket layer, with a message that has more or fewer
// parts.
#include <array>
#include <cstdint>

#include "sim/drill/calls.hpp"

namespace strata::drill {
namespace {

constexpr std::int64_t kBufferMax = 64 << 20;

/// A message and all that it points to.
struct Message {
  std::vector<std::vector<std::uint8_t>> buffers;
  std::vector<iovec> pieces;
  SocketName address;
  msghdr header{};

  void seal() {
    header.msg_iov = pieces.data();
    header.msg_iovlen = pieces.size();
  }
};

/// One buffer of `size` bytes: `...`, `NULL` or a text.
void add_buffer(Arguments& args, const Value& what, std::int64_t size, Message& into) {
  if (size < 0 || size > kBufferMax) args.unsupported(what, "a buffer of this size");
  if (args.failed()) return;
  const bool is_null = what.kind == Value::Kind::symbol && what.text == "NULL";
  if (!is_null && what.kind != Value::Kind::ellipsis && what.kind != Value::Kind::text) {
    args.unsupported(what, "this kind of buffer");
  }
  std::vector<std::uint8_t>& buffer = into.buffers.emplace_back(is_null ? 0 : static_cast<std::size_t>(size));
  std::copy_n(what.text.begin(), std::min(buffer.size(), what.text.size()), buffer.begin());
  into.pieces.push_back(
      {.iov_base = is_null ? nullptr : buffer.data(), .iov_len = static_cast<std::size_t>(size)});
}

/// `[{..., 100}, {..., 200}]`.
void add_buffers(Arguments& args, const Value& list, Message& into) {
  for (const Value& piece : list.items) {
    if (piece.kind != Value::Kind::record || piece.items.size() != 2) {
      args.unsupported(piece, "this form of a buffer");
      return;
    }
    add_buffer(args, piece.items[0], args.number_in(piece.items[1]), into);
  }
}

/// Argument `index` and its size behind it.
std::shared_ptr<Message> plain_message(Arguments& args, std::size_t index) {
  auto message = std::make_shared<Message>();
  const Value* buffer = args.value(index);
  const std::int64_t size = args.number(index + 1);
  if (buffer != nullptr) add_buffer(args, *buffer, size, *message);
  message->seal();
  return message;
}

std::shared_ptr<Message> vector_message(Arguments& args) {
  auto message = std::make_shared<Message>();
  if (const Value* list = args.value(1)) add_buffers(args, *list, *message);
  message->seal();
  return message;
}

/// `{msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0}`.
std::shared_ptr<Message> full_message(Arguments& args) {
  auto message = std::make_shared<Message>();
  const Value* record = args.value(1);
  if (record == nullptr) return message;
  for (const Value& part : record->items) {
    if (part.label == "msg_iov") {
      add_buffers(args, part, *message);
    } else if (part.label == "msg_flags") {
      message->header.msg_flags = static_cast<int>(args.number_in(part));
    } else if (part.label == "msg_name") {
      if (part.kind != Value::Kind::ellipsis) args.unsupported(part, "an address in a message");
    } else {
      args.unsupported(part, "the member " + part.label + " of a message");
    }
  }
  message->seal();
  return message;
}

/// What a call moves: `call(fd, data, flags)`, in whatever order its arguments come.
struct Transfer {
  int fd;
  std::shared_ptr<Message> message;
  int flags;
};

/// `(fd, buffer, size)`, and of a call with more than these three arguments the flags behind them.
Transfer plain_transfer(Arguments& args, std::size_t count) {
  args.expect_count(count, count);
  return {
      .fd = args.descriptor(0), .message = plain_message(args, 1), .flags = count > 3 ? args.integer(3) : 0};
}

Transfer vector_transfer(Arguments& args) {
  args.expect_count(3, 3);
  return {.fd = args.descriptor(0), .message = vector_message(args), .flags = 0};
}

Transfer full_transfer(Arguments& args) {
  args.expect_count(3, 3);
  return {.fd = args.descriptor(0), .message = full_message(args), .flags = args.integer(2)};
}

Begun send_it(posix::Host& host, const Arguments& args, const Transfer& what, Instant now) {
  if (args.failed()) return {};
  return {.operation = host.begin_send(what.fd, what.message->header, what.flags, now),
          .memory = what.message};
}

Begun receive_it(posix::Host& host, const Arguments& args, const Transfer& what, Instant now) {
  if (args.failed()) return {};
  return {.operation = host.begin_receive(what.fd, what.message->header, what.flags, now),
          .memory = what.message};
}

}  // namespace

Begun Calls::read(Arguments& args, Instant now) {
  return receive_it(host_, args, plain_transfer(args, 3), now);
}
Begun Calls::readv(Arguments& args, Instant now) {
  return receive_it(host_, args, vector_transfer(args), now);
}
Begun Calls::recv(Arguments& args, Instant now) {
  return receive_it(host_, args, plain_transfer(args, 4), now);
}
Begun Calls::recvfrom(Arguments& args, Instant now) {
  return receive_it(host_, args, plain_transfer(args, 6), now);
}

Begun Calls::recvmsg(Arguments& args, Instant now) {
  const Transfer what = full_transfer(args);
  const int expected = what.message->header.msg_flags;
  Begun begun = receive_it(host_, args, what, now);
  begun.outputs_difference = [message = what.message, expected](long) {
    const int actual = message->header.msg_flags;
    return actual == expected ? std::string()
                              : "msg_flags: " + std::to_string(actual) + ", not " + std::to_string(expected);
  };
  return begun;
}

Begun Calls::write(Arguments& args, Instant now) {
  return send_it(host_, args, plain_transfer(args, 3), now);
}
Begun Calls::writev(Arguments& args, Instant now) { return send_it(host_, args, vector_transfer(args), now); }
Begun Calls::send(Arguments& args, Instant now) { return send_it(host_, args, plain_transfer(args, 4), now); }
Begun Calls::sendmsg(Arguments& args, Instant now) { return send_it(host_, args, full_transfer(args), now); }

Begun Calls::sendto(Arguments& args, Instant now) {
  const Transfer what = plain_transfer(args, 6);
  what.message->address = args.address(4, ends_.usual_remote());
  what.message->header.msg_name = what.message->address.get();
  what.message->header.msg_namelen = what.message->address.size;
  return send_it(host_, args, what, now);
}

}  // namespace strata::drill
