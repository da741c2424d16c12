// Helpers that return the wrong fields of a request.
//
//   EXPECT_THAT(WrongFields(ParseUsageRequest, "customer: ''"), ElementsAre("customer"));

#ifndef OWO_TESTS_RPC_PARSE_TESTING_H_
#define OWO_TESTS_RPC_PARSE_TESTING_H_

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "service/ledger/errors.h"
#include "service/rpc/billing/parse_billing.h"
#include "service/rpc/catalog/parse_catalog.h"
#include "service/rpc/customers/parse_customers.h"
#include "service/rpc/metering/parse_metering.h"
#include "tests/client/proto_text.h"
#include "tests/support/refusal.h"

namespace owo::rpc {

using ledger::Must;
using testing::FromText;

// 2026-11-15T12:00:00Z.
inline constexpr storage::Micros kParsedAt = 1'794'744'000'000'000;

// Returns "xxx…", quoted for text format.
inline std::string Text(size_t bytes) { return "'" + std::string(bytes, 'x') + "'"; }

// Returns `field { key: 'k0' value: … } field { key: 'k1' … }`.
inline std::string Entries(const std::string& field, size_t count, size_t value_bytes = 1) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += field + " { key: 'k" + std::to_string(i) + "' value: " + Text(value_bytes) + " } ";
  }
  return text;
}

inline std::vector<std::string> FieldsIn(const absl::Status& status) {
  std::vector<std::string> fields;
  if (status.ok()) return fields;
  const ledger::Refusal refusal = ledger::RefusalOf(status);
  EXPECT_EQ(refusal.reason, ledger::Reason::kInvalidRequest) << status;
  for (const ledger::FieldViolation& violation : refusal.violations) {
    EXPECT_FALSE(violation.description.empty()) << violation.field;
    fields.push_back(violation.field);
  }
  return fields;
}

inline absl::StatusOr<ledger::PaymentParams> ParsePaymentNow(const pb::PayInvoiceRequest& request) {
  return ParsePayInvoiceRequest(request, kParsedAt);
}

inline absl::StatusOr<EventBatch> ParseTrackBatchRequest(const pb::TrackBatchRequest& request) {
  return ParseBatch(request.SerializeAsString());
}

// Of a call for the default tenant.
inline ledger::CallContext AnyContext() {
  static const ledger::Clock clock = [] { return kParsedAt; };
  return {.tenant = storage::kDefaultTenant, .clock = &clock};
}

// What `parse` makes of a request in text format.
template <typename Params, typename Request>
absl::StatusOr<Params> ParseText(absl::StatusOr<Params> (*parse)(const Request&),
                                 const std::string& text) {
  return parse(FromText<Request>(text));
}

template <typename Params, typename Request>
absl::StatusOr<Params> ParseText(absl::StatusOr<Params> (*parse)(const ledger::CallContext&,
                                                                 const Request&),
                                 const std::string& text) {
  return parse(AnyContext(), FromText<Request>(text));
}

// Returns the fields for which a request is refused; none if it is valid.
template <typename Params, typename Request>
std::vector<std::string> WrongFields(absl::StatusOr<Params> (*parse)(const Request&),
                                     const std::string& text) {
  return FieldsIn(ParseText(parse, text).status());
}

template <typename Params, typename Request>
std::vector<std::string> WrongFields(absl::StatusOr<Params> (*parse)(const ledger::CallContext&,
                                                                     const Request&),
                                     const std::string& text) {
  return FieldsIn(ParseText(parse, text).status());
}

}  // namespace owo::rpc

#endif  // OWO_TESTS_RPC_PARSE_TESTING_H_
