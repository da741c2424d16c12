// A recorded hour of requests to a language model, as usage events for a replay.
//
//   absl::StatusOr<std::vector<TraceRequest>> trace = ReadTrace("AzureLLMInferenceTrace_conv.csv");
//   std::vector<TrackParams> events = TraceEvents(*trace, "conv", "acme", start, end);
//
// The format is that of the Azure LLM inference trace 2023 (P. Patel et al., "Splitwise: Efficient
// generative LLM inference using phase splitting", ISCA 2024; CC-BY 4.0), which is published at
// https://github.com/Azure/AzurePublicDataset and not part of this repository.

#ifndef OWO_CLIENT_CPP_EXAMPLES_TRACE_H_
#define OWO_CLIENT_CPP_EXAMPLES_TRACE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/cpp/metering.h"

namespace owo::examples {

// Totals of the `conv` trace and of StandInTrace().
inline constexpr int64_t kConvRequests = 19'366;
inline constexpr int64_t kConvInputTokens = 22'361'870;
inline constexpr int64_t kConvOutputTokens = 4'088'665;

struct TraceRequest {
  absl::Time time;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

// Reads a file whose first line is TIMESTAMP,ContextTokens,GeneratedTokens. Every other line is a
// request, for example "2023-11-16 18:15:46.6805900,374,44". INVALID_ARGUMENT names the first
// malformed line; NOT_FOUND if the file cannot be read.
absl::StatusOr<std::vector<TraceRequest>> ReadTrace(const std::string& path);

// Makes as many requests as the `conv` trace has, with the same token totals, in one hour. The same
// seed gives the same requests on every machine.
std::vector<TraceRequest> StandInTrace(uint64_t seed);

// Returns two events per request, one for its input and one for its output tokens, in the order of
// the trace. Times are shifted and scaled to fill [start, end). Ids depend only on `name`, the
// customer, the position in the trace and the feature: a replay at another time repeats the same
// events.
std::vector<TrackParams> TraceEvents(absl::Span<const TraceRequest> trace, absl::string_view name,
                                     const std::string& customer, absl::Time start, absl::Time end);

}  // namespace owo::examples

#endif  // OWO_CLIENT_CPP_EXAMPLES_TRACE_H_
