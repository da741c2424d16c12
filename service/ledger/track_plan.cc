#include "service/ledger/track_plan.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "service/ledger/reason.h"
#include "service/ledger/standing.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::CounterKey;
using storage::TenantId;

// As the store compares.
bool WillCount(const Bounds& bounds, const UsageEvent& event, Decimal total) {
  const Decimal after = total + event.quantity;
  const bool adds = !event.quantity.IsNegative() && !event.quantity.IsZero();
  if (after.IsNegative() || after > bounds.total_max) return false;
  return event.record_always || !adds || !bounds.limit.has_value() || after <= *bounds.limit;
}

}  // namespace

absl::Status Guard(Context& context, TenantId tenant, std::span<TrackPlan* const> plans) {
  std::vector<CounterKey> keys;
  std::optional<CatalogReader> catalog;
  for (const TrackPlan* const plan : plans) {
    const Catalog::Ptr& resolved_in = plan->resolved.customer->catalog;
    if (!catalog.has_value() || catalog->shared() != resolved_in) {
      catalog = context.directory.ReaderOf(storage::kReadAll, tenant, resolved_in);
    }
    OWO_TRY(const auto more,
            Standing::KeysFor(*catalog, plan->resolved.Weigh(plan->event->quantity)));
    keys.insert(keys.end(), more.begin(), more.end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  OWO_TRY(Standing standing, Standing::Read(storage::kReadAll, context.directory, tenant,
                                            plans.front()->resolved.customer->number, keys));
  for (TrackPlan* const plan : plans) {
    const UsageEvent& event = *plan->event;
    const Weighed weighed = plan->resolved.Weigh(event.quantity);
    OWO_TRY(const Standing::Judged judged, standing.Judge(weighed));
    TrackPlan::Guarded guarded{
        .bounds = judged.bounds, .others = judged.others, .target = plan->resolved.place->target};
    // A cap is a limit that the account as it was read has reached already.
    if (judged.over_cap) guarded.bounds.limit = Decimal::FromUnits(-1);
    SetBounds(guarded.bounds, guarded.target);
    guarded.target.expected_usage_version = standing.usage_version();
    if (WillCount(guarded.bounds, event, judged.total)) standing.Count(weighed);
    plan->guarded = std::make_unique<TrackPlan::Guarded>(guarded);
  }
  return absl::OkStatus();
}

TrackResult ResultOf(const TrackPlan& plan, const storage::TrackOutcome& outcome,
                     TrackDetail detail) {
  const UsageEvent& event = *plan.event;
  TrackResult result{.duplicate = outcome.duplicate};
  switch (outcome.code) {
    case storage::TrackCode::kCounted:
    case storage::TrackCode::kCountedOver:
      result.code = outcome.code == storage::TrackCode::kCounted ? TrackCode::kTracked
                                                                 : TrackCode::kTrackedOverage;
      result.recorded = true;
      if (detail == TrackDetail::kAll) result.event_id = event.IdText();
      break;
    case storage::TrackCode::kOverLimit:
      result.code = TrackCode::kLimitExceeded;
      break;
    case storage::TrackCode::kIdReused:
      result.error = Refuse(Reason::kEventIdReused,
                            absl::StrCat("event \"", event.IdText(),
                                         "\" is known with another customer, feature or quantity"),
                            {{"event_id", event.IdText()}});
      break;
    case storage::TrackCode::kOutOfRange:
      result.error =
          QuantityError(event, absl::StrCat("want a total of at most ",
                                            plan.bounds().total_max.ToString(), " in the period"));
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
  if (detail == TrackDetail::kAll && plan.resolved.verdict.counts()) {
    const Decimal others = plan.guarded == nullptr ? Decimal() : plan.guarded->others;
    result.period = std::make_shared<const PeriodUsage>(
        PeriodUsageOf(plan.resolved, plan.bounds(), ToDecimal(outcome.total), others));
  }
  return result;
}

}  // namespace owo::ledger
