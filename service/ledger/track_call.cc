#include "service/ledger/track_call.h"

#include <algorithm>
#include <utility>

#include "service/ledger/errors.h"
#include "service/ledger/resolve.h"
#include "storage/util/prefetch.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

constexpr int kTrackAttemptsMax = 1000;
constexpr int kAttemptsWithoutProgressMax = 1000;

// Whether the event needs a limit check. Reads the binding only if the customer or an own binding
// makes that possible.
bool NeedsLimitCheck(const Resolution& resolution) {
  const bool may = resolution.own != nullptr || resolution.customer->needs_limit_check;
  return may && resolution.binding != nullptr && resolution.binding->needs_limit_check;
}

}  // namespace

TrackCall::TrackCall(const CallContext& context, LedgerParts& parts, std::vector<UsageEvent> events,
                     TrackDetail detail, TrackDone done)
    : context_(context),
      parts_(parts),
      detail_(detail),
      now_(context.now()),
      events_(std::move(events)),
      results_(events_.size()),
      done_(std::move(done)) {
  waiting_.resize(events_.size());
  for (size_t i = 0; i < events_.size(); ++i) {
    waiting_[i] = i;
    if (!events_[i].id.has_value()) events_[i].id = MakeEventId();
  }
}

storage::EventId TrackCall::MakeEventId() {
  return storage::EventId::FromBytes(parts_.ids.Next().data(), /*is_uuid=*/true);
}

bool TrackCall::ResolveFromMemory(TrackLanes& lanes) {
  const auto catalog = parts_.directory.CachedCatalog(context_.tenant);
  if (catalog == nullptr) return false;
  resolved_events_.reserve(waiting_.size());
  for (const size_t index : waiting_) {
    ResolvedEvent& resolved =
        resolved_events_.emplace_back(ResolvedEvent{.index = index, .event = &events_[index]});
    resolved.resolution.customer =
        parts_.directory.FindCached(context_.tenant, resolved.event->customer, *catalog, now_);
    if (resolved.resolution.customer == nullptr) return false;
  }
  // Customers are far apart in memory: prefetches all of them before it reads the first.
  for (const ResolvedEvent& resolved : resolved_events_) {
    storage::Prefetch(resolved.resolution.customer->features.data());
  }
  for (ResolvedEvent& resolved : resolved_events_) {
    // An error is dropped: Resolve() finds it again on the executor, where reads may block.
    const absl::Status status =
        ledger::Resolve({.tier = storage::ReadTier::kMemoryOnly}, parts_, context_.tenant,
                        *resolved.event, now_, resolved.resolution);
    if (!status.ok() || NeedsLimitCheck(resolved.resolution)) return false;
  }
  return !lanes.AnyBusy(resolved_events_, [this](const ResolvedEvent& resolved) {
    return LaneKey(context_.tenant, resolved.resolution.customer->number);
  });
}

absl::StatusOr<CustomerPtr> TrackCall::FindCustomer(std::string_view id_or_email,
                                                    std::shared_ptr<const Catalog>& catalog) {
  Directory& directory = parts_.directory;
  if (catalog != nullptr) {
    CustomerPtr cached = directory.FindCached(context_.tenant, id_or_email, *catalog, now_);
    if (cached != nullptr) return cached;
  }
  OWO_TRY(CustomerPtr found, directory.Find(context_, storage::kReadAll, id_or_email));
  catalog = directory.CachedCatalog(context_.tenant);
  return found;
}

absl::Status TrackCall::Resolve() {
  resolved_events_.clear();
  resolved_events_.reserve(waiting_.size());  // keeps their addresses stable
  auto catalog = parts_.directory.CachedCatalog(context_.tenant);
  for (const size_t index : waiting_) {
    absl::StatusOr<CustomerPtr> customer = FindCustomer(events_[index].customer, catalog);
    if (!customer.ok()) {
      const Reason reason = RefusalOf(customer.status()).reason;
      const bool of_event =
          reason == Reason::kCustomerNotFound || reason == Reason::kCustomerAmbiguous;
      if (!of_event) return customer.status();
      results_[index].error = customer.status();
      continue;
    }
    ResolvedEvent& resolved =
        resolved_events_.emplace_back(ResolvedEvent{.index = index, .event = &events_[index]});
    resolved.resolution.customer = *std::move(customer);
    OWO_RETURN_IF_ERROR(ledger::Resolve(storage::kReadAll, parts_, context_.tenant, *resolved.event,
                                        now_, resolved.resolution));
  }
  return absl::OkStatus();
}

std::vector<LaneKey> TrackCall::LanesNeeded(TrackLanes& lanes) const {
  std::vector<LaneKey> needed;
  for (const ResolvedEvent& resolved : resolved_events_) {
    const LaneKey key(context_.tenant, resolved.resolution.customer->number);
    if (NeedsLimitCheck(resolved.resolution) || lanes.IsBusy(key)) needed.push_back(key);
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

bool TrackCall::HandleOutcomes(std::span<const storage::TrackOutcome> outcomes) {
  waiting_.clear();
  bool stale = false;
  for (size_t i = 0; i < resolved_events_.size(); ++i) {
    const storage::TrackOutcome& outcome = outcomes[i];
    const bool is_stale = outcome.stale || outcome.code == storage::TrackCode::kStale;
    stale |= is_stale;
    if (is_stale || outcome.code == storage::TrackCode::kConflict) {
      waiting_.push_back(resolved_events_[i].index);
      continue;
    }
    results_[resolved_events_[i].index] = ResultOf(resolved_events_[i], outcome, detail_);
  }
  without_progress_ = waiting_.size() == resolved_events_.size() ? without_progress_ + 1 : 0;
  ++attempts_;
  return stale;
}

bool TrackCall::IsStarved() const {
  return without_progress_ > kAttemptsWithoutProgressMax || attempts_ > kTrackAttemptsMax;
}

void TrackCall::ForgetCustomers() {
  for (const size_t index : waiting_)
    parts_.directory.Forget(context_.tenant, events_[index].customer);
}

void TrackCall::Fail(const absl::Status& status) {
  if (waiting_.size() == events_.size()) return done_(status);
  for (const size_t index : waiting_) results_[index] = {.error = status};
  Answer();
}

void TrackCall::Drop() {
  if (!waits()) return Answer();
  if (waiting_.size() == events_.size()) return Fail(PastDeadline());
  Fail(Refuse(
      Reason::kContention,
      "the deadline was over before the event could be counted after another change; retry"));
}

}  // namespace owo::ledger
