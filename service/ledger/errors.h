// Errors of the ledger. Each is an absl::Status that carries a reason, metadata, and for malformed
// requests the field violations.
//
//   return Refuse(Reason::kCustomerNotFound, "no customer has the id or email \"x\"",
//                 {{"customer", "x"}});
//   const Refusal refusal = RefusalOf(status);  // refusal.reason, refusal.metadata …

#ifndef OWO_SERVICE_LEDGER_ERRORS_H_
#define OWO_SERVICE_LEDGER_ERRORS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace owo::ledger {

// In order of precedence: if several reasons apply, a call is refused with the first. The numbers
// are those of the API's ErrorReason.
enum class Reason : int {
  kInvalidRequest = 1,
  kRequestIdReused,
  kCustomerNotFound,
  kCustomerAmbiguous,
  kCustomerExists,
  kEventIdReused,
  kEventInFuture,
  kEventTooOld,
  kFeatureNotFound,
  kSubscriptionNotFound,
  kSubscriptionConflict,
  kUsageAfterChange,
  kPlanNotFound,
  kCurrencyMismatch,
  kPlanImmutable,
  kFeatureInUse = 28,
  kCatalogTooLarge = 29,
  kQuantityOutOfRange = 16,
  kNoUnbilledUsage,
  kCreditBalance,
  kInvoiceNotFound,
  kLineNotFound = 25,
  kEventsExpired = 26,
  kInvoiceStatusConflict = 20,
  kContention,
  kOverloaded,
  kDiskFull = 27,
  kStoreUnavailable = 23,
  kInternal,
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

// A field of a request and what is wrong with it.
struct FieldViolation {
  std::string field;        // "plans[0].features[2].tiers[1].up_to"
  std::string description;  // gives the value and the bound
};

struct Refusal {
  Reason reason = Reason::kInternal;
  std::string message;
  Metadata metadata;
  std::vector<FieldViolation> violations;
};

// An error with the status code that belongs to the reason (CodeOf).
absl::Status Refuse(Reason reason, std::string_view message, Metadata metadata = {});
absl::Status RefuseFields(std::vector<FieldViolation> violations);  // REQUIRES: not empty
absl::Status TooMuchContention();  // CONTENTION: every attempt of a call met other changes

// The refusal in an error from the ledger, the store or rating. REQUIRES: !status.ok().
Refusal RefusalOf(const absl::Status& status);

absl::StatusCode CodeOf(Reason reason);
std::string_view NameOf(Reason reason);  // "CUSTOMER_NOT_FOUND"

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_ERRORS_H_
