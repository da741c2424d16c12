// The report as a table for people and as JSON for programs.
//
//   std::cout << TableHead() << TableLine(row);
//   WriteJson(report, "bench.json");

#ifndef OWO_TESTS_BENCH_TABLE_H_
#define OWO_TESTS_BENCH_TABLE_H_

#include <string>

#include "tests/bench/report.pb.h"

namespace owo::bench {

std::string TableHead();

// Returns what was done, the row, and a line for each of its ceilings.
std::string TableLines(const Row& row);

// Throws if the file cannot be written.
void WriteJson(const Report& report, const std::string& path);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_TABLE_H_
