// What all benchmarks share: clocks, medians of interleaved runs, and the table that they print.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace strata::bench {

/// One run: how much was done, in how much time, with how much CPU at both ends together.
struct Sample {
  double amount = 0;  ///< bytes, connections, round trips
  double seconds = 0;
  double cpu_seconds = 0;
};

/// Measures wall time and the CPU time of this process from construction on.
class Stopwatch {
 public:
  Stopwatch();
  Sample stop(double amount) const;

 private:
  double wall_;
  double cpu_;
};

double gbit_per_second(const Sample& sample);
double cpu_seconds_per_gb(const Sample& sample);
/// For work that runs on one core and never waits: what other processes take of the core does not count.
double per_cpu_second(const Sample& sample);
double gbit_per_cpu_second(const Sample& sample);
double cpu_micros_each(const Sample& sample);

using Metric = double (*)(const Sample&);

/// A candidate of a comparison. `run` is called once per round.
struct Contender {
  std::string name;
  std::function<Sample()> run;
};

/// All samples of one contender.
struct Series {
  std::string name;
  std::vector<Sample> samples;
  double median(Metric metric) const;
};

/// A B C, A B C, ...: drift of the machine then hits everybody. The first round only warms up.
std::vector<Series> interleave(std::span<const Contender> contenders, int rounds);

/// `"12.3"`, with as many decimals as make three digits.
std::string number(double value);
/// `"1.23 ×"`.
std::string ratio(double value, double reference);

/// Prints Markdown that is also aligned for the terminal.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Ends the program with a sentence when `ok` is false: a figure of a run that went wrong must not be
/// printed.
void require(bool ok, const char* sentence);

/// Answers anything on the command line with what the program measures, and ends it: a benchmark takes
/// minutes.
void take_no_arguments(int argc, char** argv, const char* measures);

/// Rounds to run: the environment's STRATA_BENCH_ROUNDS, else `usual`.
int rounds_or(int usual);

}  // namespace strata::bench
