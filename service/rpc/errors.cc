#include "service/rpc/errors.h"

#include <google/protobuf/any.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/ledger/errors.h"

namespace owo::rpc {
namespace {

using ledger::Reason;
using ledger::Refusal;

// Clients accept 8 KiB of metadata by default. It contains the message, percent-encoded (up to
// three bytes per byte), and the details, which contain the message again.
constexpr size_t kMessageMax = 600;
constexpr size_t kValueMax = 300;  // of ErrorInfo.metadata
constexpr size_t kViolationsMax = 2048;
constexpr int64_t kOverloadDelayMs = 200;
constexpr int64_t kDiskFullDelayMs = 1000;  // an operator must free space

// Truncates to at most `limit` bytes, between characters.
std::string Truncated(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  size_t end = limit - 3;  // the bytes of "…"
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

// The error that callers receive, without internal details.
Refusal RefusalFor(const absl::Status& status) {
  Refusal refusal = ledger::RefusalOf(status);
  if (refusal.reason == Reason::kInternal) {
    refusal.message = "the server has a defect or its data is damaged; its log says more";
  } else if (refusal.reason == Reason::kStoreUnavailable) {
    refusal.message = "the store could not confirm the write: repeat the call with the same ids";
  } else if (refusal.reason == Reason::kDiskFull) {
    refusal.message = "the server's disk is full: nothing is written until there is space again";
  }
  refusal.message = Truncated(refusal.message, kMessageMax);
  for (auto& [key, value] : refusal.metadata) value = Truncated(value, kValueMax);
  return refusal;
}

google::rpc::ErrorInfo ErrorInfoOf(const Refusal& refusal) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ledger::NameOf(refusal.reason)));
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : refusal.metadata) (*info.mutable_metadata())[key] = value;
  return info;
}

google::rpc::BadRequest BadRequestOf(const Refusal& refusal) {
  google::rpc::BadRequest bad;
  size_t bytes = 0;
  for (const ledger::FieldViolation& violation : refusal.violations) {
    bytes += violation.field.size() + violation.description.size();
    if (bytes > kViolationsMax && bad.field_violations_size() > 0) break;
    auto& to = *bad.add_field_violations();
    to.set_field(violation.field);
    to.set_description(Truncated(violation.description, kMessageMax));
  }
  return bad;
}

// nullopt if the call may be retried immediately, or should not be retried.
std::optional<int64_t> RetryDelayMs(Reason reason) {
  if (reason == Reason::kOverloaded) return kOverloadDelayMs;
  if (reason == Reason::kDiskFull) return kDiskFullDelayMs;
  return std::nullopt;
}

google::rpc::RetryInfo RetryInfoAfter(int64_t delay_ms) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(delay_ms / 1000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay_ms % 1000 * 1'000'000));
  return retry;
}

// Converts an error that is not OK. `delay_ms`: of RetryInfo; nullopt: the one of its reason.
grpc::Status ErrorWithDelay(const absl::Status& status, std::optional<int64_t> delay_ms) {
  const Refusal refusal = RefusalFor(status);
  const auto code = static_cast<grpc::StatusCode>(ledger::CodeOf(refusal.reason));
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(refusal.message);
  details.add_details()->PackFrom(ErrorInfoOf(refusal));
  if (!refusal.violations.empty()) details.add_details()->PackFrom(BadRequestOf(refusal));
  if (!delay_ms.has_value()) delay_ms = RetryDelayMs(refusal.reason);
  if (delay_ms.has_value()) details.add_details()->PackFrom(RetryInfoAfter(*delay_ms));
  return {code, refusal.message, details.SerializeAsString()};
}

// `what`: "calls" or "events".
grpc::Status RateExceeded(Reason reason, const std::string& what, int64_t per_second,
                          absl::Duration wait) {
  const std::string message =
      absl::StrCat("more than ", per_second, " ", what, " per second: try again later");
  return ErrorWithDelay(
      ledger::Refuse(reason, message, {{what + "_per_second", absl::StrCat(per_second)}}),
      absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  if (absl::IsDeadlineExceeded(status)) {
    return {grpc::StatusCode::DEADLINE_EXCEEDED, std::string(status.message())};
  }
  return ErrorWithDelay(status, std::nullopt);
}

grpc::Status CallRateExceeded(int64_t per_second, absl::Duration wait) {
  return RateExceeded(Reason::kCallRateExceeded, "calls", per_second, wait);
}

grpc::Status EventRateExceeded(int64_t per_second, absl::Duration wait) {
  return RateExceeded(Reason::kEventRateExceeded, "events", per_second, wait);
}

void RenderEventError(const absl::Status& error, owo::billing::v1::EventError& to) {
  const Refusal refusal = RefusalFor(error);
  to.set_reason(static_cast<owo::billing::v1::ErrorReason>(refusal.reason));
  to.set_message(refusal.message);
  if (!refusal.violations.empty()) to.set_field(refusal.violations.front().field);
  for (const auto& [key, value] : refusal.metadata) (*to.mutable_metadata())[key] = value;
}

std::string_view LogMessageOf(const absl::Status& error) {
  if (absl::IsDeadlineExceeded(error)) return "";
  const Reason reason = ledger::RefusalOf(error).reason;
  if (reason == Reason::kInternal) return "internal error";
  return reason == Reason::kStoreUnavailable ? "store unavailable" : "";
}

absl::Status Overloaded() {
  return ledger::Refuse(Reason::kOverloaded, "too many calls are waiting: try again later");
}

}  // namespace owo::rpc
