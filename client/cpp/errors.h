// The machine-readable reason of a failed call, beyond its status code.
//
//   absl::StatusOr<owo::InvoiceResult> result = owo.billing.invoice({.customer = "user_123"});
//   if (owo::ErrorReason(result.status()) == "NO_UNBILLED_USAGE") …
//
// proto/owo/billing/v1/errors.proto lists the reasons with their codes and metadata, and says for
// which of them it helps to repeat the call. If several apply, the server reports the one that
// comes first in that list. A newer server may return reasons that are not in your copy of the
// list: handle these by their status code. Messages are for developers; do not parse them.
//
// Failures without a reason come from the client, from gRPC, or from a server that refused the call
// before looking at it: a message above 4 MiB, a deadline that has passed, a server that is
// stopping. Other details of a failure, for example google.rpc.BadRequest with the wrong fields of
// an INVALID_REQUEST, are payloads of the status under their type URL:
//
//   status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
//
// All functions are thread-safe and do not block.

#ifndef OWO_CLIENT_CPP_ERRORS_H_
#define OWO_CLIENT_CPP_ERRORS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace owo {

// Returns the reason that the server gave, in capitals without a prefix: "CUSTOMER_NOT_FOUND".
// Returns "" if the call succeeded, or if the failure has no reason, for example because the call
// did not reach the server.
std::string ErrorReason(const absl::Status& status);

// Returns the values in the error message by name, for example {"customer", "user_123"}. Which
// names a reason has is in errors.proto. Empty if the failure has no reason.
std::map<std::string, std::string> ErrorMetadata(const absl::Status& status);

// Makes a failure like those that the server returns, for tests of code that handles reasons:
//
//   EXPECT_CALL(*connection, CreateInvoice(_))
//       .WillOnce(Return(owo::MakeError(absl::StatusCode::kFailedPrecondition,
//                                       "NO_UNBILLED_USAGE", "nothing to invoice")));
//
// `code` should be the one that errors.proto lists for the reason; it is not checked.
// REQUIRES: `code` is not OK.
absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace owo

#endif  // OWO_CLIENT_CPP_ERRORS_H_
