// One name for the renderers of all answers, for tests that are templates over answers.

#ifndef OWO_TESTS_RPC_RENDER_TESTING_H_
#define OWO_TESTS_RPC_RENDER_TESTING_H_

#include <vector>

#include "absl/status/status.h"
#include "service/rpc/billing/render_billing.h"
#include "service/rpc/catalog/render_catalog.h"
#include "service/rpc/customers/render_customers.h"
#include "service/rpc/metering/render_metering.h"
#include "service/rpc/render_events.h"

namespace owo::rpc {

inline absl::Status Render(const ledger::UsageAnswer& usage, pb::UsageResponse& to) {
  return RenderUsageResponse(usage, to);
}
inline absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                           pb::InvoiceResponse& to) {
  return RenderInvoiceResponse(invoice, to);
}
inline absl::Status Render(const ledger::InvoiceView& invoice, pb::GetInvoiceResponse& to) {
  return RenderGetInvoiceResponse(invoice, to);
}
inline absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                           pb::FinalizeInvoiceResponse& to) {
  return RenderFinalizeInvoiceResponse(invoice, to);
}
inline absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                           pb::PayInvoiceResponse& to) {
  return RenderPayInvoiceResponse(invoice, to);
}
inline absl::Status Render(const ledger::Answered<ledger::InvoiceView>& invoice,
                           pb::VoidInvoiceResponse& to) {
  return RenderVoidInvoiceResponse(invoice, to);
}
inline absl::Status Render(const ledger::InvoicePage& page, const PageTokens& tokens,
                           pb::ListInvoicesResponse& to) {
  return RenderListInvoicesResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::TrackResult& result, pb::TrackResponse& to) {
  return RenderTrackResponse(result, to);
}
inline absl::Status Render(const ledger::TrackResult& result, pb::CheckResponse& to) {
  return RenderCheckResponse(result, to);
}
inline void Render(const EventBatch& batch, const std::vector<ledger::TrackResult>& results,
                   pb::TrackBatchResponse& to) {
  RenderTrackBatchResponse(batch, results, to);
}
inline absl::Status Render(const ledger::UsagePage& page, const PageTokens& tokens,
                           pb::ListUsageResponse& to) {
  return RenderListUsageResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::Answered<storage::Customer>& customer,
                           pb::CreateCustomerResponse& to) {
  return RenderCreateCustomerResponse(customer, to);
}
inline absl::Status Render(const storage::Customer& customer, pb::GetCustomerResponse& to) {
  return RenderGetCustomerResponse(customer, to);
}
inline absl::Status Render(const ledger::Answered<storage::Customer>& customer,
                           pb::UpdateCustomerResponse& to) {
  return RenderUpdateCustomerResponse(customer, to);
}
inline absl::Status Render(const ledger::Answered<ledger::ChangedSubscription>& changed,
                           pb::SubscribeResponse& to) {
  return RenderSubscribeResponse(changed, to);
}
inline absl::Status Render(const ledger::Answered<ledger::ChangedSubscription>& changed,
                           pb::CancelSubscriptionResponse& to) {
  return RenderCancelSubscriptionResponse(changed, to);
}
inline absl::Status Render(const ledger::Answered<ledger::ChangedSubscription>& changed,
                           pb::ResumeSubscriptionResponse& to) {
  return RenderResumeSubscriptionResponse(changed, to);
}
inline absl::Status Render(const storage::CustomerList& page, const PageTokens& tokens,
                           pb::ListCustomersResponse& to) {
  return RenderListCustomersResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::SubscriptionsPage& page, const PageTokens& tokens,
                           pb::ListSubscriptionsResponse& to) {
  return RenderListSubscriptionsResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::Answered<std::vector<ledger::CatalogChange>>& changes,
                           pb::SyncCatalogResponse& to) {
  return RenderSyncCatalogResponse(changes, to);
}
inline absl::Status Render(const FeaturesPage& page, const PageTokens& tokens,
                           pb::ListFeaturesResponse& to) {
  return RenderListFeaturesResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::PlansPage& page, const PageTokens& tokens,
                           pb::ListPlansResponse& to) {
  return RenderListPlansResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::PlanView& plan, pb::GetPlanResponse& to) {
  return RenderGetPlanResponse(plan, to);
}
inline absl::Status Render(const ledger::InvoiceEventPage& page, const PageTokens& tokens,
                           pb::ListInvoiceEventsResponse& to) {
  return RenderListInvoiceEventsResponse(page, tokens, to);
}
inline absl::Status Render(const ledger::CustomerEventPage& page, const PageTokens& tokens,
                           pb::ListEventsResponse& to) {
  return RenderListEventsResponse(page, tokens, to);
}

}  // namespace owo::rpc

#endif  // OWO_TESTS_RPC_RENDER_TESTING_H_
