#include "service/ledger/timeline.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Interval;
using rating::Period;
using storage::Micros;

constexpr Micros kBeginning = std::numeric_limits<Micros>::min();

// When a version of the plan begins to apply to a subscription.
Micros InForceFrom(const storage::SubscriptionRecord& subscription, const Plan& plan,
                   const PlanVersion& version, const rating::Zones& zones) {
  const bool first = &version == &plan.versions.front();
  if (first || version.effective <= subscription.start_us()) return kBeginning;
  // The version is older than the subscription, even if it takes effect later because it was
  // delayed past other customers' usage.
  if (version.version <= subscription.newest_version()) {
    return std::min(version.effective, Micros{subscription.created_us()});
  }
  if (version.effective <= subscription.created_us()) return version.effective;
  const absl::Time effective = absl::FromUnixMicros(version.effective);
  const Period period = PeriodAt(zones, plan.interval, effective);
  const absl::Time next = period.start == effective ? period.start : period.end;
  return std::min(absl::ToUnixMicros(next), version.at_once_from);
}

// The spans of a subscription. Goes through the versions newest first: each one applies until the
// next newer one does.
std::vector<Span> SpansOf(const storage::SubscriptionRecord& subscription, const Plan& plan,
                          const rating::Zones& zones) {
  std::vector<Span> spans;
  Micros end = subscription.end_us();
  for (auto version = plan.versions.rbegin(); version != plan.versions.rend(); ++version) {
    const Micros from =
        std::max(InForceFrom(subscription, plan, *version, zones), Micros{subscription.start_us()});
    if (from >= end) continue;
    spans.push_back({from, end, subscription.number(), &plan, &*version});
    end = from;
  }
  std::reverse(spans.begin(), spans.end());
  return spans;
}

struct Instants {
  int64_t ordinal;
  Micros start;
  Micros end;
};

Instants PeriodOf(const Timeline& timeline, const Span& span, Interval reset, Micros time) {
  if (reset != Interval::kNever) {
    const Period period = PeriodAt(timeline.zones(), reset, absl::FromUnixMicros(time));
    return {period.ordinal, absl::ToUnixMicros(period.start), absl::ToUnixMicros(period.end)};
  }
  Instants life{.ordinal = span.subscription, .start = span.start, .end = span.end};
  for (const Span& other : timeline.spans()) {
    if (other.subscription != span.subscription) continue;
    life.start = std::min(life.start, other.start);
    life.end = std::max(life.end, other.end);
  }
  return life;
}

}  // namespace

absl::StatusOr<rating::Zones> ZonesOf(const storage::ContractRecord& contract) {
  rating::Zones zones;
  for (const storage::ZoneRecord& record : contract.zones()) {
    const absl::StatusOr<absl::TimeZone> zone = rating::LoadZone(record.zone());
    if (!zone.ok()) return absl::DataLossError(absl::StrCat("the stored zone ", record.zone()));
    if (record.since_us() == kBeginning) {
      zones = rating::Zones(*zone);
    } else {
      zones.ChangeTo(*zone, absl::FromUnixMicros(record.since_us()));
    }
  }
  return zones;
}

absl::StatusOr<Timeline> Timeline::Of(const storage::ContractRecord& contract,
                                      const Catalog& catalog) {
  Timeline timeline;
  OWO_TRY(timeline.zones_, ZonesOf(contract));
  for (const storage::SubscriptionRecord& subscription : contract.subscriptions()) {
    const Plan* const plan = catalog.FindPlan(storage::PlanNo{subscription.plan()});
    if (plan == nullptr) return absl::DataLossError("the plan of a subscription is missing");
    const std::vector<Span> spans = SpansOf(subscription, *plan, timeline.zones_);
    timeline.spans_.insert(timeline.spans_.end(), spans.begin(), spans.end());
  }
  return timeline;
}

const Span* Timeline::At(Micros time) const {
  const auto after = std::upper_bound(spans_.begin(), spans_.end(), time,
                                      [](Micros t, const Span& span) { return t < span.start; });
  if (after == spans_.begin() || std::prev(after)->end <= time) return nullptr;
  return &*std::prev(after);
}

CounterLocation Locate(const Timeline& timeline, const Span& span, const UsageTerms& terms,
                       Micros time) {
  const Instants period = PeriodOf(timeline, span, terms.reset, time);
  CounterLocation location{
      .counter = {.feature = terms.feature, .period = {CodeOf(terms.reset), period.ordinal}},
      .terms = {.plan = span.version->plan,
                .plan_version = span.version->version,
                .subscription = span.subscription,
                .period_start = period.start,
                .period_end = period.end},
      .segments = 0,
      .valid_from = std::max(period.start, span.start),
      .valid_until = std::min(period.end, span.end)};
  const bool never = terms.reset == Interval::kNever;
  for (const Span& other : timeline.spans()) {
    if (other.end <= period.start || other.start >= period.end) continue;
    if (never && other.subscription != span.subscription) continue;
    if (other.start == span.start) location.counter.segment = location.segments;
    ++location.segments;
  }
  return location;
}

Period BillingPeriod(const Timeline& timeline, const Plan& plan, Micros time) {
  return PeriodAt(timeline.zones(), plan.interval, absl::FromUnixMicros(time));
}

}  // namespace owo::ledger
