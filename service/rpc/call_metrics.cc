#include "service/rpc/call_metrics.h"

#include <cstdint>
#include <vector>

namespace owo::rpc {
namespace {

using telemetry::Labels;

constexpr std::array<const char*, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

// In microseconds: 0.1 ms to 10 s.
const std::vector<int64_t>& DurationBounds() {
  static const auto* const bounds = new std::vector<int64_t>{
      100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
  return *bounds;
}

}  // namespace

CallMetrics::CallMetrics(telemetry::MetricsSink& sink, const std::string& service,
                         const std::string& method) {
  static_assert(kCodeNames.size() == kCodes);
  const Labels labels = {{"service", service}, {"method", method}};
  for (size_t code = 0; code < kCodes; ++code) {
    Labels with_code = labels;
    with_code.emplace_back("code", kCodeNames[code]);
    calls_[code] = &sink.GetCounter(
        {.name = "owo_calls_total", .help = "Calls that were answered, by code."}, with_code);
  }
  duration_ = &sink.GetHistogram({.name = "owo_call_duration_seconds",
                                  .help = "Time from the admission of a call to its answer.",
                                  .bounds = DurationBounds(),
                                  .units = 1'000'000},
                                 labels);
  in_flight_ =
      &sink.GetGauge({.name = "owo_calls_in_flight",
                      .help = "Admitted calls whose answers are not sent to the last byte."},
                     labels);
}

}  // namespace owo::rpc
