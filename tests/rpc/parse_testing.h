// Helpers that return the wrong fields of a request.
//
//   EXPECT_THAT(WrongFields<pb::UsageRequest>("customer: ''"), ElementsAre("customer"));

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

// One name for the parsers of all requests, for tests that are templates over requests.
inline auto Parse(const pb::UsageRequest& request) { return ParseUsageRequest(request); }
inline auto Parse(const pb::InvoiceRequest& request) { return ParseInvoiceRequest(request); }
inline auto Parse(const pb::ListInvoicesRequest& request) {
  return ParseListInvoicesRequest(request);
}
inline auto Parse(const pb::GetInvoiceRequest& request) { return ParseGetInvoiceRequest(request); }
inline auto Parse(const pb::FinalizeInvoiceRequest& request) {
  return ParseFinalizeInvoiceRequest(request);
}
inline auto Parse(const pb::PayInvoiceRequest& request, storage::Micros now) {
  return ParsePayInvoiceRequest(request, now);
}
inline auto Parse(const pb::VoidInvoiceRequest& request) {
  return ParseVoidInvoiceRequest(request);
}
inline auto Parse(const pb::ListInvoiceEventsRequest& request) {
  return ParseListInvoiceEventsRequest(request);
}
inline auto Parse(const pb::TrackRequest& request) { return ParseTrackRequest(request); }
inline auto Parse(const pb::CheckRequest& request) { return ParseCheckRequest(request); }
inline auto Parse(const pb::ListUsageRequest& request) { return ParseListUsageRequest(request); }
inline auto Parse(const pb::ListEventsRequest& request) { return ParseListEventsRequest(request); }
inline auto Parse(const pb::CreateCustomerRequest& request) {
  return ParseCreateCustomerRequest(request);
}
inline auto Parse(const pb::GetCustomerRequest& request) {
  return ParseGetCustomerRequest(request);
}
inline auto Parse(const pb::UpdateCustomerRequest& request) {
  return ParseUpdateCustomerRequest(request);
}
inline auto Parse(const pb::ListCustomersRequest& request) {
  return ParseListCustomersRequest(request);
}
inline auto Parse(const pb::SubscribeRequest& request) { return ParseSubscribeRequest(request); }
inline auto Parse(const pb::CancelSubscriptionRequest& request) {
  return ParseCancelSubscriptionRequest(request);
}
inline auto Parse(const pb::ResumeSubscriptionRequest& request) {
  return ParseResumeSubscriptionRequest(request);
}
inline auto Parse(const pb::ListSubscriptionsRequest& request) {
  return ParseListSubscriptionsRequest(request);
}
inline auto Parse(const pb::SyncCatalogRequest& request) {
  return ParseSyncCatalogRequest(request);
}
inline auto Parse(const pb::ListFeaturesRequest& request) {
  return ParseListFeaturesRequest(request);
}
inline auto Parse(const pb::ListPlansRequest& request) { return ParseListPlansRequest(request); }
inline auto Parse(const pb::GetPlanRequest& request) { return ParseGetPlanRequest(request); }
inline absl::StatusOr<EventBatch> Parse(const pb::TrackBatchRequest& request) {
  return ParseBatch(request.SerializeAsString());
}

template <typename Request>
auto ParseText(const std::string& text) {
  return Parse(FromText<Request>(text));
}
template <>
inline auto ParseText<pb::PayInvoiceRequest>(const std::string& text) {
  return Parse(FromText<pb::PayInvoiceRequest>(text), kParsedAt);
}

// Returns the fields for which a request is refused; none if it is valid.
template <typename Request>
std::vector<std::string> WrongFields(const std::string& text) {
  return FieldsIn(ParseText<Request>(text).status());
}

}  // namespace owo::rpc

#endif  // OWO_TESTS_RPC_PARSE_TESTING_H_
