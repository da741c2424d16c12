#include "service/ledger/metering.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "service/ledger/events.h"
#include "service/ledger/resolve.h"
#include "service/ledger/tracking.h"
#include "storage/decide_track.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::Counter;
using storage::CounterKey;
using storage::IntervalCode;
using storage::Micros;
using storage::StoredEvent;
using storage::TenantId;

constexpr size_t kCountersAtOnce = 20;
constexpr Micros kSecond = 1'000'000;
constexpr Micros kDay = kSecond * 24 * 3600;

// A key with the feature and interval of `key` that is greater than all such keys whose periods
// begin before `time`. The ordinal of a period is its first second for hours, and its first local
// date for other intervals; a local date is at most one day ahead of the UTC date.
CounterKey KeyAfter(const CounterKey& key, Micros time) {
  const bool hour = key.period.interval == IntervalCode::kHour;
  const int64_t ordinal = hour ? time / kSecond + 1 : time / kDay + 3;
  return {
      .customer = key.customer, .feature = key.feature, .period = {key.period.interval, ordinal}};
}

// Collects one page of a customer's events.
class Search {
 public:
  // REQUIRES: all arguments outlive the search.
  Search(const storage::ReadOptions& read, Directory& directory, storage::TenantId tenant,
         const EventsQuery& query, const CustomerView& customer)
      : read_(read), directory_(directory), tenant_(tenant), query_(query), customer_(customer) {}

  // Searches the counters of one feature, or of all features (0), from query.from on.
  absl::StatusOr<CustomerEventPage> Run(storage::FeatureNo feature);

 private:
  // If no event of the counter can be in the queried interval: the key from which to continue. It
  // also skips the other counters of the same feature and interval that are too early or too late.
  // Absent if the counter may have events in the interval.
  std::optional<CounterKey> Passed(const Counter& counter) const;
  absl::Status AddCounter(const Counter& counter);
  absl::Status Expired(const std::string& feature, const PeriodView& period) const;
  // Ends the page before the event with this ordinal.
  void EndAt(const CounterKey& counter, uint64_t ordinal) { page_.next = {counter, ordinal}; }

  const storage::ReadOptions read_;
  Directory& directory_;
  const storage::TenantId tenant_;
  const EventsQuery& query_;
  const CustomerView& customer_;
  CustomerEventPage page_;
  size_t examined_ = 0;
};

absl::StatusOr<CustomerEventPage> Search::Run(storage::FeatureNo feature) {
  page_.customer_id = customer_.id();
  std::optional<CounterKey> before;
  if (query_.from.has_value()) {
    before = query_.from->counter;
    ++before->segment;  // `before` is exclusive: the list then begins with the counter itself
  }
  for (bool more = true; more;) {
    OWO_TRY(const std::vector<Counter> counters,
            directory_.store().ListCounters(read_, tenant_, customer_.number, feature, before,
                                            kCountersAtOnce));
    more = counters.size() == kCountersAtOnce;
    for (const Counter& counter : counters) {
      if (examined_ > kExaminedMax) {
        EndAt(counter.key, 0);
        return std::move(page_);
      }
      before = counter.key;
      if (const std::optional<CounterKey> passed = Passed(counter)) {
        ++examined_;
        if (*passed == counter.key) continue;
        before = passed;
        more = true;
        break;
      }
      OWO_RETURN_IF_ERROR(AddCounter(counter));
      if (page_.next.has_value()) return std::move(page_);
    }
  }
  return std::move(page_);
}

std::optional<CounterKey> Search::Passed(const Counter& counter) const {
  // The period of a never-resetting counter is the life of its subscription, whose end can change
  // after the counter was opened. Other periods do not change: a change that would move them takes
  // effect after all counted usage.
  if (counter.key.period.interval == IntervalCode::kNever) return std::nullopt;
  if (query_.start.has_value() && counter.terms.period_end <= *query_.start) {
    return KeyAfter(counter.key, std::numeric_limits<Micros>::min());
  }
  if (query_.end.has_value() && counter.terms.period_start >= *query_.end) {
    return std::min(counter.key, KeyAfter(counter.key, *query_.end));
  }
  return std::nullopt;
}

