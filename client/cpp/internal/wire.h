// Conversions between the structs of the client and the messages on the wire.
//
//   owo::billing::v1::UsageRequest request = ToWire(UsageParams{.customer = "user_123"});
//   BillingUsageResult usage = FromWire(response);
//
// Nothing is validated: parameters are sent, and answers returned, as they are. List requests have
// no page token.

#ifndef OWO_CLIENT_CPP_INTERNAL_WIRE_H_
#define OWO_CLIENT_CPP_INTERNAL_WIRE_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/map.h>
#include <google/protobuf/repeated_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cpp/admin.h"
#include "client/cpp/billing.h"
#include "client/cpp/catalog.h"
#include "client/cpp/customers.h"
#include "client/cpp/events.h"
#include "client/cpp/metering.h"
#include "owo/billing/v1/admin.pb.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/event.pb.h"
#include "owo/billing/v1/metering.pb.h"

namespace owo {

namespace v1 = ::owo::billing::v1;

google::protobuf::Timestamp ToWire(absl::Time time);
google::protobuf::Duration ToWire(absl::Duration duration);
absl::Time FromWire(const google::protobuf::Timestamp& time);

Period FromWire(const v1::Period& period);
TierUsage FromWire(const v1::TierUsage& tier);

v1::UsageRequest ToWire(const UsageParams& params);
v1::InvoiceRequest ToWire(const InvoiceParams& params);
v1::ListInvoicesRequest ToWire(const InvoicesParams& params);
v1::GetInvoiceRequest ToWire(const GetInvoiceParams& params);
v1::FinalizeInvoiceRequest ToWire(const FinalizeInvoiceParams& params);
v1::PayInvoiceRequest ToWire(const PayInvoiceParams& params);
v1::VoidInvoiceRequest ToWire(const VoidInvoiceParams& params);
BillingUsageResult FromWire(const v1::UsageResponse& response);
InvoiceResult FromWire(const v1::InvoiceResponse& response);
BillingFeatureUsage FromWire(const v1::FeatureUsage& row);
Invoice FromWire(const v1::Invoice& message);
InvoiceLineItem FromWire(const v1::LineItem& line);
Payment FromWire(const v1::Payment& payment);

v1::TrackRequest ToWire(const TrackParams& params);
v1::TrackBatchRequest ToWire(const TrackBatchParams& params);
v1::CheckRequest ToWire(const CheckParams& params);
v1::ListUsageRequest ToWire(const UsageHistoryParams& params);
TrackResult FromWire(const v1::TrackResponse& response);
TrackBatchResult FromWire(const v1::TrackBatchResponse& response);
CheckResult FromWire(const v1::CheckResponse& response);
TrackBatchDetail FromWire(const v1::TrackBatchDetail& detail);
EventError FromWire(const v1::EventError& error);
UsagePeriod FromWire(const v1::UsagePeriod& period);

v1::ListInvoiceEventsRequest ToWire(const InvoiceEventsParams& params);
v1::ListEventsRequest ToWire(const EventsParams& params);
RecordedEvent FromWire(const v1::RecordedEvent& event);

v1::CreateCustomerRequest ToWire(const CreateCustomerParams& params);
v1::GetCustomerRequest ToWire(const GetCustomerParams& params);
v1::UpdateCustomerRequest ToWire(const UpdateCustomerParams& params);
v1::SubscribeRequest ToWire(const SubscribeParams& params);
v1::CancelSubscriptionRequest ToWire(const CancelSubscriptionParams& params);
v1::ResumeSubscriptionRequest ToWire(const ResumeSubscriptionParams& params);
v1::ListSubscriptionsRequest ToWire(const ListSubscriptionsParams& params);
Customer FromWire(const v1::Customer& customer);
Subscription FromWire(const v1::Subscription& subscription);
SubscribeResult FromWire(const v1::SubscribeResponse& response);
CancelSubscriptionResult FromWire(const v1::CancelSubscriptionResponse& response);

v1::SyncCatalogRequest ToWire(const CatalogSyncParams& params);
v1::ListFeaturesRequest ToWire(const FeaturesParams& params);
v1::ListPlansRequest ToWire(const PlansParams& params);
v1::GetPlanRequest ToWire(const PlanParams& params);
CatalogSyncResult FromWire(const v1::SyncCatalogResponse& response);
CatalogChange FromWire(const v1::CatalogChange& change);
Feature FromWire(const v1::Feature& feature);
Plan FromWire(const v1::Plan& plan);
PlanFeature FromWire(const v1::PlanFeature& feature);
Tier FromWire(const v1::Tier& tier);

v1::CreateTenantRequest ToWire(const CreateTenantParams& params);
v1::GetTenantRequest ToWire(const GetTenantParams& params);
v1::UpdateTenantRequest ToWire(const UpdateTenantParams& params);
v1::SuspendTenantRequest ToWire(const SuspendTenantParams& params);
v1::ResumeTenantRequest ToWire(const ResumeTenantParams& params);
v1::CreateApiKeyRequest ToWire(const CreateApiKeyParams& params);
v1::ListApiKeysRequest ToWire(const ListApiKeysParams& params);
v1::RevokeApiKeyRequest ToWire(const RevokeApiKeyParams& params);
v1::RotateApiKeyRequest ToWire(const RotateApiKeyParams& params);
Tenant FromWire(const v1::Tenant& tenant);
ApiKey FromWire(const v1::ApiKey& key);
NewApiKey FromWire(const v1::CreateApiKeyResponse& response);
NewApiKey FromWire(const v1::RotateApiKeyResponse& response);

template <typename Message>
auto FromWire(const google::protobuf::RepeatedPtrField<Message>& messages) {
  std::vector<decltype(FromWire(messages[0]))> values;
  values.reserve(messages.size());
  for (const Message& message : messages) values.push_back(FromWire(message));
  return values;
}

// Makes an optional from has_field() and field().
template <typename T>
std::optional<T> Optional(bool present, const T& value) {
  return present ? std::optional<T>(value) : std::nullopt;
}
inline std::optional<absl::Time> Optional(bool present, const google::protobuf::Timestamp& time) {
  return present ? std::optional<absl::Time>(FromWire(time)) : std::nullopt;
}

using StringMap = std::map<std::string, std::string>;
using WireStringMap = google::protobuf::Map<std::string, std::string>;

inline WireStringMap ToWire(const StringMap& map) { return {map.begin(), map.end()}; }
inline StringMap FromWire(const WireStringMap& map) { return {map.begin(), map.end()}; }

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_WIRE_H_
