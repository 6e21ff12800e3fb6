// A table of a TOML file as a reader of scenarios sees it: values with the types that people write (`200ms`,
// `2%`, `10mbit`), and a mistake named by line. A key that nobody asked for is a mistake, too.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "strata/time.hpp"

namespace strata::sim {

struct ScenarioMistake : std::runtime_error {
  ScenarioMistake(int at_line, const std::string& what) : std::runtime_error(what), line(at_line) {}
  int line;
};

class TomlTable {
 public:
  /// Throws ScenarioMistake when the text is no TOML.
  static TomlTable parse(std::string_view text);
  ~TomlTable();
  TomlTable(TomlTable&&) noexcept;
  TomlTable(const TomlTable&) = delete;

  int line() const;
  /// Of a key that is there; else of the table.
  int line_of(std::string_view key) const;
  bool has(std::string_view key) const;
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

  // Each gives `otherwise` when the key is missing, and throws ScenarioMistake when its value is none of the
  // kind.
  std::string text(std::string_view key, std::string_view otherwise = {});
  /// Throws when the key is missing.
  std::string required(std::string_view key, std::string_view what);
  bool flag(std::string_view key, bool otherwise);
  std::int64_t number(std::string_view key, std::int64_t otherwise);
  Duration duration(std::string_view key, Duration otherwise = Duration());
  std::uint32_t percent(std::string_view key, std::uint32_t otherwise = 0);
  std::uint64_t size(std::string_view key, std::uint64_t otherwise = 0);
  std::uint64_t rate(std::string_view key, std::uint64_t otherwise = 0);
  std::vector<std::string> texts(std::string_view key);
  /// One of `words`; gives its number.
  std::size_t word(std::string_view key, const std::vector<std::string_view>& words, std::size_t otherwise);

  /// The table under a key; an empty one when it is missing.
  TomlTable table(std::string_view key);
  /// `[[key]]`.
  std::vector<TomlTable> tables(std::string_view key);
  /// The names of the tables in `[key.NAME]`, in the order of the file.
  std::vector<std::string> names(std::string_view key);
  std::vector<std::string> keys() const;
  /// Throws when a key is left that nobody asked for.
  void done() const;

 private:
  struct Inside;
  explicit TomlTable(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace strata::sim