absl::Status Search::Expired(const std::string& feature, const PeriodView& period) const {
  return Refuse(Reason::kEventsExpired,
                absl::StrCat("the events of ", feature, " in ", period.label, " expired"),
                {{"customer", customer_.id()}, {"feature", feature}, {"period", period.label}});
}

absl::Status Search::AddCounter(const Counter& counter) {
  const bool resumes = query_.from.has_value() && query_.from->counter == counter.key;
  uint64_t ordinal = resumes ? query_.from->ordinal : 0;
  OWO_TRY(const auto catalog, directory_.GetCatalog(read_, tenant_));
  const Feature* const feature = catalog->FindFeature(counter.key.feature);
  if (feature == nullptr) return absl::DataLossError("the feature of a counter is missing");
  const PeriodView period = PeriodOf(counter, customer_.timeline.zones());
  ++examined_;
  while (ordinal < counter.events) {
    if (examined_ > kExaminedMax) {
      EndAt(counter.key, ordinal);
      break;
    }
    // Reads one more event than wanted, to know whether there is a next page.
    auto listed = directory_.store().ListEvents(read_, tenant_, counter.key,
                                                {.range = {ordinal, counter.events},
                                                 .start = query_.start,
                                                 .end = query_.end,
                                                 .limit = query_.limit + 1 - page_.rows.size(),
                                                 .work_max = kExaminedMax + 1 - examined_});
    if (absl::IsFailedPrecondition(listed.status())) {
      if (page_.rows.empty()) return Expired(feature->slug, period);
      EndAt(counter.key, ordinal);
      break;
    }
    OWO_TRY(storage::EventList list, std::move(listed));
    if (list.next <= ordinal) return absl::DataLossError("a counter lacks events");
    examined_ += list.work;
    ordinal = list.next;
    for (StoredEvent& event : list.events) {
      if (page_.rows.size() == query_.limit) {
        EndAt(counter.key, event.ordinal);
        return absl::OkStatus();
      }
      page_.rows.push_back({.event = std::move(event),
                            .counter = counter.key,
                            .feature_slug = feature->slug,
                            .period = period});
    }
  }
  return absl::OkStatus();
}

}  // namespace

void Metering::Track(const CallContext& context, std::vector<UsageEvent> events, TrackDetail detail,
                     TrackDone done) {
  StartTracking(context, parts_, lanes_, std::move(events), detail, std::move(done));
}

absl::StatusOr<TrackResult> Metering::Check(const CallContext& context,
                                            const storage::ReadOptions& read,
                                            const UsageEvent& event) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    OWO_TRY(std::optional<TrackResult> result, TryCheck(context, read, event));
    if (result.has_value()) return *std::move(result);
  }
  return TooMuchContention();
}

absl::StatusOr<std::optional<TrackResult>> Metering::TryCheck(const CallContext& context,
                                                              const storage::ReadOptions& read,
                                                              const UsageEvent& event) {
  Resolution resolution;
  OWO_TRY(resolution.customer, parts_.directory.Find(context, read, event.customer));
  OWO_RETURN_IF_ERROR(Resolve(read, parts_, context.tenant, event, context.now(), resolution));
  TrackResult result{.code = resolution.eligibility.code, .error = resolution.eligibility.error};
  if (result.code == TrackCode::kRejected) return result.error;
  if (!resolution.eligibility.counts()) return result;

  const LimitInput limit_input = resolution.ToLimitInput(event.quantity);
  CatalogReader catalog =
      parts_.directory.ReaderOf(read, context.tenant, resolution.customer->catalog);
  OWO_TRY(const std::vector<CounterKey> keys, LimitChecker::KeysFor(catalog, limit_input));
  OWO_TRY(LimitChecker checker, LimitChecker::Read(read, parts_.directory, context.tenant,
                                                   resolution.customer->number, keys));
  if (!checker.IsCurrent(*resolution.customer)) return std::optional<TrackResult>();
  OWO_TRY(const LimitDecision decision, checker.Check(limit_input));
  switch (storage::CompareTotal(LimitChecker::ToTarget(limit_input, decision),
                                ToQuantity(decision.total), ToQuantity(event.quantity),
                                event.record_always)) {
    case storage::TrackCode::kCounted:
      break;
    case storage::TrackCode::kCountedOver:
      result.code = TrackCode::kTrackedOverage;
      break;
    case storage::TrackCode::kOverLimit:
      result.code = TrackCode::kLimitExceeded;
      break;
    default:
      return QuantityError(event, "it would take the usage of the period out of its bounds");
  }
  result.period = std::make_shared<const PeriodUsage>(
      PeriodUsageOf(resolution, decision.bounds, decision.total, decision.others));
  return result;
}

