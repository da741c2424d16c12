// Why a call was refused. Every error the ledger gives is an absl::Status that carries a reason,
// the values that matter to it, and for malformed requests the fields.
//
//   return Refuse(Reason::kCustomerNotFound, "no customer has the id or email \"x\"", {{"customer",
//   "x"}}); if (std::optional<Refusal> why = RefusalOf(status)) … why->reason …

#ifndef OWO_SERVICE_LEDGER_ERRORS_H_
#define OWO_SERVICE_LEDGER_ERRORS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace owo::ledger {

// In order of precedence: when several apply, the first is given. Numbered as ErrorReason of the
// API.
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

// A status whose code is the reason's, in the one table that knows codes.
absl::Status Refuse(Reason reason, std::string_view message, Metadata metadata = {});
absl::Status RefuseFields(std::vector<FieldViolation> violations);  // REQUIRES: not empty

// What a status made here, or by a store or a rating, says. Never for OK.
Refusal RefusalOf(const absl::Status& status);

absl::StatusCode CodeOf(Reason reason);
std::string_view NameOf(Reason reason);  // "CUSTOMER_NOT_FOUND"

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_ERRORS_H_
