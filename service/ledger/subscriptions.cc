// The methods of Customers that concern subscriptions.

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "service/ledger/customers.h"
#include "service/ledger/subscription_list.h"
#include "storage/contract.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::ContractRecord;
using storage::Micros;
using storage::SubscriptionRecord;
using storage::TenantId;

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
                absl::StrCat("usage counted so far is at or after ", text, ": take a later time"),
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

absl::Status NoSubscription(const CustomerView& customer, std::string_view to) {
  return Refuse(Reason::kSubscriptionNotFound,
                absl::StrCat("customer ", customer.id(), " has no subscription to ",
                             absl::string_view(to.data(), to.size())),
                {{"customer", customer.id()}});
}

constexpr char kResumed[] = "resumed";

SubscriptionStatus StatusOf(const SubscriptionRecord& subscription, Micros now) {
  if (IsCanceled(subscription)) return SubscriptionStatus::kCanceled;
  if (subscription.end_us() <= now) return SubscriptionStatus::kEnded;
  return now < subscription.start_us() ? SubscriptionStatus::kScheduled
                                       : SubscriptionStatus::kActive;
}

// The timeline to show a subscription's version by. A canceled subscription has no spans, so it is
// shown with the version that it would have begun with.
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

// Bounds the bytes of metadata in an answer.
class MetadataBudget {
 public:
  explicit MetadataBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Returns whether the metadata of one more subscription fits. If not, no other one fits either.
  bool Spend(const SubscriptionView& view) {
    for (const auto& [key, value] : view.record.metadata()) bytes_ += key.size() + value.size();
    return bytes_ <= bytes_max_;
  }

