#include "service/rpc/call.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "service/rpc/errors.h"
#include "service/rpc/message_bytes.h"

namespace owo::rpc {
namespace {

// Estimated bytes of a call without its messages: this object, values of the ledger and callbacks,
// 2 KiB, and what gRPC keeps of it until its answer is sent, 7 KiB.
constexpr size_t kCallBytes = 9 << 10;

grpc::Status Stopping() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping");
}

// Built once, so that refusing a call stays cheap under a flood.
const grpc::Status& OverBudget() {
  static const auto* const status = new grpc::Status(ToGrpc(Overloaded()));
  return *status;
}

// What a caller sent as a name, or "" if it is not fit to be copied to logs.
std::string_view NameIn(std::string_view text) {
  const auto is_printable = [](unsigned char c) { return absl::ascii_isprint(c); };
  const bool fits = text.size() <= Call::kNameMax && std::ranges::all_of(text, is_printable);
  return fits ? text : std::string_view();
}

absl::Duration SteadyTime(std::chrono::steady_clock::time_point time) {
  return absl::FromChrono(time.time_since_epoch());
}

}  // namespace

Call::Call(const Method& method, const CallParts& parts) : method_(method), parts_(parts) {}

Call::~Call() {
  if (IsAdmitted()) method_.metrics.Leave();
}

void Call::Start(std::string_view bytes) {
  using Admission = CallsInFlight::Admission;
  // First: who may not call takes neither the time to look at the request nor memory for it.
  const absl::Status refused =
      parts_.authenticator.Authenticate(Metadata("authorization"), method_.needs, caller_);
  if (!refused.ok()) {
    if (!parts_.in_flight.Refuse(hold_)) Disconnect();
    return Finish(refused);
  }
  const std::optional<size_t> memory = method_.memory_of != nullptr
                                           ? method_.memory_of(bytes)
                                           : MemoryOf(bytes, *method_.request->GetDescriptor());
  // A request of too many fields is not parsed: only its refusal takes memory.
  const size_t held = kCallBytes + memory.value_or(0);
  switch (parts_.in_flight.Admit(method_.kind, held, hold_)) {
    case Admission::kStopping:
      return Finish(Stopping());
    case Admission::kTooManyRefused:
      Disconnect();
      [[fallthrough]];
    case Admission::kOverBudget:
      return Finish(OverBudget());
    case Admission::kAdmitted:
      break;
  }
  held_bytes_ = held;
  admitted_ = std::chrono::steady_clock::now();
  method_.metrics.Start();
  context_ = parts_.authenticator.ContextOf(caller_, CappedDeadline(), *this);
  if (!ChargeCall()) return;
  if (FinishedIfOver()) return;
  if (!memory.has_value()) return Finish(TooManyFields());
  if (method_.memory_of != nullptr) {
    request_bytes_ = bytes;
  } else {
    request_ = method_.request->New(&arena_);
    if (absl::Status parsed = ParseBytes(bytes, *request_); !parsed.ok()) {
      return Finish(parsed);
    }
  }
  response_ = method_.response->New(&arena_);
  method_.run(*this);
}

std::string_view Call::correlation_id() const { return NameIn(Metadata("x-request-id")); }
std::string_view Call::traceparent() const { return NameIn(Metadata("traceparent")); }

bool Call::ReserveAnswer(size_t bytes) { return hold_.Resize(held_bytes_ + bytes); }

void Call::HoldMore(size_t bytes) {
  held_bytes_ += bytes;
  hold_.ForceResize(held_bytes_);
}

storage::Micros Call::CappedDeadline() const {
  if (parts_.deadline_max == absl::InfiniteDuration()) return Deadline();
  return std::min(Deadline(), absl::ToUnixMicros(absl::Now() + parts_.deadline_max));
}

bool Call::ChargeCall() {
  if (parts_.rates == nullptr || !parts_.rates->enabled()) return true;
  const absl::Duration wait = parts_.rates->ChargeCall(context_.tenant, SteadyTime(admitted_));
  if (wait == absl::ZeroDuration()) return true;
  Finish(CallRateExceeded(parts_.rates->CallsPerSecond(context_.tenant), wait));
  return false;
}

bool Call::ChargeEvents(size_t events) {
  if (parts_.rates == nullptr || !parts_.rates->enabled()) return true;
  const absl::Duration wait = parts_.rates->ChargeEvents(
      context_.tenant, static_cast<int64_t>(events), SteadyTime(admitted_));
  if (wait == absl::ZeroDuration()) return true;
  Finish(EventRateExceeded(parts_.rates->EventsPerSecond(context_.tenant), wait));
  return false;
}

bool Call::FinishedIfOver() {
  if (IsCancelled()) {
    Finish(grpc::Status::CANCELLED);
  } else if (context_.IsPastDeadline()) {
    Finish(ledger::PastDeadline());
  } else {
    return false;
  }
  return true;
}

void Call::Finish(const absl::Status& status) {
  LogDetails(status);
  Finish(ToGrpc(status));
}

void Call::LogDetails(const absl::Status& error) const {
  if (error.ok()) return;
  const std::string_view message = LogMessageOf(error);
  if (message.empty()) return;
  parts_.log.Write(telemetry::Severity::kError, message,
                   {{"method", method_.name},
                    {"principal", context_.principal == nullptr ? "" : context_.principal->name},
                    {"correlation_id", context_.correlation_id()},
                    {"traceparent", context_.traceparent()},
                    {"error", error.ToString(absl::StatusToStringMode::kWithNoExtraData)}});
}

void Call::Finish(grpc::Status status) {
  if (status.ok()) {
    response_bytes_ = response_->ByteSizeLong();
    if (method_.kind == CallKind::kWrite) {
      hold_.ForceResize(kCallBytes + response_bytes_);  // a completed write must be answered
    } else if (!hold_.Resize(kCallBytes + response_bytes_)) {
      status = OverBudget();
    }
  }
  if (!status.ok()) hold_.ForceResize(kCallBytes);
  if (IsAdmitted()) {
    method_.metrics.Finish(status.error_code(),
                           absl::FromChrono(std::chrono::steady_clock::now() - admitted_));
  } else {
    method_.metrics.Refuse(status.error_code());
  }
  Send(std::move(status));
}

void Call::ReleaseMessages() {
  request_ = nullptr;
  response_ = nullptr;
  arena_.Reset();
}

}  // namespace owo::rpc
