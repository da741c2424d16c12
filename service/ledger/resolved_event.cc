#include "service/ledger/resolved_event.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "service/ledger/limit_check.h"
#include "storage/decide_track.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::CounterKey;
using storage::TenantId;

// Whether the store will count the event.
bool WillCount(const storage::Target& target, const UsageEvent& event, Decimal total) {
  return storage::IsCounted(storage::CompareTotal(target, ToQuantity(total),
                                                  ToQuantity(event.quantity), event.record_always));
}

}  // namespace

absl::Status CheckLimits(LedgerParts& parts, TenantId tenant,
                         std::span<ResolvedEvent* const> resolved_events) {
  std::vector<CounterKey> keys;
  std::optional<CatalogReader> catalog;
  for (const ResolvedEvent* const resolved : resolved_events) {
    const Catalog::Ptr& resolved_in = resolved->resolution.customer->catalog;
    if (!catalog.has_value() || catalog->shared() != resolved_in) {
      catalog = parts.directory.ReaderOf(storage::kReadAll, tenant, resolved_in);
    }
    OWO_TRY(const auto more, LimitChecker::KeysFor(*catalog, resolved->resolution.ToLimitInput(
                                                                 resolved->event->quantity)));
    keys.insert(keys.end(), more.begin(), more.end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  OWO_TRY(LimitChecker checker,
          LimitChecker::Read(storage::kReadAll, parts.directory, tenant,
                             resolved_events.front()->resolution.customer->number, keys));
  for (ResolvedEvent* const resolved : resolved_events) {
    const UsageEvent& event = *resolved->event;
    const LimitInput limit_input = resolved->resolution.ToLimitInput(event.quantity);
    OWO_TRY(const LimitDecision decision, checker.Check(limit_input));
    ResolvedEvent::LimitCheck limit_check{.bounds = decision.bounds,
                                          .others = decision.others,
                                          .target = LimitChecker::ToTarget(limit_input, decision)};
    limit_check.target.expected_usage_version = checker.usage_version();
    if (WillCount(limit_check.target, event, decision.total)) checker.Count(limit_input);
    resolved->limit_check = std::make_unique<ResolvedEvent::LimitCheck>(limit_check);
  }
  return absl::OkStatus();
}

TrackResult ResultOf(const ResolvedEvent& resolved, const storage::TrackOutcome& outcome,
                     TrackDetail detail) {
  const UsageEvent& event = *resolved.event;
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
      result.error = QuantityError(
          event, absl::StrCat("want a total of at most ", resolved.bounds().total_max.ToString(),
                              " in the period"));
      break;
    case storage::TrackCode::kBelowZero:
      result.error =
          QuantityError(event, absl::StrCat("want ≥ -", ToDecimal(outcome.total).ToString(),
                                            ": no more can be taken back than was counted"));
      break;
    case storage::TrackCode::kRefused:
      result.code = resolved.resolution.eligibility.code;
      result.error = resolved.resolution.eligibility.error;
      break;
    case storage::TrackCode::kStale:
    case storage::TrackCode::kConflict:
      result.error = absl::InternalError("an event without result");
      break;
  }
  if (detail == TrackDetail::kAll && resolved.resolution.eligibility.counts()) {
    const Decimal others =
        resolved.limit_check == nullptr ? Decimal() : resolved.limit_check->others;
    result.period = std::make_shared<const PeriodUsage>(
        PeriodUsageOf(resolved.resolution, resolved.bounds(), ToDecimal(outcome.total), others));
  }
  return result;
}

}  // namespace owo::ledger
