// The part of Customers that concerns plans.

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/ledger/customers.h"
#include "storage/contract.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::ContractRecord;
using storage::Micros;
using storage::SubscriptionRecord;
using storage::TenantId;

SubscriptionRecord* InForceAt(ContractRecord& contract, Micros time) {
  for (SubscriptionRecord& s : *contract.mutable_subscriptions()) {
    if (s.start_us() <= time && time < s.end_us()) return &s;
  }
  return nullptr;
}

// The first subscription that starts behind `time` and is not cancelled before it starts.
SubscriptionRecord* ScheduledAfter(ContractRecord& contract, Micros time) {
  for (SubscriptionRecord& s : *contract.mutable_subscriptions()) {
    if (s.start_us() > time && s.end_us() > s.start_us()) return &s;
  }
  return nullptr;
}

const SubscriptionRecord* EndedAt(const ContractRecord& contract, std::optional<Micros> end) {
  for (const SubscriptionRecord& s : contract.subscriptions()) {
    if (s.end_us() == end && s.start_us() < s.end_us()) return &s;
  }
  return nullptr;
}

const SubscriptionRecord* Find(const ContractRecord& contract, uint32_t number) {
  for (const SubscriptionRecord& s : contract.subscriptions()) {
    if (s.number() == number) return &s;
  }
  return nullptr;
}

absl::Status Overlaps(const CustomerView& customer, const SubscriptionRecord& scheduled) {
  const std::string id =
      SubscriptionIdText(static_cast<uint64_t>(customer.number), scheduled.number());
  return Refuse(Reason::kSubscriptionConflict,
                absl::StrCat("subscription ", id, " is scheduled to start in that time"),
                {{"subscription", id}});
}

absl::Status UsageAfter(Micros time) {
  const std::string text =
      absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(time), absl::UTCTimeZone());
  return Refuse(Reason::kUsageAfterChange,
                absl::StrCat("usage counted so far lies at or after ", text, ": take a later time"),
                {{"time", text}});
}

absl::StatusOr<const Plan*> PlanToSubscribe(const Catalog& catalog, const std::string& slug,
                                            const ContractRecord& contract) {
  const Plan* const plan = catalog.FindPlan(slug);
  if (plan == nullptr || plan->archived) {
    return Refuse(
        Reason::kPlanNotFound,
        absl::StrCat("plan \"", slug, "\" ", plan == nullptr ? "does not exist" : "is archived"),
        {{"plan", slug}});
  }
  if (!contract.currency().empty() && contract.currency() != plan->currency.code()) {
    const std::string currency(plan->currency.code());
    return Refuse(
        Reason::kCurrencyMismatch,
        absl::StrCat("plan \"", slug, "\" is in ", currency, ", the customer is billed in ",
                     contract.currency()),
        {{"plan", slug}, {"plan_currency", currency}, {"customer_currency", contract.currency()}});
  }
  return plan;
}

SubscriptionStatus StatusOf(const SubscriptionRecord& subscription, Micros now) {
  if (subscription.end_us() <= now) return SubscriptionStatus::kEnded;
  return now < subscription.start_us() ? SubscriptionStatus::kScheduled
                                       : SubscriptionStatus::kActive;
}

}  // namespace

absl::StatusOr<Customers::Subscribing> Customers::DecideSubscribe(TenantId tenant,
                                                                  const SubscribeOrder& order,
                                                                  const Attempt& attempt) {
  OWO_TRY(const CustomerPtr customer,
          context_.directory.FindFresh(attempt.read, tenant, order.customer));
  OWO_TRY(const Micros start, TimeOf(attempt.read, tenant, *customer, order.start, attempt));
  OWO_TRY(const auto catalog, context_.directory.GetCatalog(attempt.read, tenant));
  Subscribing to{.customer = customer, .contract = customer->stored.contract};
  SubscriptionRecord* const current = InForceAt(to.contract, start);
  const Plan* const same = catalog->FindPlan(order.plan);
  if (current != nullptr && same != nullptr && storage::PlanNo{current->plan()} == same->number) {
    to.subscription = current->number();
    return to;
  }
  if (to.contract.subscriptions_size() >= kSubscriptionsMax) {
    return RefuseFields(
        {{"plan", absl::StrCat("the customer has ", kSubscriptionsMax,
                               " subscriptions, ended ones included, which is the most")}});
  }
  if (const SubscriptionRecord* const later = ScheduledAfter(to.contract, start)) {
    return Overlaps(*customer, *later);
  }
  // The commit compares too, but a reason that stands later in the list must not come first.
  OWO_TRY(const bool usage_behind, HasUsageFrom(attempt.read, tenant, *customer, start));
  if (usage_behind && order.start.has_value()) return UsageAfter(start);
  OWO_TRY(const Plan* const plan, PlanToSubscribe(*catalog, order.plan, to.contract));

  if (current != nullptr) current->set_end_us(start);
  uint32_t last = 0;
  for (const SubscriptionRecord& s : to.contract.subscriptions()) last = std::max(last, s.number());
  SubscriptionRecord& added = *to.contract.add_subscriptions();
  added.set_number(last + 1);
  added.set_plan(static_cast<uint32_t>(plan->number));
  added.set_start_us(start);
  added.set_end_us(storage::kForever);
  added.set_created_us(context_.clock());
  for (const auto& [key, value] : order.metadata) (*added.mutable_metadata())[key] = value;
  to.contract.set_currency(std::string(plan->currency.code()));
  std::stable_sort(to.contract.mutable_subscriptions()->begin(),
                   to.contract.mutable_subscriptions()->end(),
                   [](const auto& a, const auto& b) { return a.start_us() < b.start_us(); });
  to.subscription = last + 1;
  to.changed = true;
  to.quiet_since = start;
  return to;
}

