#include "tests/bench/sample.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace owo::bench {
namespace {

constexpr double kNanosPerMicro = 1000;

double MicrosPerUnit(absl::Duration total, uint64_t units) {
  return units == 0 ? 0 : absl::ToDoubleMicroseconds(total) / static_cast<double>(units);
}

}  // namespace

void Sample::Append(const Sample& other) {
  elapsed += other.elapsed;
  server_cpu += other.server_cpu;
  client_cpu += other.client_cpu;
  units += other.units;
  latency_ns.insert(latency_ns.end(), other.latency_ns.begin(), other.latency_ns.end());
}

int64_t Quantile(std::vector<int64_t>& values, double share) {
  if (values.empty()) return 0;
  const auto rank = static_cast<int64_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + std::max<int64_t>(rank - 1, 0);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

Figures FiguresOf(Sample sample) {
  const auto quantile_us = [&sample](double share) {
    return static_cast<double>(Quantile(sample.latency_ns, share)) / kNanosPerMicro;
  };
  Figures figures;
  if (sample.elapsed > absl::ZeroDuration()) {
    figures.set_rate(static_cast<double>(sample.units) / absl::ToDoubleSeconds(sample.elapsed));
  }
  figures.set_p50_us(quantile_us(0.5));
  figures.set_p99_us(quantile_us(0.99));
  figures.set_p999_us(quantile_us(0.999));
  figures.set_server_cpu_us(MicrosPerUnit(sample.server_cpu, sample.units));
  figures.set_client_cpu_us(MicrosPerUnit(sample.client_cpu, sample.units));
  return figures;
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Figures MedianOf(const std::vector<Figures>& runs) {
  const auto median = [&runs](double (Figures::*figure)() const) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const Figures& run : runs) values.push_back((run.*figure)());
    return MedianOf(std::move(values));
  };
  Figures figures;
  figures.set_rate(median(&Figures::rate));
  figures.set_p50_us(median(&Figures::p50_us));
  figures.set_p99_us(median(&Figures::p99_us));
  figures.set_p999_us(median(&Figures::p999_us));
  figures.set_server_cpu_us(median(&Figures::server_cpu_us));
  figures.set_client_cpu_us(median(&Figures::client_cpu_us));
  return figures;
}

}  // namespace owo::bench
