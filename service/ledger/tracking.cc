#include "service/ledger/tracking.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/ledger/reason.h"
#include "service/ledger/resolve.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::CounterKey;
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
      if (events_[i].event_id.empty()) events_[i].event_id = MakeEventId();
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
  // What is known of a waiting event in this round.
  struct Plan {
    size_t index = 0;
    Resolved resolved;
    Bounds bounds;
    Decimal others;
    bool over_cap = false;
    std::optional<uint64_t> expected_version;
  };

  std::string MakeEventId() {
    const std::string id = context_.ids.Next();
    return storage::EventId::FromBytes(id.data(), true).UuidText();
  }

  // The common case, on the caller's thread: true if nothing needs to be read.
  bool ResolveFromMemory() {
    const auto catalog = context_.directory.CachedCatalog(tenant_);
    if (catalog == nullptr) return false;
    plans_.reserve(waiting_.size());
    for (const size_t index : waiting_) {
      CustomerPtr customer =
          context_.directory.FindCached(tenant_, events_[index].customer, *catalog, now_);
      if (customer == nullptr) return Discard();
      Plan plan{.index = index,
                .resolved = Resolve(context_, std::move(customer), events_[index], now_)};
      if (plan.resolved.verdict.counts()) {
        if (plan.resolved.guarded()) return Discard();
        plan.bounds = BoundsOf(*plan.resolved.terms);
      }
      plans_.push_back(std::move(plan));
    }
    return true;
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
      std::vector<size_t> places;  // in plans_, of what counts
      bool guarded = false;
    };
    std::map<storage::CustomerNo, Of> customers;
    for (const size_t index : waiting_) {
      absl::StatusOr<CustomerPtr> customer =
          context_.directory.Find(tenant_, events_[index].customer);
      if (!customer.ok()) {
        const Reason reason = RefusalOf(customer.status()).reason;
        const bool of_event =
            reason == Reason::kCustomerNotFound || reason == Reason::kCustomerAmbiguous;
        if (!of_event) return customer.status();
        results_[index].error = customer.status();
        continue;
      }
      Plan& plan = plans_.emplace_back(Plan{.index = index});
      plan.resolved = Resolve(context_, *std::move(customer), events_[index], now_);
      if (!plan.resolved.verdict.counts()) continue;
      plan.bounds = BoundsOf(*plan.resolved.terms);
      Of& of = customers[plan.resolved.customer->number];
      of.places.push_back(plans_.size() - 1);
      of.guarded |= plan.resolved.guarded();
    }
    for (const auto& [customer, of] : customers) {
      if (of.guarded) OWO_RETURN_IF_ERROR(Guard(customer, of.places));
    }
    return absl::OkStatus();
  }

  // Judges a customer's events, each as if those before it are counted. All of them, if one is
  // guarded: each that is counted moves the version of usage that the next one is judged at.
  absl::Status Guard(storage::CustomerNo customer, const std::vector<size_t>& places) {
    std::vector<CounterKey> keys;
    for (const size_t place : places) {
      const Plan& plan = plans_[place];
      const auto more = Standing::KeysFor(plan.resolved.Weigh(events_[plan.index].quantity));
      keys.insert(keys.end(), more.begin(), more.end());
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    OWO_TRY(Standing standing, Standing::Read(context_.directory, tenant_, customer, keys));
    for (const size_t place : places) {
      Plan& plan = plans_[place];
      const UsageEvent& event = events_[plan.index];
      const Weighed weighed = plan.resolved.Weigh(event.quantity);
      OWO_TRY(const Standing::Judged judged, standing.Judge(weighed));
      plan.bounds = judged.bounds;
      plan.others = judged.others;
      plan.over_cap = judged.over_cap && !event.record_always;
      plan.expected_version = standing.usage_version();
      if (!plan.over_cap && WillCount(plan, event, judged.total)) standing.Count(weighed);
    }
    return absl::OkStatus();
  }

  // As the store compares.
  static bool WillCount(const Plan& plan, const UsageEvent& event, Decimal total) {
    const Decimal after = total + event.quantity;
    const bool adds = !event.quantity.IsNegative() && !event.quantity.IsZero();
    if (after.IsNegative() || after > plan.bounds.total_max) return false;
    return event.record_always || !adds || !plan.bounds.limit.has_value() ||
           after <= *plan.bounds.limit;
  }

  void Send() {
    if (plans_.empty()) return done_(std::move(results_));
    storage::TrackCommand command{.tenant = tenant_, .catalog_generation = UINT64_MAX};
    command.events.reserve(plans_.size());
    for (const Plan& plan : plans_) {
      // If the catalog changed in between, all are resolved again.
      command.catalog_generation =
          std::min(command.catalog_generation, plan.resolved.customer->catalog->generation());
      storage::TrackEvent& event = command.events.emplace_back(
          ToTrackEvent(events_[plan.index], plan.resolved, plan.bounds));
      event.expected_usage_version = plan.expected_version;
      // A cap is a limit that the account as it was read has reached already.
      if (plan.over_cap) event.limit = storage::Quantity{-1};
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
      results_[plans_[i].index] = ResultOf(plans_[i], outcome);
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
      const absl::Status status = context_.directory.RefreshCatalog(tenant_);
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

  TrackResult ResultOf(const Plan& plan, const storage::TrackOutcome& outcome) {
    UsageEvent& event = events_[plan.index];
    TrackResult result{.duplicate = outcome.duplicate};
    switch (outcome.code) {
      case storage::TrackCode::kCounted:
      case storage::TrackCode::kCountedOver:
        result.code = outcome.code == storage::TrackCode::kCounted ? TrackCode::kTracked
                                                                   : TrackCode::kTrackedOverage;
        result.recorded = true;
        result.event_id = std::move(event.event_id);
        break;
      case storage::TrackCode::kOverLimit:
        result.code = TrackCode::kLimitExceeded;
        break;
      case storage::TrackCode::kIdReused:
        result.error =
            Refuse(Reason::kEventIdReused,
                   absl::StrCat("event \"", event.event_id,
                                "\" is known with another customer, feature or quantity"),
                   {{"event_id", event.event_id}});
        break;
      case storage::TrackCode::kOutOfRange:
        result.error =
            QuantityError(event, absl::StrCat("want a total of at most ",
                                              plan.bounds.total_max.ToString(), " in the period"));
        break;
      case storage::TrackCode::kBelowZero:
        result.error =
            QuantityError(event, absl::StrCat("want ≥ -", ToDecimal(outcome.total).ToString(),
                                              ": no more can be taken back than was counted"));
        break;
      case storage::TrackCode::kRefused:
        result.code = plan.resolved.verdict.code;
        result.error = plan.resolved.verdict.error;
        break;
      case storage::TrackCode::kStale:
      case storage::TrackCode::kConflict:
        result.error = absl::InternalError("an event without result");
        break;
    }
    if (detail_ == TrackDetail::kPeriods && plan.resolved.verdict.counts()) {
      result.period =
          PeriodUsageOf(plan.resolved, plan.bounds, ToDecimal(outcome.total), plan.others);
    }
    return result;
  }

  Context& context_;
  const TenantId tenant_;
  const TrackDetail detail_;
  const Micros now_;
  std::vector<UsageEvent> events_;
  std::vector<TrackResult> results_;
  Metering::TrackDone done_;
  std::vector<size_t> waiting_;  // events without a result
  std::vector<Plan> plans_;      // of this round, in order
  int rounds_ = 0;
  int without_progress_ = 0;
};

}  // namespace

void StartTracking(Context& context, TenantId tenant, std::vector<UsageEvent> events,
                   TrackDetail detail, Metering::TrackDone done) {
  std::make_shared<Tracking>(context, tenant, std::move(events), detail, std::move(done))->Start();
}

}  // namespace owo::ledger
