#include "service/ledger/tracking.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/ledger/reason.h"
#include "service/ledger/resolve.h"
#include "service/ledger/track_plan.h"
#include "storage/prefetch.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::Micros;
using storage::TenantId;

constexpr int kRoundsMax = 1000;
constexpr int kRoundsWithoutProgressMax = 1000;

// One call of Track: rounds of resolving and counting, until every event has its result. Events
// that were resolved against something that has moved since go into the next round.
class Tracking : public std::enable_shared_from_this<Tracking> {
 public:
  Tracking(Context& context, TenantId tenant, std::vector<UsageEvent> events, TrackDetail detail,
           Metering::TrackDone done)
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

  void Start() {
    if (ResolveFromMemory()) return Send();
    auto task = [self = shared_from_this()] { self->Round(); };
    if (!context_.executor.Post(std::move(task))) {
      done_(Refuse(Reason::kOverloaded, "too many calls are waiting"));
    }
  }

 private:
  storage::EventId MakeEventId() {
    return storage::EventId::FromBytes(context_.ids.Next().data(), /*is_uuid=*/true);
  }

  // The common case, on the caller's thread: true if nothing needs to be read.
  bool ResolveFromMemory() {
    const auto catalog = context_.directory.CachedCatalog(tenant_);
    if (catalog == nullptr) return false;
    plans_.reserve(waiting_.size());
    for (const size_t index : waiting_) {
      TrackPlan& plan = plans_.emplace_back(TrackPlan{.index = index});
      plan.resolved.customer =
          context_.directory.FindCached(tenant_, events_[index].customer, *catalog, now_);
      if (plan.resolved.customer == nullptr) return Discard();
    }
    // Customers lie far apart in memory: all of them are on their way before one is looked into.
    for (const TrackPlan& plan : plans_) storage::Prefetch(plan.resolved.customer->features.data());
    for (TrackPlan& plan : plans_) {
      Resolve(context_, events_[plan.index], now_, plan.resolved);
      if (Guards(plan.resolved)) return Discard();
    }
    return true;
  }
  // Whether more than a counter decides about it. Places are looked into only where one may.
  static bool Guards(const Resolved& resolved) {
    const bool may = resolved.own != nullptr || resolved.customer->guarded;
    return may && resolved.place != nullptr && resolved.place->guarded;
  }
  bool Discard() {
    plans_.clear();
    return false;
  }

  void Round() {
    plans_.clear();
    const absl::Status status = ResolveAll();
    if (!status.ok()) return Fail(status);
    Send();
  }

  absl::Status ResolveAll() {
    struct Of {
      std::vector<TrackPlan*> plans;  // of what counts
      bool guarded = false;
    };
    plans_.reserve(waiting_.size());  // they stay where they are
    std::map<storage::CustomerNo, Of> customers;
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
      TrackPlan& plan = plans_.emplace_back(TrackPlan{.index = index});
      plan.resolved.customer = *std::move(customer);
      Resolve(context_, events_[index], now_, plan.resolved);
      if (!plan.resolved.verdict.counts()) continue;
      Of& of = customers[plan.resolved.customer->number];
      of.plans.push_back(&plan);
      of.guarded |= plan.resolved.place->guarded;
    }
    for (const auto& [customer, of] : customers) {
      if (of.guarded) OWO_RETURN_IF_ERROR(Guard(context_, tenant_, events_, of.plans));
    }
    return absl::OkStatus();
  }

  void Send() {
    if (plans_.empty()) return done_(std::move(results_));
    storage::TrackCommand command{.tenant = tenant_, .catalog_generation = UINT64_MAX};
    command.events.reserve(plans_.size());
    for (const TrackPlan& plan : plans_) {
      // If the catalog changed in between, all are resolved again.
      command.catalog_generation =
          std::min(command.catalog_generation, plan.resolved.customer->catalog->generation());
      storage::TrackEvent& event =
          command.events.emplace_back(ToTrackEvent(events_[plan.index], plan.resolved));
      if (plan.guarded != nullptr) event.target = &plan.guarded->target;
    }
    context_.store.Track(
        std::move(command),
        [self = shared_from_this()](absl::StatusOr<std::vector<storage::TrackOutcome>> outcomes) {
          self->Counted(std::move(outcomes));
        });
  }

  // On a thread of the store's.
  void Counted(absl::StatusOr<std::vector<storage::TrackOutcome>> outcomes) {
    if (!outcomes.ok()) return Fail(outcomes.status());
    waiting_.clear();
    bool stale = false;
    for (size_t i = 0; i < plans_.size(); ++i) {
      const storage::TrackOutcome& outcome = (*outcomes)[i];
      if (outcome.code == storage::TrackCode::kStale ||
          outcome.code == storage::TrackCode::kConflict) {
        waiting_.push_back(plans_[i].index);
        stale |= outcome.code == storage::TrackCode::kStale;
        continue;
      }
      results_[plans_[i].index] = ResultOf(plans_[i], events_[plans_[i].index], outcome, detail_);
    }
    if (waiting_.empty()) return done_(std::move(results_));
    without_progress_ = waiting_.size() == plans_.size() ? without_progress_ + 1 : 0;
    if (without_progress_ > kRoundsWithoutProgressMax || ++rounds_ > kRoundsMax) {
      return Fail(Refuse(Reason::kContention, "others kept changing the same thing: try again"));
    }
    context_.executor.Continue([self = shared_from_this(), stale] { self->Again(stale); });
  }

  void Again(bool stale) {
    if (stale) {
      for (const size_t index : waiting_) {
        context_.directory.Forget(tenant_, events_[index].customer);
      }
      const absl::Status status = context_.directory.RefreshCatalog(storage::kReadAll, tenant_);
      if (!status.ok()) return Fail(status);
    }
    Round();
  }

  // What has its result keeps it, as it may be counted: only what waits has failed.
  void Fail(const absl::Status& status) {
    if (waiting_.size() == events_.size()) return done_(status);
    for (const size_t index : waiting_) results_[index] = {.error = status};
    done_(std::move(results_));
  }

  Context& context_;
  const TenantId tenant_;
  const TrackDetail detail_;
  const Micros now_;
  std::vector<UsageEvent> events_;
  std::vector<TrackResult> results_;
  Metering::TrackDone done_;
  std::vector<size_t> waiting_;   // events without a result
  std::vector<TrackPlan> plans_;  // of this round, in order
  int rounds_ = 0;
  int without_progress_ = 0;
};

}  // namespace

void StartTracking(Context& context, TenantId tenant, std::vector<UsageEvent> events,
                   TrackDetail detail, Metering::TrackDone done) {
  std::make_shared<Tracking>(context, tenant, std::move(events), detail, std::move(done))->Start();
}

}  // namespace owo::ledger
