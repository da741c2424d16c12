// From the ledger's refusals to what a caller sees: a canonical code, and in
// `grpc-status-details-bin` a google.rpc.Status with ErrorInfo, and BadRequest or RetryInfo where
// they apply.
//
//   reactor->Finish(ToGrpc(status));

#ifndef OWO_SERVICE_RPC_ERRORS_H_
#define OWO_SERVICE_RPC_ERRORS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "owo/billing/v1/event.pb.h"

namespace owo::rpc {

inline constexpr char kErrorDomain[] = "billing.owo";

// OK stays OK. What is said of a defect or of the store's failures is shown on stderr; callers get
// the reason, not the insides. Everything has a bound, so that the error fits into the metadata
// that clients take.
grpc::Status ToGrpc(const absl::Status& status);

// The same for an event of a batch.
void RenderEventError(const absl::Status& error, owo::billing::v1::EventError& to);

// When all threads are busy and enough calls wait.
absl::Status Overloaded();

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_ERRORS_H_
