// The part of Customers that shows subscriptions.

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/ledger/customers.h"
#include "service/ledger/subscription_list.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::ContractRecord;
using storage::Micros;
using storage::SubscriptionRecord;
using storage::TenantId;

constexpr char kResumed[] = "resumed";

SubscriptionStatus StatusOf(const SubscriptionRecord& subscription, Micros now) {
  if (IsCanceled(subscription)) return SubscriptionStatus::kCanceled;
  if (subscription.end_us() <= now) return SubscriptionStatus::kEnded;
  return now < subscription.start_us() ? SubscriptionStatus::kScheduled
                                       : SubscriptionStatus::kActive;
}

// A canceled subscription has no time; the version shown is the one that it would have begun with.
absl::StatusOr<Timeline> TimelineOf(const ContractRecord& contract,
                                    const SubscriptionRecord& subscription,
                                    const Catalog& catalog) {
  if (!IsCanceled(subscription)) return Timeline::Of(contract, catalog);
  ContractRecord alone;
  *alone.mutable_zones() = contract.zones();
  *alone.add_subscriptions() = subscription;
  alone.mutable_subscriptions(0)->set_end_us(storage::kForever);
  return Timeline::Of(alone, catalog);
}

}  // namespace

absl::StatusOr<SubscriptionView> Customers::ViewOf(const storage::ReadOptions& read,
                                                   TenantId tenant,
                                                   const storage::Customer& customer,
                                                   uint32_t subscription) {
  const SubscriptionRecord* const record = FindSubscription(customer.contract, subscription);
  OWO_TRY(const auto catalog, context_.directory.GetCatalog(read, tenant));
  const Plan* const plan =
      record == nullptr ? nullptr : catalog->FindPlan(storage::PlanNo{record->plan()});
  if (plan == nullptr) return absl::DataLossError("a subscription or its plan is missing");
  OWO_TRY(const Timeline timeline, TimelineOf(customer.contract, *record, *catalog));
  const Micros now = context_.clock();
  SubscriptionView view{.id = SubscriptionIdText(customer.record.number(), subscription),
                        .customer_id = customer.record.id(),
                        .plan = plan->slug,
                        .plan_version = plan->versions.front().version,
                        .status = StatusOf(*record, now),
                        .record = *record};
  bool first = true;
  for (const Span& span : timeline.spans()) {
    if (span.subscription != subscription) continue;
    if (first || (span.start <= now && !IsCanceled(*record))) {
      view.plan_version = span.version->version;
    }
    first = false;
  }
  return view;
}

absl::StatusOr<ChangedSubscription> Customers::AnswerOf(const storage::ReadOptions& read,
                                                        TenantId tenant,
                                                        const storage::Customer& customer,
                                                        const ChangedNumbers& numbers) {
  ChangedSubscription answer{.resumed = numbers.resumed};
  OWO_TRY(static_cast<SubscriptionView&>(answer),
          ViewOf(read, tenant, customer, numbers.subscription));
  for (const uint32_t number : numbers.canceled) {
    OWO_TRY(answer.canceled.emplace_back(), ViewOf(read, tenant, customer, number));
  }
  return answer;
}

// "7 3", "7 3 resumed", "7 3 4 5": the customer, the subscription, then what else was changed.
std::string Customers::ToText(storage::CustomerNo customer, const ChangedNumbers& numbers) {
  std::string text = absl::StrCat(static_cast<uint64_t>(customer), " ", numbers.subscription);
  if (numbers.resumed) absl::StrAppend(&text, " ", kResumed);
  for (const uint32_t number : numbers.canceled) absl::StrAppend(&text, " ", number);
  return text;
}

absl::StatusOr<ChangedSubscription> Customers::Replay(const storage::ReadOptions& read,
                                                      TenantId tenant, const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ' ');
  ChangedNumbers numbers;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[1], &numbers.subscription)) {
    return absl::DataLossError("a request's object");
  }
  for (size_t i = 2; i < parts.size(); ++i) {
    if (parts[i] == kResumed) {
      numbers.resumed = true;
    } else if (!absl::SimpleAtoi(parts[i], &numbers.canceled.emplace_back())) {
      return absl::DataLossError("a request's object");
    }
  }
  OWO_TRY(const storage::Customer customer, Read(read, tenant, parts[0]));
  return AnswerOf(read, tenant, customer, numbers);
}

absl::StatusOr<std::vector<SubscriptionView>> Customers::Subscriptions(
    const storage::ReadOptions& read, TenantId tenant, const std::string& customer) {
  OWO_TRY(const CustomerPtr view, context_.directory.Find(read, tenant, customer));
  std::vector<SubscriptionView> subscriptions;
  const auto& records = view->stored.contract.subscriptions();
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    OWO_TRY(subscriptions.emplace_back(), ViewOf(read, tenant, view->stored, record->number()));
  }
  return subscriptions;
}

}  // namespace owo::ledger