absl::StatusOr<std::vector<storage::Counter>> Metering::GroupUpTo(const CallContext& context,
                                                                  const storage::ReadOptions& read,
                                                                  storage::Counter counter) {
  std::vector<storage::Counter> group;
  if (counter.key.segment > 0) {
    std::vector<CounterKey> earlier;
    for (CounterKey key = counter.key; earlier.size() < counter.key.segment;) {
      key.segment = static_cast<uint32_t>(earlier.size());
      earlier.push_back(key);
    }
    OWO_TRY(storage::Account account,
            parts_.store.ReadAccount(read, context.tenant, counter.key.customer, earlier));
    for (std::optional<storage::Counter>& other : account.asked) {
      if (other.has_value()) group.push_back(*std::move(other));
    }
  }
  group.push_back(std::move(counter));
  return group;
}

absl::StatusOr<UsagePage> Metering::ListUsage(const CallContext& context,
                                              const storage::ReadOptions& read,
                                              const UsageQuery& query) {
  OWO_TRY(const CustomerPtr customer, parts_.directory.Find(context, read, query.customer));
  if (query.before.has_value() && query.before->customer != customer->number) {
    return RefuseFields({{"page_token", "was given for a customer who no longer has this name"}});
  }
  OWO_TRY(const auto known, parts_.directory.GetCatalog(read, context.tenant));
  OWO_TRY(const storage::FeatureNo feature, FeatureNamed(*known, query.feature));
  OWO_TRY(std::vector<storage::Counter> counters,
          parts_.store.ListCounters(read, context.tenant, customer->number, feature, query.before,
                                    query.limit + 1));
  UsagePage page;
  if (counters.size() > query.limit) {
    counters.resize(query.limit);
    page.next = counters.back().key;
  }
  std::vector<std::vector<storage::Counter>> groups;
  for (storage::Counter& counter : counters) {
    OWO_TRY(groups.emplace_back(), GroupUpTo(context, read, std::move(counter)));
  }
  OWO_TRY(CatalogReader catalog, parts_.directory.ReadCatalog(read, context.tenant));
  page.catalog = catalog.shared();
  for (std::vector<storage::Counter>& group : groups) {
    OWO_TRY(const std::vector<Rated> rated, RateGroup(catalog, group));
    storage::Counter& counter = group.back();
    UsageRow row{.rated = rated.back(), .period = PeriodOf(counter, customer->timeline.zones())};
    row.subscription_id =
        SubscriptionIdText(static_cast<uint64_t>(customer->number), counter.terms.subscription);
    row.counter = std::move(counter);
    page.rows.push_back(std::move(row));
  }
  return page;
}

// ---- Listing events.

absl::StatusOr<CustomerEventPage> Metering::ListEvents(const CallContext& context,
                                                       const storage::ReadOptions& read,
                                                       const EventsQuery& query) {
  OWO_TRY(const CustomerPtr customer, parts_.directory.Find(context, read, query.customer));
  OWO_TRY(const auto catalog, parts_.directory.GetCatalog(read, context.tenant));
  OWO_TRY(const storage::FeatureNo feature, FeatureNamed(*catalog, query.feature));
  if (query.from.has_value()) {
    const CounterKey& from = query.from->counter;
    if (from.customer != customer->number) {
      return RefuseFields({{"page_token", "was given for a customer who no longer has this name"}});
    }
    if (feature != storage::FeatureNo{} && from.feature != feature) {
      return RefuseFields({{"page_token", "goes on in a feature that was not asked for"}});
    }
  }
  return Search(read, parts_.directory, context.tenant, query, *customer).Run(feature);
}

}  // namespace owo::ledger
