#include "service/ledger/track_call.h"

#include <algorithm>
#include <utility>

#include "service/ledger/reason.h"
#include "service/ledger/resolve.h"
#include "storage/util/prefetch.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

constexpr int kRoundsMax = 1000;
constexpr int kRoundsWithoutProgressMax = 1000;

// Whether more than a counter decides about it. Places are looked into only where one may.
bool IsGuarded(const Resolved& resolved) {
  const bool may = resolved.own != nullptr || resolved.customer->guarded;
  return may && resolved.place != nullptr && resolved.place->guarded;
}

}  // namespace

TrackCall::TrackCall(Context& context, storage::TenantId tenant, std::vector<UsageEvent> events,
                     TrackDetail detail, TrackDone done)
    : context_(context),
      tenant_(tenant),
      detail_(detail),
      now_(context.clock()),
      events_(std::move(events)),
      results_(events_.size()),
      done_(std::move(done)) {
  for (size_t i = 0; i < events_.size(); ++i) {
    waiting_.push_back(i);
    if (!events_[i].id.has_value()) events_[i].id = MakeEventId();
  }
}

storage::EventId TrackCall::MakeEventId() {
  return storage::EventId::FromBytes(context_.ids.Next().data(), /*is_uuid=*/true);
}

bool TrackCall::ResolveFromMemory(TrackLanes& lanes) {
  const auto catalog = context_.directory.CachedCatalog(tenant_);
  if (catalog == nullptr) return false;
  plans_.reserve(waiting_.size());
  for (const size_t index : waiting_) {
    TrackPlan& plan = plans_.emplace_back(TrackPlan{.index = index, .event = &events_[index]});
    plan.resolved.customer =
        context_.directory.FindCached(tenant_, plan.event->customer, *catalog, now_);
    if (plan.resolved.customer == nullptr) return false;
  }
  // Customers lie far apart in memory: all of them are on their way before one is looked into.
  for (const TrackPlan& plan : plans_) storage::Prefetch(plan.resolved.customer->features.data());
  for (TrackPlan& plan : plans_) {
    // What fails is found out again, where reads may wait for the disk.
    const absl::Status resolved =
        ledger::Resolve({.tier = storage::ReadTier::kMemoryOnly}, context_, tenant_, *plan.event,
                        now_, plan.resolved);
    if (!resolved.ok() || IsGuarded(plan.resolved)) return false;
  }
  return !lanes.AnyBusy(plans_, [this](const TrackPlan& plan) {
    return LaneKey(tenant_, plan.resolved.customer->number);
  });
}

absl::Status TrackCall::Resolve() {
  plans_.clear();
  plans_.reserve(waiting_.size());  // they stay where they are
  for (const size_t index : waiting_) {
    absl::StatusOr<CustomerPtr> customer =
        context_.directory.Find(storage::kReadAll, tenant_, events_[index].customer);
    if (!customer.ok()) {
      const Reason reason = RefusalOf(customer.status()).reason;
      const bool of_event =
          reason == Reason::kCustomerNotFound || reason == Reason::kCustomerAmbiguous;
      if (!of_event) return customer.status();
      results_[index].error = customer.status();
      continue;
    }
    TrackPlan& plan = plans_.emplace_back(TrackPlan{.index = index, .event = &events_[index]});
    plan.resolved.customer = *std::move(customer);
    OWO_RETURN_IF_ERROR(
        ledger::Resolve(storage::kReadAll, context_, tenant_, *plan.event, now_, plan.resolved));
  }
  return absl::OkStatus();
}

std::vector<LaneKey> TrackCall::LanesNeeded(TrackLanes& lanes) const {
  std::vector<LaneKey> needed;
  for (const TrackPlan& plan : plans_) {
    const LaneKey key(tenant_, plan.resolved.customer->number);
    if (IsGuarded(plan.resolved) || lanes.IsBusy(key)) needed.push_back(key);
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

bool TrackCall::Take(std::span<const storage::TrackOutcome> outcomes) {
  waiting_.clear();
  bool stale = false;
  for (size_t i = 0; i < plans_.size(); ++i) {
    const storage::TrackOutcome& outcome = outcomes[i];
    if (outcome.code == storage::TrackCode::kStale ||
        outcome.code == storage::TrackCode::kConflict) {
      waiting_.push_back(plans_[i].index);
      stale |= outcome.code == storage::TrackCode::kStale;
      continue;
    }
    results_[plans_[i].index] = ResultOf(plans_[i], outcome, detail_);
  }
  without_progress_ = waiting_.size() == plans_.size() ? without_progress_ + 1 : 0;
  ++rounds_;
  return stale;
}

bool TrackCall::IsStarved() const {
  return without_progress_ > kRoundsWithoutProgressMax || rounds_ > kRoundsMax;
}

void TrackCall::ForgetCustomers() {
  for (const size_t index : waiting_) context_.directory.Forget(tenant_, events_[index].customer);
}

void TrackCall::Fail(const absl::Status& status) {
  if (waiting_.size() == events_.size()) return done_(status);
  for (const size_t index : waiting_) results_[index] = {.error = status};
  Answer();
}

}  // namespace owo::ledger