absl::StatusOr<Customers::Subscribing> Customers::DecideCancel(TenantId tenant,
                                                               const CancelOrder& order,
                                                               const Attempt& attempt) {
  OWO_TRY(const CustomerPtr customer,
          context_.directory.FindFresh(attempt.read, tenant, order.customer));
  Subscribing to{.customer = customer, .contract = customer->stored.contract};
  // Usage a little ahead of the clock may have put a change of plan ahead of it: what is ended is
  // the subscription that follows all usage.
  OWO_TRY(const Micros quiet, TimeOf(attempt.read, tenant, *customer, std::nullopt, attempt));
  SubscriptionRecord* current = InForceAt(to.contract, quiet);
  const bool scheduled = current == nullptr;
  if (scheduled) current = ScheduledAfter(to.contract, quiet);
  if (current == nullptr) {
    if (const SubscriptionRecord* const ended = EndedAt(to.contract, order.end)) {
      to.subscription = ended->number();
      return to;
    }
    return Refuse(Reason::kSubscriptionNotFound,
                  absl::StrCat("customer ", customer->id(), " has no subscription to cancel"),
                  {{"customer", customer->id()}});
  }
  Micros end = order.end.value_or(quiet);
  if (order.at_period_end) {
    const Plan* const plan = customer->catalog->FindPlan(storage::PlanNo{current->plan()});
    const Micros within = scheduled ? current->start_us() : end;
    end = absl::ToUnixMicros(BillingPeriod(customer->timeline, *plan, within).end);
  } else if (scheduled && !order.end.has_value()) {
    end = current->start_us();  // it never starts
  }
  if (end < current->start_us()) {
    return RefuseFields({{"end", "lies before the subscription's start"}});
  }
  to.subscription = current->number();
  if (current->end_us() == end) return to;
  const SubscriptionRecord* const later = ScheduledAfter(to.contract, current->start_us());
  if (later != nullptr && later != current && later->start_us() < end) {
    return Overlaps(*customer, *later);
  }
  OWO_TRY(const bool usage_behind, HasUsageFrom(attempt.read, tenant, *customer, end));
  if (usage_behind && order.end.has_value()) return UsageAfter(end);
  current->set_end_us(end);
  to.changed = true;
  to.quiet_since = end;
  return to;
}

void Customers::ChangeSubscription(TenantId tenant, const std::string& method, RequestRef request,
                                   Decide decide, Done<Answered<SubscriptionView>> done) {
  Operation<SubscriptionView> operation{
      .tenant = tenant, .method = method, .request = std::move(request)};
  operation.decide = [this, tenant, decide = std::move(decide)](
                         const Attempt& attempt) -> absl::StatusOr<Decision<SubscriptionView>> {
    OWO_TRY(Subscribing to, decide(attempt));
    Decision<SubscriptionView> decision{
        .object = absl::StrCat(static_cast<uint64_t>(to.customer->number), " ", to.subscription)};
    const storage::Customer changed{to.customer->stored.record, to.contract};
    if (!to.changed) {
      OWO_TRY(decision.answer, ViewOf(attempt.read, tenant, changed, to.subscription));
      return decision;
    }
    decision.change = storage::PutCustomer{
        changed.record, storage::ChangesOf(to.contract, to.customer->stored.contract),
        to.quiet_since};
    decision.finish = [this, tenant, changed,
                       number = to.subscription](const storage::MutationResult&) {
      context_.directory.Forget(tenant, changed.record.id());
      return ViewOf(storage::kReadAll, tenant, changed, number);
    };
    return decision;
  };
  operation.replay = [this, tenant](const storage::ReadOptions& read,
                                    const std::string& object) -> absl::StatusOr<SubscriptionView> {
    const std::pair<std::string, std::string> parts = absl::StrSplit(object, ' ');
    uint32_t number = 0;
    if (!absl::SimpleAtoi(parts.second, &number)) return absl::DataLossError("a request's object");
    OWO_TRY(const storage::Customer customer, Read(read, tenant, parts.first));
    return ViewOf(read, tenant, customer, number);
  };
  CommitUntilDone(context_, storage::kReadAll, std::move(operation), std::move(done));
}

void Customers::Subscribe(TenantId tenant, SubscribeOrder order,
                          Done<Answered<SubscriptionView>> done) {
  RequestRef request = order.request;
  ChangeSubscription(
      tenant, "Subscribe", std::move(request),
      [this, tenant, order = std::move(order)](const Attempt& attempt) {
        return DecideSubscribe(tenant, order, attempt);
      },
      std::move(done));
}

void Customers::Cancel(TenantId tenant, CancelOrder order, Done<Answered<SubscriptionView>> done) {
  RequestRef request = order.request;
  ChangeSubscription(
      tenant, "CancelSubscription", std::move(request),
      [this, tenant, order = std::move(order)](const Attempt& attempt) {
        return DecideCancel(tenant, order, attempt);
      },
      std::move(done));
}

absl::StatusOr<SubscriptionView> Customers::ViewOf(const storage::ReadOptions& read,
                                                   TenantId tenant,
                                                   const storage::Customer& customer,
                                                   uint32_t subscription) {
  const SubscriptionRecord* const record = Find(customer.contract, subscription);
  OWO_TRY(const auto catalog, context_.directory.GetCatalog(read, tenant));
  const Plan* const plan =
      record == nullptr ? nullptr : catalog->FindPlan(storage::PlanNo{record->plan()});
  if (plan == nullptr) return absl::DataLossError("a subscription or its plan is missing");
  OWO_TRY(const Timeline timeline, Timeline::Of(customer.contract, *catalog));
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
    if (first || span.start <= now) view.plan_version = span.version->version;
    first = false;
  }
  return view;
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
