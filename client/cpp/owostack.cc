#include "client/cpp/owostack.h"

#include <string>

#include "client/cpp/internal/track_sender.h"
#include "client/cpp/internal/uuid.h"

namespace owo {
namespace {

// Ids are made above the connection, which retries: all attempts of a call carry the same id.
void SetIfEmpty(std::string& id) {
  if (id.empty()) id = NewUuid();
}

}  // namespace

absl::StatusOr<BillingUsageResult> BillingApi::usage(const UsageParams& params) const {
  return connection_->Usage(params);
}

absl::StatusOr<InvoiceResult> BillingApi::invoice(InvoiceParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->CreateInvoice(params);
}

absl::StatusOr<InvoicesResult> BillingApi::invoices(const InvoicesParams& params) const {
  return connection_->ListInvoices(params);
}

absl::StatusOr<Invoice> BillingApi::get_invoice(const GetInvoiceParams& params) const {
  return connection_->GetInvoice(params);
}

absl::StatusOr<Invoice> BillingApi::finalize_invoice(FinalizeInvoiceParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->FinalizeInvoice(params);
}

absl::StatusOr<Invoice> BillingApi::pay_invoice(PayInvoiceParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->PayInvoice(params);
}

absl::StatusOr<Invoice> BillingApi::void_invoice(VoidInvoiceParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->VoidInvoice(params);
}

absl::StatusOr<std::vector<RecordedEvent>> BillingApi::invoice_events(
    const InvoiceEventsParams& params) const {
  return connection_->ListInvoiceEvents(params);
}

absl::StatusOr<Customer> CustomersApi::create(CreateCustomerParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->CreateCustomer(params);
}

absl::StatusOr<Customer> CustomersApi::get(const GetCustomerParams& params) const {
  return connection_->GetCustomer(params);
}

absl::StatusOr<Customer> CustomersApi::update(UpdateCustomerParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->UpdateCustomer(params);
}

absl::StatusOr<std::vector<Customer>> CustomersApi::list() const {
  return connection_->ListCustomers();
}

absl::StatusOr<SubscribeResult> CustomersApi::subscribe(SubscribeParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->Subscribe(params);
}

absl::StatusOr<CancelSubscriptionResult> CustomersApi::cancel_subscription(
    CancelSubscriptionParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->CancelSubscription(params);
}

absl::StatusOr<Subscription> CustomersApi::resume_subscription(
    ResumeSubscriptionParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->ResumeSubscription(params);
}

absl::StatusOr<std::vector<Subscription>> CustomersApi::list_subscriptions(
    const ListSubscriptionsParams& params) const {
  return connection_->ListSubscriptions(params);
}

absl::StatusOr<CatalogSyncResult> CatalogApi::sync(CatalogSyncParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->SyncCatalog(params);
}

absl::StatusOr<std::vector<Feature>> CatalogApi::features(const FeaturesParams& params) const {
  return connection_->ListFeatures(params);
}

absl::StatusOr<std::vector<Plan>> CatalogApi::plans(const PlansParams& params) const {
  return connection_->ListPlans(params);
}

absl::StatusOr<Plan> CatalogApi::plan(const PlanParams& params) const {
  return connection_->GetPlan(params);
}

absl::StatusOr<Tenant> AdminApi::create_tenant(CreateTenantParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->CreateTenant(params);
}

absl::StatusOr<Tenant> AdminApi::tenant(const GetTenantParams& params) const {
  return connection_->GetTenant(params);
}

absl::StatusOr<Tenant> AdminApi::update_tenant(UpdateTenantParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->UpdateTenant(params);
}

absl::StatusOr<std::vector<Tenant>> AdminApi::tenants() const { return connection_->ListTenants(); }

absl::StatusOr<Tenant> AdminApi::suspend_tenant(SuspendTenantParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->SuspendTenant(params);
}

absl::StatusOr<Tenant> AdminApi::resume_tenant(ResumeTenantParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->ResumeTenant(params);
}

absl::StatusOr<NewApiKey> AdminApi::create_api_key(CreateApiKeyParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->CreateApiKey(params);
}

absl::StatusOr<std::vector<ApiKey>> AdminApi::api_keys(const ListApiKeysParams& params) const {
  return connection_->ListApiKeys(params);
}

absl::StatusOr<ApiKey> AdminApi::revoke_api_key(RevokeApiKeyParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->RevokeApiKey(params);
}

absl::StatusOr<NewApiKey> AdminApi::rotate_api_key(RotateApiKeyParams params) const {
  SetIfEmpty(params.request_id);
  return connection_->RotateApiKey(params);
}

Owostack::Owostack(const OwostackOptions& options) : Owostack(MakeConnection(options), options) {}

Owostack::Owostack(std::shared_ptr<Connection> connection, const OwostackOptions& options)
    : billing(connection),
      customers(connection),
      catalog(connection),
      admin(connection),
      connection_(connection),
      sender_(std::make_shared<TrackSender>(std::move(connection), options)) {}

absl::Status Owostack::track(TrackParams event) const { return sender_->Track(std::move(event)); }

absl::Status Owostack::flush(absl::Time deadline) const { return sender_->Flush(deadline); }

absl::StatusOr<TrackResult> Owostack::track_now(TrackParams event) const {
  SetIfEmpty(event.event_id);
  return connection_->Track(event);
}

absl::StatusOr<TrackBatchResult> Owostack::track_batch(TrackBatchParams params) const {
  for (TrackParams& event : params.events) SetIfEmpty(event.event_id);
  return connection_->TrackBatch(params);
}

absl::StatusOr<CheckResult> Owostack::check(CheckParams params) const {
  // Without `track` there is no event that could have an id.
  if (params.track) SetIfEmpty(params.event_id);
  return connection_->Check(params);
}

absl::StatusOr<std::vector<UsagePeriod>> Owostack::usage_history(
    const UsageHistoryParams& params) const {
  return connection_->ListUsage(params);
}

absl::StatusOr<std::vector<RecordedEvent>> Owostack::events(const EventsParams& params) const {
  return connection_->ListEvents(params);
}

}  // namespace owo
