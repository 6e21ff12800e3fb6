#include "bench/support/measure.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace strata::bench {
namespace {

double read_seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Columns of a terminal: bytes that begin a UTF-8 character.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

Stopwatch::Stopwatch() : wall_(read_seconds(CLOCK_MONOTONIC)), cpu_(read_seconds(CLOCK_PROCESS_CPUTIME_ID)) {}

Sample Stopwatch::stop(double amount) const {
  return {.amount = amount,
          .seconds = read_seconds(CLOCK_MONOTONIC) - wall_,
          .cpu_seconds = read_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_};
}

double gbit_per_second(const Sample& sample) { return sample.amount * 8e-9 / sample.seconds; }
double cpu_seconds_per_gb(const Sample& sample) { return sample.cpu_seconds / (sample.amount * 1e-9); }
double per_cpu_second(const Sample& sample) { return sample.amount / sample.cpu_seconds; }
double gbit_per_cpu_second(const Sample& sample) { return sample.amount * 8e-9 / sample.cpu_seconds; }
double cpu_micros_each(const Sample& sample) { return sample.cpu_seconds * 1e6 / sample.amount; }

double Series::median(Metric metric) const {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(metric(sample));
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<Series> interleave(std::span<const Contender> contenders, int rounds) {
  std::vector<Series> all;
  for (const Contender& contender : contenders) all.push_back({.name = contender.name, .samples = {}});
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const Sample sample = contenders[i].run();
      if (round >= 0) all[i].samples.push_back(sample);
    }
  }
  return all;
}

std::string number(double value) {
  char text[32];
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string ratio(double value, double reference) { return number(value / reference) + " ×"; }

void Table::print() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string cell = i < rows_[r].size() ? rows_[r][i] : "";
      const std::string gap(widths[i] - width(cell), ' ');
      std::printf("| %s ", i == 0 ? (cell + gap).c_str() : (gap + cell).c_str());
    }
    std::printf("|\n");
    if (r > 0) continue;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      std::printf("|%s%s", std::string(widths[i] + 1, '-').c_str(), i == 0 ? "-" : ":");
    }
    std::printf("|\n");
  }
  std::printf("\n");
  std::fflush(stdout);
}

void require(bool ok, const char* sentence) {
  if (ok) return;
  std::fprintf(stderr, "bench: %s%s%s\n", sentence, errno != 0 ? ": " : "",
               errno != 0 ? std::strerror(errno) : "");
  std::exit(1);
}

void take_no_arguments(int argc, char** argv, const char* measures) {
  if (argc <= 1) return;
  const bool help = std::strcmp(argv[1], "--help") == 0;
  std::fprintf(help ? stdout : stderr, "Usage: %s\n\nMeasures %s. STRATA_BENCH_ROUNDS: how often.\n", argv[0],
               measures);
  std::exit(help ? 0 : 2);
}

int rounds_or(int usual) {
  const char* text = std::getenv("STRATA_BENCH_ROUNDS");
  const int wanted = text == nullptr ? usual : std::atoi(text);
  return wanted > 0 ? wanted : usual;
}

}  // namespace strata::bench
