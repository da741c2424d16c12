#include "service/rpc/customers/render_customers.h"

#include "service/rpc/render_values.h"

namespace owo::rpc {
namespace {

pb::SubscriptionStatus ToProto(ledger::SubscriptionStatus status) {
  switch (status) {
    case ledger::SubscriptionStatus::kScheduled:
      return pb::SUBSCRIPTION_STATUS_SCHEDULED;
    case ledger::SubscriptionStatus::kActive:
      return pb::SUBSCRIPTION_STATUS_ACTIVE;
    case ledger::SubscriptionStatus::kEnded:
      return pb::SUBSCRIPTION_STATUS_ENDED;
    case ledger::SubscriptionStatus::kCanceled:
      return pb::SUBSCRIPTION_STATUS_CANCELED;
  }
  return pb::SUBSCRIPTION_STATUS_UNSPECIFIED;
}

template <typename Response>
absl::Status RenderAnswered(const ledger::Answered<storage::Customer>& answer, Response& to) {
  RenderCustomer(answer.value, *to.mutable_customer());
  to.set_replayed(answer.replayed);
  return absl::OkStatus();
}

template <typename Response>
absl::Status RenderAnswered(const ledger::Answered<ledger::ChangedSubscription>& answer,
                            Response& to) {
  RenderSubscription(answer.value, *to.mutable_subscription());
  to.set_replayed(answer.replayed);
  return absl::OkStatus();
}

}  // namespace

void RenderCustomer(const storage::Customer& customer, pb::Customer& to) {
  to.set_id(customer.record.id());
  to.set_email(customer.record.email());
  to.set_name(customer.record.name());
  *to.mutable_metadata() = customer.record.metadata();
  const auto& zones = customer.contract.zones();
  if (!zones.empty()) to.set_time_zone(zones.rbegin()->zone());
  if (customer.contract.has_spend_cap()) to.set_spend_cap(customer.contract.spend_cap());
  to.set_currency(customer.contract.currency());
  *to.mutable_created_at() = ToTimestamp(customer.record.created_us());
  *to.mutable_updated_at() = ToTimestamp(customer.record.updated_us());
}

void RenderSubscription(const ledger::SubscriptionView& view, pb::Subscription& to) {
  to.set_id(view.id);
  to.set_customer_id(view.customer_id);
  to.set_plan(view.plan);
  to.set_plan_version(view.plan_version);
  *to.mutable_start() = ToTimestamp(view.record.start_us());
  if (view.record.end_us() != storage::kForever) {
    *to.mutable_end() = ToTimestamp(view.record.end_us());
  }
  to.set_status(ToProto(view.status));
  *to.mutable_metadata() = view.record.metadata();
  *to.mutable_created_at() = ToTimestamp(view.record.created_us());
}

absl::Status RenderCreateCustomerResponse(const ledger::Answered<storage::Customer>& customer,
                                          pb::CreateCustomerResponse& to) {
  return RenderAnswered(customer, to);
}
absl::Status RenderGetCustomerResponse(const storage::Customer& customer,
                                       pb::GetCustomerResponse& to) {
  RenderCustomer(customer, *to.mutable_customer());
  return absl::OkStatus();
}
absl::Status RenderUpdateCustomerResponse(const ledger::Answered<storage::Customer>& customer,
                                          pb::UpdateCustomerResponse& to) {
  return RenderAnswered(customer, to);
}
absl::Status RenderSubscribeResponse(const ledger::Answered<ledger::ChangedSubscription>& changed,
                                     pb::SubscribeResponse& to) {
  to.set_resumed(changed.value.resumed);
  return RenderAnswered(changed, to);
}
absl::Status RenderCancelSubscriptionResponse(
    const ledger::Answered<ledger::ChangedSubscription>& changed,
    pb::CancelSubscriptionResponse& to) {
  for (const ledger::SubscriptionView& canceled : changed.value.canceled) {
    RenderSubscription(canceled, *to.add_canceled());
  }
  return RenderAnswered(changed, to);
}
absl::Status RenderResumeSubscriptionResponse(
    const ledger::Answered<ledger::ChangedSubscription>& changed,
    pb::ResumeSubscriptionResponse& to) {
  return RenderAnswered(changed, to);
}

absl::Status RenderListCustomersResponse(const storage::CustomerList& page,
                                         const PageTokens& tokens, pb::ListCustomersResponse& to) {
  for (const storage::Customer& customer : page.customers) {
    RenderCustomer(customer, *to.add_customers());
  }
  if (!page.next.empty()) to.set_next_page_token(tokens.Make(page.next));
  return absl::OkStatus();
}

absl::Status RenderListSubscriptionsResponse(const ledger::SubscriptionsPage& page,
                                             const PageTokens& tokens,
                                             pb::ListSubscriptionsResponse& to) {
  for (const ledger::SubscriptionView& view : page.subscriptions) {
    RenderSubscription(view, *to.add_subscriptions());
  }
  if (!page.next.empty()) to.set_next_page_token(tokens.Make(page.next));
  return absl::OkStatus();
}

}  // namespace owo::rpc
