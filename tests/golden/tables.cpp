// `strata_tables`: computes the golden tables. `./run tables` shares the work among processes:
//   strata_tables --part K/N [NAME]      every N-th row from the K-th on, as "table TAB row TAB line"
//   strata_tables --join FOLDER FILE...  puts such lines together, as the files of the folder
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "tests/golden/table.hpp"

namespace strata::golden {
namespace {

int usage() {
  std::fputs("Usage: strata_tables --part K/N [NAME] | --join FOLDER FILE...\n", stderr);
  return 2;
}

int compute_part(const std::string& part, std::string_view name) {
  char* rest = nullptr;
  const std::size_t own = std::strtoul(part.c_str(), &rest, 10);
  const std::size_t count = *rest == '/' ? std::strtoul(rest + 1, nullptr, 10) : 0;
  if (count == 0 || own >= count) return usage();
  std::size_t number = 0;
  for (const Table& table : all_tables()) {
    if (table.name.find(name) == std::string::npos) continue;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      if (number++ % count != own) continue;
      const std::string line = table.rows[i].key + table.rows[i].figures();
      std::printf("%s\t%zu\t%s\n", table.name.c_str(), i, line.c_str());
      std::fflush(stdout);
    }
  }
  return 0;
}

using Lines = std::map<std::string, std::map<std::size_t, std::string>>;

void read_lines(const char* path, Lines& lines) {
  std::ifstream in(path);
  std::string table;
  std::string row;
  std::string line;
  while (std::getline(in, table, '\t') && std::getline(in, row, '\t') && std::getline(in, line))
    lines[table][std::strtoul(row.c_str(), nullptr, 10)] = line;
}

/// Only tables of which every row is there.
int join(const std::string& folder, const Lines& lines) {
  for (const Table& table : all_tables()) {
    const auto found = lines.find(table.name);
    if (found == lines.end()) continue;
    if (found->second.size() != table.rows.size()) {
      std::fprintf(stderr, "strata_tables: %s lacks rows\n", table.name.c_str());
      return 1;
    }
    std::ofstream out(folder + "/" + table.name + ".txt");
    out << table.head;
    for (const auto& [row, line] : found->second) out << line << "\n";
    if (!out) return 1;
  }
  return 0;
}

int run(int argc, char** argv) {
  if (argc < 3) return usage();
  const std::string_view command = argv[1];
  if (command == "--part") return compute_part(argv[2], argc > 3 ? argv[3] : "");
  if (command != "--join") return usage();
  Lines lines;
  for (int i = 3; i < argc; ++i) read_lines(argv[i], lines);
  return join(argv[2], lines);
}

}  // namespace
}  // namespace strata::golden

int main(int argc, char** argv) { return strata::golden::run(argc, argv); }
