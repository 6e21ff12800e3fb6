// The project's own sources as text, for tests that hold rules over the whole tree. Reads files, knows no
// rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strata::tree {

struct Include {
  std::size_t line = 0;
  std::string path;  ///< between the quotes or brackets
  bool quoted = false;
};

struct SourceFile {
  std::string path;                ///< from the top of the tree: `src/wire/tcp.hpp`
  std::vector<std::string> lines;  ///< as written
  std::vector<std::string> code;   ///< without comments and without what stands between quotes

  bool is_test() const;
  bool in(std::string_view folder) const { return path.starts_with(folder); }
  std::vector<Include> includes() const;
};

/// Every .hpp, .h and .cpp below include, src, sim, tools, tests, bench and examples, sorted by path.
const std::vector<SourceFile>& all();

/// `src/wire/tcp.cpp:12`.
std::string place(const SourceFile& file, std::size_t line);

}  // namespace strata::tree
