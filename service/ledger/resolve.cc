#include "service/ledger/resolve.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/ledger/reason.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::Micros;

Verdict Reject(absl::Status error) { return {TrackCode::kRejected, std::move(error)}; }

std::string TimeText(Micros time) {
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(time), absl::UTCTimeZone());
}

absl::Status FeatureNotFound(const std::string& slug) {
  return Refuse(Reason::kFeatureNotFound, absl::StrCat("no feature has the slug \"", slug, "\""),
                {{"feature", slug}});
}

Verdict JudgeTime(const Options& options, Micros time, Micros now) {
  if (time > now + kEventAheadMax) {
    const std::string text = TimeText(time);
    return Reject(Refuse(Reason::kEventInFuture,
                         absl::StrCat("`event_time`: got ", text,
                                      ", want at most 5 minutes ahead of ", TimeText(now)),
                         {{"event_time", text}}));
  }
  if (options.event_age_max > 0 && time < now - options.event_age_max) {
    const std::string text = TimeText(time);
    const std::string age = absl::FormatDuration(absl::Microseconds(options.event_age_max));
    return Reject(Refuse(Reason::kEventTooOld,
                         absl::StrCat("`event_time`: got ", text, ", want at most ", age, " back"),
                         {{"event_time", text}, {"event_age_max", age}}));
  }
  return {};
}

// Finds a place that is not kept with the customer; leaves the verdict when there is none.
absl::Status FindOwnPlace(const storage::ReadOptions& read, const Context& context,
                          storage::TenantId tenant, Resolved& resolved) {
  const CustomerView& customer = *resolved.customer;
  const Span* const span = customer.timeline.At(resolved.time);
  if (span == nullptr) {
    resolved.verdict = {TrackCode::kNoActiveSubscription};
    return absl::OkStatus();
  }
  auto own = std::make_unique<OwnPlace>();
  if (span->version == customer.version) {
    own->usage = customer.usage;
  } else {
    CatalogReader catalog = context.directory.ReaderOf(read, tenant, customer.catalog);
    OWO_TRY(const VersionTermsPtr terms, catalog.Read(span->plan->number, span->version->version));
    own->usage = terms->usage;
  }
  const UsageTerms* const terms = FindIn(*own->usage, resolved.feature);
  if (terms == nullptr) {
    resolved.verdict = {TrackCode::kFeatureNotInPlan};
    return absl::OkStatus();
  }
  own->place = customer.PlaceAt(*span, *terms, resolved.time);
  resolved.place = &own->place;
  resolved.own = std::move(own);
  return absl::OkStatus();
}

// Finds where the event counts; leaves the verdict when it does not.
absl::Status FindPlace(const storage::ReadOptions& read, const Context& context,
                       storage::TenantId tenant, const UsageEvent& event, Resolved& resolved) {
  if (resolved.feature == storage::FeatureNo{}) {
    resolved.verdict = Reject(FeatureNotFound(event.feature));
    return absl::OkStatus();
  }
  resolved.place = resolved.customer->FindPlace(resolved.feature, resolved.time);
  if (resolved.place == nullptr) {
    OWO_RETURN_IF_ERROR(FindOwnPlace(read, context, tenant, resolved));
    if (!resolved.verdict.counts()) return absl::OkStatus();
  }
  if (event.quantity.IsNegative() && !context.options.allow_negative_quantities) {
    resolved.verdict = Reject(QuantityError(event, "want ≥ 0: the server takes no corrections"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<storage::FeatureNo> FeatureNamed(const Catalog& catalog, const std::string& slug) {
  if (slug.empty()) return storage::FeatureNo{};
  const Feature* const feature = catalog.FindFeature(slug);
  if (feature == nullptr) return FeatureNotFound(slug);
  return feature->number;
}

absl::Status QuantityError(const UsageEvent& event, std::string_view why) {
  const std::string quantity = event.quantity.ToString();
  return Refuse(Reason::kQuantityOutOfRange,
                absl::StrCat("`quantity`: got ", quantity, ", ", std::string(why)),
                {{"quantity", quantity}});
}

absl::Status Resolve(const storage::ReadOptions& read, const Context& context,
                     storage::TenantId tenant, const UsageEvent& event, Micros now,
                     Resolved& resolved) {
  resolved.time = event.time.value_or(now);
  const Feature* const feature = resolved.customer->catalog->FindFeature(event.feature);
  if (feature != nullptr) resolved.feature = feature->number;
  resolved.verdict = JudgeTime(context.options, resolved.time, now);
  if (!resolved.verdict.counts()) return absl::OkStatus();
  return FindPlace(read, context, tenant, event, resolved);
}

storage::TrackEvent ToTrackEvent(const UsageEvent& event, const Resolved& resolved) {
  storage::TrackEvent to{.id = *event.id,
                         .unlimited = event.record_always,
                         .feature = resolved.feature,
                         .customer = resolved.customer->number,
                         .quantity = ToQuantity(event.quantity),
                         .time = resolved.time,
                         .id_text = event.id_text,
                         .properties = event.properties};
  if (resolved.verdict.counts()) {
    to.target = &resolved.place->target;
  } else {
    to.refusal = 1;
  }
  return to;
}

PeriodUsage PeriodUsageOf(const Resolved& resolved, const Bounds& bounds, Decimal total,
                          Decimal others) {
  const UsageTerms& terms = *resolved.place->terms;
  const std::optional<Decimal> included = terms.Allowance();
  PeriodUsage usage{.usage = total + others, .included = included, .limit = terms.Limit(included)};
  if (bounds.allowance.has_value()) {
    usage.balance = std::max(Decimal(), *bounds.allowance - total);
  }
  const Micros end = resolved.place->target.terms.period_end;
  const bool never = terms.reset == rating::Interval::kNever;
  if (!never && end != storage::kForever) usage.resets_at = end;
  return usage;
}

}  // namespace owo::ledger
