#include <algorithm>

#include "service/rpc/render.h"

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
  }
  return pb::SUBSCRIPTION_STATUS_UNSPECIFIED;
}

template <typename Response>
absl::Status RenderAnswered(const ledger::Answered<storage::Customer>& answer, Response& to) {
  Render(answer.value, *to.mutable_customer());
  to.set_replayed(answer.replayed);
  return absl::OkStatus();
}

template <typename Response>
absl::Status RenderAnswered(const ledger::Answered<ledger::SubscriptionView>& answer,
                            Response& to) {
  Render(answer.value, *to.mutable_subscription());
  to.set_replayed(answer.replayed);
  return absl::OkStatus();
}

}  // namespace

void Render(const storage::Customer& customer, pb::Customer& to) {
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

void Render(const ledger::SubscriptionView& view, pb::Subscription& to) {
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

absl::Status Render(const ledger::Answered<storage::Customer>& customer,
                    pb::CreateCustomerResponse& to) {
  return RenderAnswered(customer, to);
}
absl::Status Render(const storage::Customer& customer, pb::GetCustomerResponse& to) {
  Render(customer, *to.mutable_customer());
  return absl::OkStatus();
}
absl::Status Render(const ledger::Answered<storage::Customer>& customer,
                    pb::UpdateCustomerResponse& to) {
  return RenderAnswered(customer, to);
}
absl::Status Render(const ledger::Answered<ledger::SubscriptionView>& subscription,
                    pb::SubscribeResponse& to) {
  return RenderAnswered(subscription, to);
}
absl::Status Render(const ledger::Answered<ledger::SubscriptionView>& subscription,
                    pb::CancelSubscriptionResponse& to) {
  return RenderAnswered(subscription, to);
}

absl::Status Render(const CustomersPage& page, const PageTokens& tokens,
                    pb::ListCustomersResponse& to) {
  const size_t shown = std::min(page.most, page.customers.size());
  for (size_t i = 0; i < shown; ++i) Render(page.customers[i], *to.add_customers());
  if (page.customers.size() > shown) {
    to.set_next_page_token(tokens.Make(page.customers[shown - 1].record.id()));
  }
  return absl::OkStatus();
}

absl::Status Render(const SubscriptionsPage& page, const PageTokens& tokens,
                    pb::ListSubscriptionsResponse& to) {
  const auto& all = page.subscriptions;
  auto next = all.begin();
  if (!page.query.after.empty()) {
    next = std::find_if(all.begin(), all.end(),
                        [&](const auto& view) { return view.id == page.query.after; });
    if (next == all.end()) {
      return ledger::RefuseFields({{"page_token", "names a subscription of another customer"}});
    }
    ++next;
  }
  for (size_t shown = 0; next != all.end() && shown < page.query.most; ++next, ++shown) {
    Render(*next, *to.add_subscriptions());
  }
  if (next != all.end()) to.set_next_page_token(tokens.Make(std::prev(next)->id));
  return absl::OkStatus();
}

}  // namespace owo::rpc
