// Reads a script piece by piece, and knows at every moment its line and column. What a piece is depends on
// the place
// (`P.` are flags after `<`, `1` is a time at the beginning of an event), so the grammar asks for what it
// expects. The first complaint is kept; after it everything reads as the end of the script.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/drill/script_error.hpp"
#include "strata/time.hpp"

namespace strata::drill {

/// `-D NAME=VALUE`: a word of the script, and what stands in its place.
using Defines = std::map<std::string, std::string, std::less<>>;

class Scanner {
 public:
  /// Both must stay as long as the scanner. Words that `defines` names read as their values.
  /// `text` begins at `begin` of its file.
  Scanner(std::string_view text, const Defines& defines, Position begin = {1, 1})
      : text_(text), defines_(&defines), position_(begin), last_(begin) {}

  // --- Where we are ---
  /// Past blanks and comments.
  Position here();
  bool at_end();
  /// True when the next piece stands on a later line than the last one, or there is none.
  bool on_new_line();
  std::size_t offset() const { return at_; }
  /// What was taken since offset() was `begin`.
  std::string_view text_since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  // --- Pieces; all pass blanks and comments first ---
  bool next_is(std::string_view mark);
  /// Takes `mark` if it is next.
  bool accept(std::string_view mark);
  /// As accept(); complains when something else is next.
  bool expect(std::string_view mark);
  /// A name, or an empty text.
  std::string word();
  bool next_is_word();
  /// Takes the name if it is next, whole.
  bool accept_word(std::string_view name);
  /// Digits follow, perhaps behind a minus.
  bool next_is_number();
  /// Decimal, 0x or 0 as in C; complains, with `what` was expected, when there is none.
  std::int64_t number(std::string_view what);
  /// The same, complaining when it is not within 0 and `max`.
  std::uint32_t number_up_to(std::uint32_t max, std::string_view what);
  /// Seconds with up to nine digits behind the point.
  Duration time();
  /// Letters of `allowed`, as many as follow.
  std::string letters(std::string_view allowed);
  /// A digit right behind the last piece, without a blank between; or an empty text.
  std::string adjacent_digit();
  /// Hexadecimal digits, or a word that stands for some; may be empty.
  std::string hexadecimal();
  /// A text in double or single quotes.
  std::string quoted();
  /// Everything before `end`, which is taken too.
  std::string until(std::string_view end, std::string_view what);
  /// Everything up to one of `stops`, which stay, or to the line end.
  std::string raw(std::string_view stops);

  // --- Complaints ---
  void fail(std::string what) { fail_at(here(), std::move(what)); }
  void fail_at(Position at, std::string what, Trouble trouble = Trouble::syntax);
  void unsupported(Position at, std::string what) { fail_at(at, std::move(what), Trouble::unsupported); }
  bool failed() const { return error_.has_value(); }
  const std::optional<ScriptError>& error() const { return error_; }
  /// For messages: what is next, shortened.
  std::string next_text();

 private:
  void skip_blanks();
  void advance(std::size_t count);
  void take(std::size_t count);
  std::string_view rest() const { return text_.substr(at_); }
  std::string_view plain_word() const;
  std::optional<std::int64_t> integer_of(std::string_view digits, bool negative);

  std::string_view text_;
  const Defines* defines_;
  std::size_t at_ = 0;
  Position position_;
  Position last_;  ///< behind the last piece
  std::optional<ScriptError> error_;
};

}  // namespace strata::drill
