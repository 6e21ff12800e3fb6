// The rules of STYLE.md that a machine can hold: sizes, words that a folder must not contain, the spelling of
// citations. An exception is a row in a table here, with its reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/layering/source_tree.hpp"

namespace strata::tree {
namespace {

constexpr std::size_t kLinesPerFile = 400;
constexpr std::size_t kLinesPerFunction = 70;
constexpr std::size_t kColumns = 110;

struct Exception {
  std::string_view what;
  std::string_view reason;
};

/// Files and functions (as `file:first line of the function`) that may be longer.
constexpr std::initializer_list<Exception> kLong = {};

bool may_be_long(std::string_view what) {
  return std::ranges::any_of(kLong, [&](const Exception& e) { return e.what == what && !e.reason.empty(); });
}

/// Columns as an editor counts them: continuation bytes of UTF-8 take none.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; }));
}

TEST(Tidy, FilesAreShort) {
  for (const SourceFile& file : all()) {
    EXPECT_TRUE(file.lines.size() <= kLinesPerFile || may_be_long(file.path))
        << file.path << " has " << file.lines.size() << " lines: split it by responsibility";
  }
}

TEST(Tidy, LinesAreNarrow) {
  for (const SourceFile& file : all()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_LE(columns(file.lines[i]), kColumns) << place(file, i + 1);
    }
  }
}

/// A line that opens a function: formatted code closes it with `}` at the same indent.
bool opens_function(std::string_view code) {
  static const std::regex other(
      R"(^\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|do|else|case)\b)");
  return code.ends_with('{') && code.find('(') != code.npos && code.find('=') == code.npos &&
         !std::regex_search(code.begin(), code.end(), other);
}

TEST(Tidy, FunctionsAreShort) {
  for (const SourceFile& file : all()) {
    for (std::size_t first = 0; first < file.code.size(); ++first) {
      const std::string& line = file.code[first];
      const std::size_t indent = line.find_first_not_of(' ');
      if (indent > 2 || !opens_function(line)) continue;
      const std::string end = std::string(indent, ' ') + "}";
      std::size_t last = first + 1;
      while (last < file.code.size() && !file.code[last].starts_with(end)) ++last;
      EXPECT_TRUE(last - first < kLinesPerFunction || may_be_long(file.path + ":" + line))
          << place(file, first + 1) << ": " << last - first + 1 << " lines: " << line;
    }
  }
}

TEST(Tidy, EveryFileBeginsWithAnAbstract) {
  for (const SourceFile& file : all()) {
    const bool implements_header = file.path.ends_with(".cpp") && !file.lines.empty() && !file.is_test() &&
                                   file.lines[0].starts_with("#include \"");
    EXPECT_TRUE(!file.lines.empty() &&
                (file.lines[0].starts_with("// ") || implements_header || file.is_test()))
        << file.path << ": say in a comment on the first line what the file is for";
  }
}

// --- Words ---

using Words = std::vector<std::string_view>;

struct WordRule {
  Words folders;
  Words words;  ///< looked for in code without comments and literals; one that ends in `_` is a beginning
  std::string_view reason;
};

const Words kCore = {"include/strata/", "src/base/",     "src/wire/",      "src/buf/",
                     "src/link/",       "src/internet/", "src/transport/", "src/stack/"};

