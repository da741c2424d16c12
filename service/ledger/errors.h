// Errors of the ledger. Each is an absl::Status that carries a reason, metadata, and for malformed
// requests the field violations.
//
//   return Refuse(Reason::kCustomerNotFound, "no customer has the id or email \"x\"",
//                 {{"customer", "x"}});
//   const Refusal refusal = RefusalOf(status);  // refusal.reason, refusal.metadata …
//
// Callers act on the reason and the metadata, which are part of the API. The message is for people.
// It names the field, the value and the bound, and may change with any release. All functions are
// thread-safe.

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
// are those of the API's ErrorReason, whose documentation (errors.proto) is the reference. Each
// comment gives the keys of the metadata in parentheses.
enum class Reason : int {
  // The call has no API key, and needs one.
  kKeyMissing = 30,
  // What came is not the text of a key: it is mistyped or cut off.
  kKeyMalformed = 31,
  // There is no such key.
  kKeyUnknown = 32,
  // The key was revoked (key_id, revoked_at).
  kKeyRevoked = 33,
  // The key has expired (key_id, expired_at).
  kKeyExpired = 34,
  // The principal lacks what the RPC needs (scope).
  kScopeMissing = 35,
  // The tenant is suspended, and the RPC may change something (tenant).
  kTenantSuspended = 36,
  // A field is missing, malformed or out of bounds (field). Has the field violations.
  kInvalidRequest = 1,
  // The request id came before, with other contents (request_id).
  kRequestIdReused = 2,
  // No tenant has the slug, or it is not the caller's (tenant).
  kTenantNotFound = 37,
  // Another tenant has the slug (tenant).
  kTenantExists = 38,
  // There are as many tenants as there may be (limit).
  kTooManyTenants = 39,
  // The tenant has no API key with the id (key_id).
  kApiKeyNotFound = 40,
  // The API key is revoked or has expired (key_id).
  kApiKeyEnded = 41,
  // The tenant, or the store, has as many API keys as it may have (limit).
  kTooManyApiKeys = 42,
  // No customer has the id or email (customer).
  kCustomerNotFound = 3,
  // Several customers have the email (customer).
  kCustomerAmbiguous,
  // The id is taken as an id or email, or the email as an id (customer).
  kCustomerExists,
  // The event id was counted for another customer, feature or quantity (event_id).
  kEventIdReused,
  // The event is more than kEventAheadMax ahead of the clock (event_time).
  kEventInFuture,
  // The event is older than Options::event_age_max (event_time, event_age_max).
  kEventTooOld,
  // The catalog does not have the feature (feature).
  kFeatureNotFound,
  // There is no subscription to cancel or resume (customer).
  kSubscriptionNotFound,
  // The subscription would overlap one that is scheduled (subscription).
  kSubscriptionConflict,
  // Usage was counted at or after the time from which the change would hold (time).
  kUsageAfterChange,
  // The catalog does not have the plan or the version, or the plan is archived (plan, version).
  kPlanNotFound,
  // The plan has another currency than the customer (plan, plan_currency, customer_currency).
  kCurrencyMismatch,
  // A sync would change a plan's currency or interval (plan, field).
  kPlanImmutable,
  // A sync would remove features that customers are subscribed to (plan, features, subscriptions).
  kFeatureInUse = 28,
  // The versions of a plan, or of all plans, would take too many bytes (bytes, bytes_max, plan).
  kCatalogTooLarge = 29,
  // The usage, or its cost, would leave the range that can be represented (quantity).
  kQuantityOutOfRange = 16,
  // The customer has nothing to invoice (customer).
  kNoUnbilledUsage,
  // What is unbilled does not come to more than 0 (customer, currency, amount).
  kCreditBalance,
  // No invoice has the id (invoice_id).
  kInvoiceNotFound,
  // The invoice has fewer lines (invoice_id, line, lines).
  kLineNotFound = 25,
  // The events were dropped from the store since they were invoiced (invoice_id and line, or
  // customer, feature and period).
  kEventsExpired = 26,
  // The status of the invoice does not allow the change (invoice_id, status).
  kInvoiceStatusConflict = 20,
  // Every attempt of the call met another change of the same customer.
  kContention,
  // The tenant sent more calls per second than it may (calls_per_second).
  kCallRateExceeded = 43,
  // The tenant sent more events per second than it may (events_per_second).
  kEventRateExceeded = 44,
  // A queue, or the memory for a kind of call, is full.
  kOverloaded = 22,
  // The disk is full. Nothing is written until it has space again.
  kDiskFull = 27,
  // The store cannot confirm the write, which may or may not have happened.
  kStoreUnavailable = 23,
  // A defect of the server.
  kInternal,
};

// Facts about an error that programs read, by key: {"customer", "user_123"}.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// A field of a request and what is wrong with it.
struct FieldViolation {
  std::string field;        // "plans[0].features[2].tiers[1].up_to"
  std::string description;  // gives the value and the bound
};

// What an error says, unpacked: what the adapter sends to the caller.
struct Refusal {
  Reason reason = Reason::kInternal;
  std::string message;
  Metadata metadata;
  std::vector<FieldViolation> violations;
};

// An error with the status code that belongs to the reason (CodeOf).
absl::Status Refuse(Reason reason, std::string_view message, Metadata metadata = {});
// INVALID_REQUEST with all violations; the message and the metadata are of the first.
// REQUIRES: `violations` is not empty.
absl::Status RefuseFields(std::vector<FieldViolation> violations);
// After so many attempts a call, whether it reads or changes, fails with TooMuchContention().
inline constexpr int kAttemptsMax = 64;
// CONTENTION: every attempt of a call met other changes.
absl::Status TooMuchContention();

// The refusal in an error from the ledger, the store or rating. An error without a reason gets the
// one that its status code implies: STORE_UNAVAILABLE, DISK_FULL, OVERLOADED, else INTERNAL.
// REQUIRES: !status.ok().
Refusal RefusalOf(const absl::Status& status);

// The gRPC status code of all errors with this reason.
absl::StatusCode CodeOf(Reason reason);
// The name in the API, without prefix.
std::string_view NameOf(Reason reason);  // "CUSTOMER_NOT_FOUND"

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_ERRORS_H_