 private:
  const size_t bytes_max_;
  size_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<Customers::Subscribing> Customers::StartChange(const CallContext& context,
                                                              const std::string& customer,
                                                              const Attempt& attempt) {
  OWO_TRY(const CustomerPtr found, parts_.directory.FindFresh(context, attempt.read, customer));
  return Subscribing{.customer = found, .contract = found->stored.contract};
}

absl::Status Customers::TakeEndBack(const CallContext& context, SubscriptionRecord& subscription,
                                    Subscribing& to) const {
  to.answer.subscription = subscription.number();
  const Micros end = subscription.end_us();
  if (end == storage::kForever) return absl::OkStatus();
  if (const auto* const later = ScheduledAfter(to.contract, subscription.start_us())) {
    return Overlaps(*to.customer, *later);
  }
  OWO_TRY(const bool usage_after_change,
          HasUsageFrom(context, storage::kReadAll, *to.customer, end));
  if (usage_after_change) return UsageAfter(end);
  subscription.set_end_us(storage::kForever);
  to.answer.resumed = true;
  to.changed_from = end;
  to.subscribes =
      storage::Subscribes{storage::PlanNo{subscription.plan()}, to.customer->catalog->generation()};
  return absl::OkStatus();
}

absl::StatusOr<Customers::Subscribing> Customers::DecideSubscribe(const CallContext& context,
                                                                  const SubscribeParams& params,
                                                                  const Attempt& attempt) {
  const Micros now = context.now();  // read first, so that a `start` of "now" is not before it
  OWO_TRY(Subscribing to, StartChange(context, params.customer, attempt));
  const CustomerView& customer = *to.customer;
  OWO_TRY(const Micros start, TimeOf(context, attempt.read, customer, params.start, attempt));
  SubscriptionRecord* const current = InForceAt(to.contract, start);
  const Plan* const same = customer.catalog->FindPlan(params.plan);
  if (current != nullptr && same != nullptr && storage::PlanNo{current->plan()} == same->number) {
    OWO_RETURN_IF_ERROR(TakeEndBack(context, *current, to));
    return to;
  }
  if (to.contract.subscriptions_size() >= kSubscriptionsMax) {
    return RefuseFields(
        {{"plan", absl::StrCat("the customer has ", kSubscriptionsMax,
                               " subscriptions, ended ones included, which is the most")}});
  }
  if (const SubscriptionRecord* const later = ScheduledAfter(to.contract, start)) {
    return Overlaps(customer, *later);
  }
  // The commit checks this too. It is checked here so that USAGE_AFTER_CHANGE has precedence over
  // the reasons below.
  OWO_TRY(const bool usage_after_change, HasUsageFrom(context, attempt.read, customer, start));
  if (usage_after_change && params.start.has_value()) return UsageAfter(start);
  OWO_TRY(const Plan* const plan, PlanToSubscribe(*customer.catalog, params.plan, to.contract));

  if (current != nullptr) current->set_end_us(start);
  SubscriptionRecord added;
  added.set_plan(static_cast<uint32_t>(plan->number));
  added.set_start_us(start);
  added.set_end_us(storage::kForever);
  added.set_created_us(now);
  added.set_newest_version(plan->newest().version);
  for (const auto& [key, value] : params.metadata) (*added.mutable_metadata())[key] = value;
  to.contract.set_currency(std::string(plan->currency.code()));
  to.answer.subscription = AddSubscription(to.contract, std::move(added));
  to.changed_from = start;
  to.subscribes = storage::Subscribes{plan->number, customer.catalog->generation()};
  return to;
}

absl::StatusOr<Customers::Subscribing> Customers::DecideCancel(const CallContext& context,
                                                               const CancelParams& params,
                                                               const Attempt& attempt) {
  OWO_TRY(Subscribing to, StartChange(context, params.customer, attempt));
  const CustomerView& customer = *to.customer;
  // A change of plan may have been delayed past usage, and so be slightly ahead of the clock. The
  // subscription to end is the one in force after all usage.
  OWO_TRY(const Micros effective, TimeOf(context, attempt.read, customer, std::nullopt, attempt));
  const SubscriptionRecord* const current = InForceAt(to.contract, effective);
  const SubscriptionRecord* const first =
      current != nullptr ? current : ScheduledAfter(to.contract, effective);
  if (first == nullptr) {
    std::optional<ListChange> before;
    if (params.end.has_value()) before = EndedAt(to.contract, *params.end);
    if (!before.has_value()) return NoSubscription(customer, "cancel");
    to.answer = {.subscription = before->subscription, .canceled = std::move(before->canceled)};
    return to;
  }
  Micros end = params.end.value_or(effective);
  if (params.at_period_end) {
    const Plan* const plan = customer.catalog->FindPlan(storage::PlanNo{first->plan()});
    const Micros within = std::max(effective, Micros{first->start_us()});
    end = absl::ToUnixMicros(BillingPeriod(customer.timeline, *plan, within).end);
  }
  if (current != nullptr && end < current->start_us()) {
    return RefuseFields({{"end", "is before the subscription's start"}});
  }
  ListChange change = EndAt(to.contract, *first, current != nullptr, end);
  to.answer = {.subscription = change.subscription, .canceled = std::move(change.canceled)};
  if (!change.from.has_value()) return to;
  OWO_TRY(const bool usage_after_change,
          HasUsageFrom(context, attempt.read, customer, *change.from));
  if (usage_after_change && params.end.has_value()) return UsageAfter(*change.from);
  to.changed_from = change.from;
  if (change.goes_on) {
    const SubscriptionRecord& later = *FindSubscription(to.contract, change.subscription);
    to.subscribes =
        storage::Subscribes{storage::PlanNo{later.plan()}, customer.catalog->generation()};
  }
  return to;
}

absl::StatusOr<Customers::Subscribing> Customers::DecideResume(const CallContext& context,
                                                               const ResumeParams& params,
                                                               const Attempt& attempt) {
  OWO_TRY(Subscribing to, StartChange(context, params.customer, attempt));
  OWO_TRY(const Micros effective,
          TimeOf(context, attempt.read, *to.customer, std::nullopt, attempt));
  SubscriptionRecord* current = InForceAt(to.contract, effective);
  // The end may have been delayed past usage, and so be slightly ahead of the clock: the
  // subscription is in force until then.
  if (current == nullptr) current = InForceAt(to.contract, context.now());
  if (current == nullptr) return NoSubscription(*to.customer, "resume");
  OWO_RETURN_IF_ERROR(TakeEndBack(context, *current, to));
  return to;
}

void Customers::ChangeSubscription(const CallContext& context, const std::string& method,
                                   RequestRef request, Decide decide,
                                   Done<Answered<ChangedSubscription>> done) {
  Operation<ChangedSubscription> operation{
      .context = context, .method = method, .request = std::move(request)};
  operation.decide = [this, context, decide = std::move(decide)](
                         const Attempt& attempt) -> absl::StatusOr<Decision<ChangedSubscription>> {
    OWO_TRY(Subscribing to, decide(attempt));
    Decision<ChangedSubscription> decision{.object = ToText(to.customer->number, to.answer)};
    const storage::Customer changed{to.customer->stored.record, to.contract};
    if (!to.changed_from.has_value()) {
      OWO_TRY(decision.answer, AnswerOf(context, attempt.read, changed, to.answer));
      return decision;
    }
    decision.change = storage::PutCustomer{
        .record = changed.record,
        .contract = storage::ChangesOf(to.contract, to.customer->stored.contract),
        .effective_from = to.changed_from,
        .subscribes = to.subscribes,
        .keeps_metadata = true};
    decision.finish = [this, context, changed,
                       answer = std::move(to.answer)](const storage::MutationResult&) {
      parts_.directory.Forget(context.tenant, changed.record.id());
      return AnswerOf(context, storage::kReadAll, changed, answer);
    };
    return decision;
  };
  operation.replay = [this, context](const storage::ReadOptions& read, const std::string& object) {
    return Replay(context, read, object);
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

void Customers::Subscribe(const CallContext& context, SubscribeParams params,
                          Done<Answered<ChangedSubscription>> done) {
  RequestRef request = params.request;
  ChangeSubscription(
      context, "Subscribe", std::move(request),
      [this, context, params = std::move(params)](const Attempt& attempt) {
        return DecideSubscribe(context, params, attempt);
      },
      std::move(done));
}

void Customers::Cancel(const CallContext& context, CancelParams params,
                       Done<Answered<ChangedSubscription>> done) {
  RequestRef request = params.request;
  ChangeSubscription(
      context, "CancelSubscription", std::move(request),
      [this, context, params = std::move(params)](const Attempt& attempt) {
        return DecideCancel(context, params, attempt);
      },
      std::move(done));
}

void Customers::Resume(const CallContext& context, ResumeParams params,
                       Done<Answered<ChangedSubscription>> done) {
  RequestRef request = params.request;
  ChangeSubscription(
      context, "ResumeSubscription", std::move(request),
      [this, context, params = std::move(params)](const Attempt& attempt) {
        return DecideResume(context, params, attempt);
      },
      std::move(done));
}

// ---- Showing subscriptions.

absl::StatusOr<SubscriptionView> Customers::ViewOf(const CallContext& context,
                                                   const storage::ReadOptions& read,
                                                   const storage::Customer& customer,
                                                   uint32_t subscription) {
  const SubscriptionRecord* const record = FindSubscription(customer.contract, subscription);
  OWO_TRY(const auto catalog, parts_.directory.GetCatalog(read, context.tenant));
  const Plan* const plan =
      record == nullptr ? nullptr : catalog->FindPlan(storage::PlanNo{record->plan()});
  if (plan == nullptr) return absl::DataLossError("a subscription or its plan is missing");
  OWO_TRY(const Timeline timeline, TimelineOf(customer.contract, *record, *catalog));
  const Micros now = context.now();
  SubscriptionView view{.id = SubscriptionIdText(customer.record.number(), subscription),
                        .customer_id = customer.record.id(),
                        .plan = plan->slug,
                        .plan_version = plan->versions.front().version,
                        .status = StatusOf(*record, now),
                        .record = *record};
  OWO_TRY(storage::MetadataRecord metadata,
          parts_.store.ReadMetadata(read, context.tenant,
                                    storage::CustomerNo{customer.record.number()}, subscription));
  view.record.mutable_metadata()->swap(*metadata.mutable_metadata());
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

absl::StatusOr<ChangedSubscription> Customers::AnswerOf(const CallContext& context,
                                                        const storage::ReadOptions& read,
                                                        const storage::Customer& customer,
                                                        const ChangedNumbers& numbers) {
  ChangedSubscription answer{.resumed = numbers.resumed};
  OWO_TRY(static_cast<SubscriptionView&>(answer),
          ViewOf(context, read, customer, numbers.subscription));
  MetadataBudget budget(kCanceledBytesMax);
  for (const uint32_t number : numbers.canceled) {
    OWO_TRY(SubscriptionView canceled, ViewOf(context, read, customer, number));
    if (!budget.Spend(canceled)) canceled.record.clear_metadata();
    answer.canceled.push_back(std::move(canceled));
  }
  return answer;
}

// "7 3", "7 3 resumed", "7 3 4 5": the customer, the subscription, whether it was resumed, and the
// canceled subscriptions.
std::string Customers::ToText(storage::CustomerNo customer, const ChangedNumbers& numbers) {
  std::string text = absl::StrCat(static_cast<uint64_t>(customer), " ", numbers.subscription);
  if (numbers.resumed) absl::StrAppend(&text, " ", kResumed);
  for (const uint32_t number : numbers.canceled) absl::StrAppend(&text, " ", number);
  return text;
}

absl::StatusOr<ChangedSubscription> Customers::Replay(const CallContext& context,
                                                      const storage::ReadOptions& read,
                                                      const std::string& text) {
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
  OWO_TRY(const storage::Customer customer, Read(context, read, parts[0], {.metadata = false}));
  return AnswerOf(context, read, customer, numbers);
}

absl::StatusOr<SubscriptionsPage> Customers::Subscriptions(const CallContext& context,
                                                           const storage::ReadOptions& read,
                                                           const SubscriptionsQuery& query) {
  OWO_TRY(const CustomerPtr view, parts_.directory.Find(context, read, query.customer));
  const auto& records = view->stored.contract.subscriptions();
  auto record = records.rbegin();
  if (!query.after.empty()) {
    record = std::find_if(record, records.rend(), [&](const SubscriptionRecord& s) {
      return SubscriptionIdText(static_cast<uint64_t>(view->number), s.number()) == query.after;
    });
    if (record == records.rend()) {
      return RefuseFields({{"page_token", "was given for a customer who no longer has this name"}});
    }
    ++record;
  }
  SubscriptionsPage page;
  MetadataBudget budget(kSubscriptionsPageBytesMax);
  for (; record != records.rend(); ++record) {
    if (page.subscriptions.size() < query.limit) {
      OWO_TRY(SubscriptionView shown, ViewOf(context, read, view->stored, record->number()));
      if (budget.Spend(shown) || page.subscriptions.empty()) {
        page.subscriptions.push_back(std::move(shown));
        continue;
      }
    }
    page.next = page.subscriptions.back().id;
    break;
  }
  return page;
}

}  // namespace owo::ledger