const std::vector<WordRule>& word_rules() {
  static const std::vector<WordRule> rules = {
      {kCore,
       {"steady_clock", "system_clock", "high_resolution_clock", "clock_gettime", "gettimeofday", "<chrono>"},
       "time is an argument (R4)"},
      {kCore,
       {"random_device", "std::rand", "srand", "mt19937", "mt19937_64", "<random>", "getrandom"},
       "randomness is an argument (R4)"},
      {kCore,
       {"std::thread", "std::jthread", "std::mutex", "std::atomic", "<thread>", "<mutex>", "<atomic>",
        "thread_local"},
       "one thread owns a stack (R13)"},
      {kCore,
       {"std::function", "shared_ptr", "weak_ptr", "virtual", "dynamic_cast", "typeid"},
       "no hidden allocation, no polymorphic class in the core (R13)"},
      {kCore,
       {"<iostream>", "std::cout", "std::cerr", "printf", "fprintf", "puts", "<fstream>"},
       "the core emits events, not text (R14)"},
      {kCore, {"throw", "try", "catch"}, "the core is built without exceptions (R7)"},
      {{"src/internet/", "src/transport/", "src/stack/"},
       {"std::map", "std::set", "std::multimap", "std::multiset", "std::unordered_", "std::deque",
        "std::list", "std::forward_list", "std::queue", "std::priority_queue"},
       "tables live in slabs and pools that can say no (R13)"},
      {{"src/wire/"}, {"reinterpret_cast", "#pragma pack", "packed"}, "views read bytes, not structs (R6)"},
      {{"src/", "sim/"}, {"float", "double"}, "both compilers must give the same trace (R4)"},
  };
  return rules;
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// True when `word` stands in `line` and is not a part of a longer name.
bool contains_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != line.npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word_character(word.front()) || !is_word_character(line[at - 1]);
    const bool ends = end == line.size() || !is_word_character(line[end]) || !is_word_character(word.back());
    if (begins && (ends || word.ends_with('_'))) return true;
  }
  return false;
}

/// `file word`: the word may stand in this file.
bool word_is_allowed(std::string_view file, std::string_view word) {
  static const std::map<std::pair<std::string_view, std::string_view>, std::string_view> allowed = {
      {{"src/base/check.cpp", "fprintf"}, "the last words of a process that found a bug of its own"},
  };
  return allowed.contains({file, word});
}

void check_words(const WordRule& rule, const SourceFile& file) {
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    for (const std::string_view word : rule.words) {
      if (!contains_word(file.code[i], word) || word_is_allowed(file.path, word)) continue;
      ADD_FAILURE() << place(file, i + 1) << ": `" << word << "`: " << rule.reason;
    }
  }
}

TEST(Tidy, FoldersKeepTheirVocabulary) {
  for (const WordRule& rule : word_rules()) {
    for (const SourceFile& file : all()) {
      const auto holds_in = [&](std::string_view folder) { return file.in(folder); };
      if (!file.is_test() && std::ranges::any_of(rule.folders, holds_in)) check_words(rule, file);
    }
  }
}

TEST(Tidy, HeadersCanBeIncludedAnywhere) {
  for (const SourceFile& file : all()) {
    if (file.path.ends_with(".cpp")) continue;
    EXPECT_NE(std::ranges::find(file.lines, "#pragma once"), file.lines.end())
        << file.path << ": needs #pragma once";
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      EXPECT_FALSE(contains_word(file.code[i], "using namespace")) << place(file, i + 1);
    }
  }
}

TEST(Tidy, CitationsHaveOneSpelling) {
  // Right: RFC 9293 §3.10.7.4. Wrong: RFC9293, RFC-9293, RFC 9293 section 3.10, RFC 9293, §3.10.
  const std::regex wrong(R"(RFC-?\d|RFC \d+,? ?\(?([Ss]ec(tion|\.)|[Pp]age)|RFC \d+(, | )§ |RFC \d+, §)");
  for (const SourceFile& file : all()) {
    if (file.path == "tests/tidy/tidy_test.cpp") continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].find("RFC") == std::string::npos) continue;
      EXPECT_FALSE(std::regex_search(file.lines[i], wrong))
          << place(file, i + 1) << ": write `RFC 9293 §3.10.7.4`: " << file.lines[i];
    }
  }
}

TEST(Tidy, NothingIsLeftForLater) {
  for (const SourceFile& file : all()) {
    if (file.path == "tests/tidy/tidy_test.cpp") continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string_view word : {"TODO", "FIXME", "XXX", "HACK"}) {
        EXPECT_FALSE(contains_word(file.lines[i], word)) << place(file, i + 1) << ": " << file.lines[i];
      }
    }
  }
}

}  // namespace
}  // namespace strata::tree
