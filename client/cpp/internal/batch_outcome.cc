#include "client/cpp/internal/batch_outcome.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/cpp/errors.h"
#include "client/cpp/internal/retry.h"

namespace owo {
namespace {

struct Reason {
  absl::string_view name;
  absl::StatusCode code;
};

// The reasons that an event of a batch can have, with their codes as in errors.proto.
constexpr std::array<Reason, 13> kReasons = {{
    {"INVALID_REQUEST", absl::StatusCode::kInvalidArgument},
    {"CUSTOMER_NOT_FOUND", absl::StatusCode::kNotFound},
    {"CUSTOMER_AMBIGUOUS", absl::StatusCode::kFailedPrecondition},
    {"EVENT_ID_REUSED", absl::StatusCode::kAlreadyExists},
    {"EVENT_IN_FUTURE", absl::StatusCode::kOutOfRange},
    {"EVENT_TOO_OLD", absl::StatusCode::kOutOfRange},
    {"FEATURE_NOT_FOUND", absl::StatusCode::kNotFound},
    {"QUANTITY_OUT_OF_RANGE", absl::StatusCode::kOutOfRange},
    {"CONTENTION", absl::StatusCode::kAborted},
    {"OVERLOADED", absl::StatusCode::kResourceExhausted},
    {"DISK_FULL", absl::StatusCode::kResourceExhausted},
    {"STORE_UNAVAILABLE", absl::StatusCode::kUnavailable},
    {"INTERNAL", absl::StatusCode::kInternal},
}};

absl::StatusCode CodeOf(absl::string_view reason) {
  const auto* const found = std::find_if(kReasons.begin(), kReasons.end(),
                                         [&](const Reason& row) { return row.name == reason; });
  return found == kReasons.end() ? absl::StatusCode::kUnknown : found->code;
}

// Why an event is not recorded.
absl::Status StatusOf(TrackCode code, const std::optional<EventError>& error) {
  if (!error.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat("not recorded: ", ToString(code)));
  }
  std::map<std::string, std::string> metadata = error->metadata;
  if (!error->field.empty()) metadata.emplace("field", error->field);
  return MakeError(CodeOf(error->reason), error->reason, error->message, metadata);
}

bool IsRecorded(TrackCode code) {
  return code == TrackCode::kTracked || code == TrackCode::kTrackedOverage;
}

bool MayPass(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsResourceExhausted(status) ||
         absl::IsUnavailable(status);
}

void FailAll(std::vector<TrackParams> events, const absl::Status& status, BatchOutcome& outcome) {
  outcome.failures.reserve(events.size());
  for (TrackParams& event : events) {
    outcome.failures.push_back({.event = std::move(event), .status = status});
  }
}

// The call failed as a whole.
BatchOutcome OutcomeOfFailure(TrackBatchParams batch, const absl::Status& status) {
  BatchOutcome outcome;
  // A deadline that expired is treated like a missing answer: repeating is safe, because of the
  // ids.
  const std::optional<absl::Duration> delay =
      absl::IsDeadlineExceeded(status) ? absl::ZeroDuration() : RepetitionDelay(status);
  if (!delay.has_value()) {
    FailAll(std::move(batch.events), status, outcome);
    return outcome;
  }
  outcome.again = std::move(batch.events);
  outcome.delay = *delay;
  outcome.transience = status;
  return outcome;
}

void AddEventOutcome(TrackParams event, TrackCode code, const std::optional<EventError>& error,
                     BatchOutcome& outcome) {
  absl::Status status = StatusOf(code, error);
  if (MayPass(status)) {
    outcome.again.push_back(std::move(event));
    outcome.transience = std::move(status);
  } else {
    outcome.failures.push_back(
        {.event = std::move(event), .code = code, .status = std::move(status)});
  }
}

}  // namespace

BatchOutcome OutcomeOf(TrackBatchParams batch, const absl::StatusOr<TrackBatchResult>& answer) {
  if (!answer.ok()) return OutcomeOfFailure(std::move(batch), answer.status());
  BatchOutcome outcome;
  if (answer->codes.size() != batch.events.size()) {
    FailAll(std::move(batch.events), absl::InternalError("the answer is not to these events"),
            outcome);
    return outcome;
  }
  // Details are in the order of the events; an event that this call recorded has none.
  auto detail = answer->details.begin();
  for (size_t i = 0; i < batch.events.size(); ++i) {
    if (detail != answer->details.end() && detail->index == i) {
      if (!detail->recorded) {
        AddEventOutcome(std::move(batch.events[i]), detail->code, detail->error, outcome);
      }
      ++detail;
    } else if (!IsRecorded(answer->codes[i])) {
      AddEventOutcome(std::move(batch.events[i]), answer->codes[i], std::nullopt, outcome);
    }
  }
  return outcome;
}

}  // namespace owo
