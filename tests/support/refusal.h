// Matchers for the answers of calls.
//
//   EXPECT_THAT(ledger.Invoice("ada"), RefusedAs(Reason::kNoUnbilledUsage));
//   storage::InvoiceRecord invoice = Must(ledger.Invoice("ada"));
#ifndef OWO_TESTS_SUPPORT_REFUSAL_H_
#define OWO_TESTS_SUPPORT_REFUSAL_H_

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/ledger/errors.h"

namespace owo::ledger {

inline const absl::Status& StatusIn(const absl::Status& status) { return status; }
template <typename Value>
const absl::Status& StatusIn(const absl::StatusOr<Value>& value) {
  return value.status();
}

// Matches a refusal with this reason, and the canonical code of the reason.
MATCHER_P(RefusedAs, reason, std::string("is refused as ") + std::string(NameOf(reason))) {
  const absl::Status& status = StatusIn(arg);
  *result_listener << status.ToString();
  return !status.ok() && RefusalOf(status).reason == reason && status.code() == CodeOf(reason);
}

// Matches a malformed request whose first violation is of `field`.
MATCHER_P(RefusesField, field, std::string("refuses the field ") + std::string(field)) {
  const absl::Status& status = StatusIn(arg);
  *result_listener << status.ToString();
  if (status.ok() || RefusalOf(status).reason != Reason::kInvalidRequest) return false;
  const Refusal refusal = RefusalOf(status);
  return !refusal.violations.empty() && refusal.violations[0].field == field &&
         !refusal.violations[0].description.empty();
}

// Returns a value of the refusal's metadata; "" if it is missing.
inline std::string ValueIn(const absl::Status& status, std::string_view key) {
  for (const auto& [name, value] : RefusalOf(status).metadata) {
    if (name == key) return value;
  }
  return "";
}

// Returns the value of a call that the test depends on. An error ends the test as failed.
template <typename Value>
Value Must(absl::StatusOr<Value> value) {
  if (!value.ok()) throw std::runtime_error(value.status().ToString());
  return *std::move(value);
}

}  // namespace owo::ledger

#endif  // OWO_TESTS_SUPPORT_REFUSAL_H_
