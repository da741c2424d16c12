#include "service/rpc/customers/render_customers.h"

#include <algorithm>

#include "service/rpc/page_budget.h"
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

absl::Status RenderListCustomersResponse(const CustomersPage& page, const PageTokens& tokens,
                                         pb::ListCustomersResponse& to) {
  PageBudget budget;
  std::string last;
  for (const storage::Customer& customer : page.customers) {
    pb::Customer& shown = *to.add_customers();
    RenderCustomer(customer, shown);
    const bool full = static_cast<size_t>(to.customers_size()) > page.limit;
    if (full || !budget.Spend(shown.ByteSizeLong())) {
      to.mutable_customers()->RemoveLast();
      to.set_next_page_token(tokens.Make(last));
      return absl::OkStatus();
    }
    last = customer.record.id();
  }
  return absl::OkStatus();
}

absl::Status RenderListSubscriptionsResponse(const SubscriptionsPage& page,
                                             const PageTokens& tokens,
                                             pb::ListSubscriptionsResponse& to) {
  const auto& all = page.subscriptions;
  auto next = all.begin();
  if (!page.query.after.empty()) {
    next = std::find_if(all.begin(), all.end(),
                        [&](const auto& view) { return view.id == page.query.after; });
    if (next == all.end()) {
      return ledger::RefuseFields(
          {{"page_token", "was given for a customer who no longer has this name"}});
    }
    ++next;
  }
  PageBudget budget;
  std::string last;
  for (; next != all.end(); ++next) {
    pb::Subscription& shown = *to.add_subscriptions();
    RenderSubscription(*next, shown);
    const bool full = static_cast<size_t>(to.subscriptions_size()) > page.query.limit;
    if (full || !budget.Spend(shown.ByteSizeLong())) {
      to.mutable_subscriptions()->RemoveLast();
      to.set_next_page_token(tokens.Make(last));
      return absl::OkStatus();
    }
    last = next->id;
  }
  return absl::OkStatus();
}

}  // namespace owo::rpc
