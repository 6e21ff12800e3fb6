// The one file that sees toml++, which takes long to compile.
#include "sim/scenario/toml_table.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <toml++/toml.h>

#include "obs/quantity.hpp"

namespace strata::sim {
namespace {

int line_of_node(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

}  // namespace

struct TomlTable::Inside {
  std::shared_ptr<const toml::table> root;  ///< owns everything
  const toml::table* table = nullptr;       ///< nullptr: an empty one that is not there
  int line = 0;
  std::set<std::string, std::less<>> asked;

  const toml::node* find(std::string_view key) {
    asked.emplace(key);
    return table == nullptr ? nullptr : table->get(key);
  }
};

TomlTable::TomlTable(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
TomlTable::TomlTable(TomlTable&&) noexcept = default;
TomlTable::~TomlTable() = default;

TomlTable TomlTable::parse(std::string_view text) {
  auto inside = std::make_unique<Inside>();
  try {
    inside->root = std::make_shared<const toml::table>(toml::parse(text));
  } catch (const toml::parse_error& error) {
    throw ScenarioMistake(static_cast<int>(error.source().begin.line), std::string(error.description()));
  }
  inside->table = inside->root.get();
  inside->line = 1;
  return TomlTable(std::move(inside));
}

int TomlTable::line() const { return inside_->line; }

int TomlTable::line_of(std::string_view key) const {
  const toml::node* node = inside_->table == nullptr ? nullptr : inside_->table->get(key);
  return node == nullptr ? inside_->line : line_of_node(*node);
}

bool TomlTable::has(std::string_view key) const {
  return inside_->table != nullptr && inside_->table->contains(key);
}

void TomlTable::fail(std::string_view key, const std::string& what) const {
  throw ScenarioMistake(line_of(key), std::string(key) + ": " + what);
}

std::string TomlTable::text(std::string_view key, std::string_view otherwise) {
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return std::string(otherwise);
  if (!node->is_string()) fail(key, "expected a text in quotes");
  return node->as_string()->get();
}

std::string TomlTable::required(std::string_view key, std::string_view what) {
  std::string value = text(key);
  if (value.empty()) fail(key, "is missing, expected " + std::string(what));
  return value;
}

bool TomlTable::flag(std::string_view key, bool otherwise) {
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return otherwise;
  if (!node->is_boolean()) fail(key, "expected true or false");
  return node->as_boolean()->get();
}

std::int64_t TomlTable::number(std::string_view key, std::int64_t otherwise) {
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return otherwise;
  if (!node->is_integer()) fail(key, "expected a whole number");
  return node->as_integer()->get();
}

Duration TomlTable::duration(std::string_view key, Duration otherwise) {
  if (!has(key)) return static_cast<void>(inside_->find(key)), otherwise;
  const auto value = obs::parse_duration(text(key));
  if (!value) fail(key, "expected a time such as \"200ms\" or \"1.5s\"");
  return *value;
}

std::uint32_t TomlTable::percent(std::string_view key, std::uint32_t otherwise) {
  if (!has(key)) return static_cast<void>(inside_->find(key)), otherwise;
  const auto value = obs::parse_percent(text(key));
  if (!value) fail(key, "expected a share such as \"2%\" or \"0.5%\"");
  return *value;
}

std::uint64_t TomlTable::size(std::string_view key, std::uint64_t otherwise) {
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return otherwise;
  if (node->is_integer() && node->as_integer()->get() >= 0)
    return static_cast<std::uint64_t>(node->as_integer()->get());
  const auto value = node->is_string() ? obs::parse_size(node->as_string()->get()) : std::nullopt;
  if (!value) fail(key, "expected a number of bytes such as 1500 or \"64KiB\"");
  return *value;
}

std::uint64_t TomlTable::rate(std::string_view key, std::uint64_t otherwise) {
  if (!has(key)) return static_cast<void>(inside_->find(key)), otherwise;
  const auto value = obs::parse_rate(text(key));
  if (!value || *value == 0) fail(key, "expected a rate such as \"10mbit\"");
  return *value;
}

std::vector<std::string> TomlTable::texts(std::string_view key) {
  std::vector<std::string> values;
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return values;
  if (!node->is_array()) fail(key, "expected a list of texts in brackets");
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_string()) fail(key, "expected a list of texts in brackets");
    values.push_back(element.as_string()->get());
  }
  return values;
}

std::size_t TomlTable::word(std::string_view key, const std::vector<std::string_view>& words,
                            std::size_t otherwise) {
  if (!has(key)) return static_cast<void>(inside_->find(key)), otherwise;
  const std::string value = text(key);
  const auto found = std::ranges::find(words, value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string known;
  for (const std::string_view word : words) known += (known.empty() ? "" : ", ") + std::string(word);
  fail(key, "there is no \"" + value + "\", expected one of " + known);
}

TomlTable TomlTable::table(std::string_view key) {
  auto inside = std::make_unique<Inside>();
  inside->root = inside_->root;
  inside->line = line_of(key);
  const toml::node* node = inside_->find(key);
  if (node != nullptr) {
    if (!node->is_table()) fail(key, "expected a table");
    inside->table = node->as_table();
  }
  return TomlTable(std::move(inside));
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  std::vector<TomlTable> all;
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return all;
  if (!node->is_array()) fail(key, "expected [[" + std::string(key) + "]]");
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_table()) fail(key, "expected a list of tables");
    auto inside = std::make_unique<Inside>();
    inside->root = inside_->root;
    inside->line = line_of_node(element);
    inside->table = element.as_table();
    all.push_back(TomlTable(std::move(inside)));
  }
  return all;
}

std::vector<std::string> TomlTable::names(std::string_view key) {
  std::vector<std::pair<int, std::string>> found;
  const toml::node* node = inside_->find(key);
  if (node == nullptr) return {};
  if (!node->is_table()) fail(key, "expected [" + std::string(key) + ".NAME]");
  for (const auto& [name, value] : *node->as_table())
    found.emplace_back(line_of_node(value), std::string(name.str()));
  std::ranges::sort(found);  // toml++ sorts by name
  std::vector<std::string> all;
  for (auto& [line, name] : found) all.push_back(std::move(name));
  return all;
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::string> all;
  if (inside_->table == nullptr) return all;
  for (const auto& [key, value] : *inside_->table) all.emplace_back(key.str());
  return all;
}

void TomlTable::done() const {
  if (inside_->table == nullptr) return;
  for (const auto& [key, value] : *inside_->table) {
    if (inside_->asked.contains(key.str())) continue;
    std::string known;
    for (const std::string& word : inside_->asked) known += (known.empty() ? "" : ", ") + word;
    throw ScenarioMistake(line_of_node(value),
                          "unknown key \"" + std::string(key.str()) + "\", expected one of " + known);
  }
}

}  // namespace strata::sim
