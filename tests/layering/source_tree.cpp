#include "tests/layering/source_tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace strata::tree {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFolders{"include", "src", "sim", "tools", "tests", "bench", "examples"};

/// One line with its comment and the insides of its literals removed; `in_block` carries a /* over line ends.
std::string strip(const std::string& line, bool& in_block) {
  std::string code;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view rest = std::string_view(line).substr(i);
    if (in_block) {
      if (!rest.starts_with("*/")) continue;
      in_block = false;
      ++i;
    } else if (quote != 0) {
      if (line[i] == '\\') ++i;
      if (line[i] != quote) continue;
      quote = 0;
      code += line[i];
    } else if (rest.starts_with("//")) {
      break;
    } else if (rest.starts_with("/*")) {
      in_block = true;
      ++i;
    } else {
      // An apostrophe after a digit or letter separates digits: 1'000.
      const bool separator =
          line[i] == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(line[i - 1])) != 0;
      if (line[i] == '"' || (line[i] == '\'' && !separator)) quote = line[i];
      code += line[i];
    }
  }
  return code;
}

SourceFile load(const fs::path& root, const fs::path& path) {
  SourceFile file;
  file.path = path.lexically_relative(root).generic_string();
  std::ifstream in(path);
  bool in_block = false;
  for (std::string line; std::getline(in, line);) {
    file.code.push_back(strip(line, in_block));
    file.lines.push_back(std::move(line));
  }
  return file;
}

std::vector<SourceFile> load_all() {
  const fs::path root = STRATA_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const char* folder : kFolders) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string suffix = entry.path().extension().string();
      if (suffix == ".hpp" || suffix == ".h" || suffix == ".cpp") files.push_back(load(root, entry.path()));
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace

bool SourceFile::is_test() const {
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  return in("tests/") || name.ends_with("_test.cpp") || name.starts_with("test_");
}

std::vector<Include> SourceFile::includes() const {
  std::vector<Include> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (!line.starts_with("#include ")) continue;
    const std::size_t open = line.find_first_of("\"<");
    const std::size_t close = open == line.npos ? line.npos : line.find_first_of("\">", open + 1);
    if (close == line.npos) continue;
    found.push_back({i + 1, std::string(line.substr(open + 1, close - open - 1)), line[open] == '"'});
  }
  return found;
}

const std::vector<SourceFile>& all() {
  static const std::vector<SourceFile> files = load_all();
  return files;
}

std::string place(const SourceFile& file, std::size_t line) { return file.path + ":" + std::to_string(line); }

}  // namespace strata::tree
