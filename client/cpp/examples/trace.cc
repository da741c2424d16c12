#include "client/cpp/examples/trace.h"

#include <algorithm>
#include <fstream>
#include <random>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "client/cpp/examples/setup.h"

namespace owo::examples {
namespace {

constexpr char kHeader[] = "TIMESTAMP,ContextTokens,GeneratedTokens";

bool ParseRequest(absl::string_view line, TraceRequest& request) {
  const std::vector<absl::string_view> columns = absl::StrSplit(line, ',');
  std::string error;
  return columns.size() == 3 &&
         absl::ParseTime("%Y-%m-%d %H:%M:%E*S", columns[0], &request.time, &error) &&
         absl::SimpleAtoi(columns[1], &request.input_tokens) &&
         absl::SimpleAtoi(columns[2], &request.output_tokens);
}

// Returns `count` random numbers ≥ 1 that add up to `total`: the distances between random points.
// REQUIRES: `total` is at least about 20 times `count`.
std::vector<int64_t> RandomParts(int64_t total, int64_t count, std::mt19937_64& random) {
  constexpr int64_t kWeightMin = 100;
  constexpr int64_t kWeights = 1800;  // number of different weights
  std::vector<int64_t> bounds = {0};
  for (int64_t i = 0; i < count; ++i) {
    // Does not use a distribution of the standard library: the results differ between libraries.
    const auto weight = static_cast<int64_t>(random() % kWeights);
    bounds.push_back(bounds.back() + kWeightMin + weight);
  }
  const int64_t weight_total = bounds.back();
  for (int64_t& bound : bounds) bound = bound * total / weight_total;
  std::vector<int64_t> parts;
  for (int64_t i = 0; i < count; ++i) parts.push_back(bounds[i + 1] - bounds[i]);
  return parts;
}

}  // namespace

absl::StatusOr<std::vector<TraceRequest>> ReadTrace(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::vector<TraceRequest> trace;
  std::string line;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    absl::StripTrailingAsciiWhitespace(&line);  // lines may end with CR LF
    const bool is_header = number == 1 && line == kHeader;
    if (is_header) continue;
    TraceRequest request;
    if (number == 1 || !ParseRequest(line, request)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", number, ": got \"", line, "\", want ",
                       number == 1 ? kHeader : "a time and two numbers"));
    }
    trace.push_back(request);
  }
  return trace;
}

std::vector<TraceRequest> StandInTrace(uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::vector<int64_t> input = RandomParts(kConvInputTokens, kConvRequests, random);
  const std::vector<int64_t> output = RandomParts(kConvOutputTokens, kConvRequests, random);
  std::vector<TraceRequest> trace;
  for (int64_t i = 0; i < kConvRequests; ++i) {
    trace.push_back({.time = absl::UnixEpoch() + absl::Hours(1) * i / kConvRequests,
                     .input_tokens = input[i],
                     .output_tokens = output[i]});
  }
  return trace;
}

std::vector<TrackParams> TraceEvents(absl::Span<const TraceRequest> trace, absl::string_view name,
                                     const std::string& customer, absl::Time start,
                                     absl::Time end) {
  std::vector<TrackParams> events;
  if (trace.empty()) return events;
  const absl::Time first = trace.front().time;
  // One nanosecond longer than the trace, so that the last request is before `end`.
  const absl::Duration length = trace.back().time - first + absl::Nanoseconds(1);
  events.reserve(2 * trace.size());
  for (size_t i = 0; i < trace.size(); ++i) {
    const absl::Time time =
        start + (end - start) * absl::FDivDuration(trace[i].time - first, length);
    const auto add = [&](const char* feature, int64_t tokens) {
      events.push_back({.customer = customer,
                        .feature = feature,
                        .quantity = absl::StrCat(tokens),
                        .event_id = absl::StrFormat("%s/%s/%05d/%s", name, customer, i, feature),
                        .event_time = time});
    };
    add(kInputTokens, trace[i].input_tokens);
    add(kOutputTokens, trace[i].output_tokens);
  }
  return events;
}

}  // namespace owo::examples
