// Why a call failed, beyond its status code.
//
//   absl::StatusOr<owo::InvoiceResult> result = owo.billing.invoice({.customer = "user_123"});
//   if (owo::ErrorReason(result.status()) == "NO_UNBILLED_USAGE") …
//
// The reasons are listed in proto/owo/billing/v1/errors.proto, with their codes and metadata. Other
// details of a failure, for example google.rpc.BadRequest, are payloads of the status under their
// type URL.

#ifndef OWO_CLIENT_CPP_ERRORS_H_
#define OWO_CLIENT_CPP_ERRORS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace owo {

// The reason that the server gave, "" if there is none: the call succeeded, or did not reach it.
std::string ErrorReason(const absl::Status& status);

// The values behind the message, for example {"customer", "user_123"}. Empty without a reason.
std::map<std::string, std::string> ErrorMetadata(const absl::Status& status);

// A failure as the server would give it, for tests of code that looks at reasons.
// REQUIRES: `code` is not OK.
absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace owo

#endif  // OWO_CLIENT_CPP_ERRORS_H_
