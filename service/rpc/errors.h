// Converts errors of the ledger to what callers receive: a canonical code, and in
// `grpc-status-details-bin` a google.rpc.Status with ErrorInfo, and BadRequest or RetryInfo where
// they apply. The code of each reason is in service/ledger/errors.cc.
//
//   reactor->Finish(ToGrpc(status));

#ifndef OWO_SERVICE_RPC_ERRORS_H_
#define OWO_SERVICE_RPC_ERRORS_H_

#include <grpcpp/support/status.h>

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "owo/billing/v1/event.pb.h"

namespace owo::rpc {

inline constexpr char kErrorDomain[] = "billing.owo";

// Converts a status; OK stays OK. Callers do not receive the messages of internal errors and store
// failures, which have internal details: the log does (Call::Finish). All texts are truncated, so
// that the error fits into the metadata that clients accept.
grpc::Status ToGrpc(const absl::Status& status);

// The same for an event of a batch.
void RenderEventError(const absl::Status& error, owo::billing::v1::EventError& to);

// What the log says of an error whose details callers do not receive: "internal error" or "store
// unavailable". "": callers receive all of it.
std::string_view LogMessageOf(const absl::Status& error);

// CALL_RATE_EXCEEDED or EVENT_RATE_EXCEEDED, with RetryInfo: the tenant may send `per_second`, and
// can try again after `wait`.
grpc::Status CallRateExceeded(int64_t per_second, absl::Duration wait);
grpc::Status EventRateExceeded(int64_t per_second, absl::Duration wait);

// OVERLOADED: all threads are busy and the queue is full.
absl::Status Overloaded();

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_ERRORS_H_
