#include "service/ledger/resolve.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/ledger/errors.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using rating::Decimal;
using storage::Micros;

Eligibility Reject(absl::Status error) { return {TrackCode::kRejected, std::move(error)}; }

std::string TimeText(Micros time) {
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(time), absl::UTCTimeZone());
}

absl::Status FeatureNotFound(const std::string& slug) {
  return Refuse(Reason::kFeatureNotFound, absl::StrCat("no feature has the slug \"", slug, "\""),
                {{"feature", slug}});
}

Eligibility CheckTime(const Options& options, Micros time, Micros now) {
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

// Makes a binding that the CustomerView does not hold. If there is none, sets the eligibility.
absl::Status FindOwnBinding(const storage::ReadOptions& read, const LedgerParts& parts,
                            storage::TenantId tenant, Resolution& resolution) {
  const CustomerView& customer = *resolution.customer;
  const Span* const span = customer.timeline.At(resolution.time);
  if (span == nullptr) {
    resolution.eligibility = {TrackCode::kNoActiveSubscription};
    return absl::OkStatus();
  }
  auto own = std::make_unique<OwnBinding>();
  if (span->version == customer.version) {
    own->usage = customer.usage;
  } else {
    CatalogReader catalog = parts.directory.ReaderOf(read, tenant, customer.catalog);
    OWO_TRY(const VersionTermsPtr terms, catalog.Read(span->plan->number, span->version->version));
    own->usage = terms->usage;
  }
  const UsageTerms* const terms = FindIn(*own->usage, resolution.feature);
  if (terms == nullptr) {
    resolution.eligibility = {TrackCode::kFeatureNotInPlan};
    return absl::OkStatus();
  }
  own->binding = customer.BindingAt(*span, *terms, resolution.time);
  resolution.binding = &own->binding;
  resolution.own = std::move(own);
  return absl::OkStatus();
}

// Finds the binding of an event. If the event does not count, sets the eligibility.
absl::Status FindBinding(const storage::ReadOptions& read, const LedgerParts& parts,
                         storage::TenantId tenant, const UsageEvent& event,
                         Resolution& resolution) {
  if (resolution.feature == storage::FeatureNo{}) {
    resolution.eligibility = Reject(FeatureNotFound(event.feature));
    return absl::OkStatus();
  }
  resolution.binding = resolution.customer->FindBinding(resolution.feature, resolution.time);
  if (resolution.binding == nullptr) {
    OWO_RETURN_IF_ERROR(FindOwnBinding(read, parts, tenant, resolution));
    if (!resolution.eligibility.counts()) return absl::OkStatus();
  }
  if (event.quantity.IsNegative() && !parts.options.allow_negative_quantities) {
    resolution.eligibility =
        Reject(QuantityError(event, "want ≥ 0: the server takes no corrections"));
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

absl::Status Resolve(const storage::ReadOptions& read, const LedgerParts& parts,
                     storage::TenantId tenant, const UsageEvent& event, Micros now,
                     Resolution& resolution) {
  resolution.time = event.time.value_or(now);
  const Feature* const feature = resolution.customer->catalog->FindFeature(event.feature);
  if (feature != nullptr) resolution.feature = feature->number;
  resolution.eligibility = CheckTime(parts.options, resolution.time, now);
  if (!resolution.eligibility.counts()) return absl::OkStatus();
  return FindBinding(read, parts, tenant, event, resolution);
}

storage::TrackEvent ToTrackEvent(const UsageEvent& event, const Resolution& resolution) {
  storage::TrackEvent to{.id = *event.id,
                         .unlimited = event.record_always,
                         .feature = resolution.feature,
                         .customer = resolution.customer->number,
                         .quantity = ToQuantity(event.quantity),
                         .time = resolution.time,
                         .customer_generation = resolution.customer->generation,
                         .id_text = event.id_text,
                         .properties = event.properties};
  if (resolution.eligibility.counts()) {
    to.target = &resolution.binding->target;
  } else {
    to.refusal = 1;
  }
  return to;
}

PeriodUsage PeriodUsageOf(const Resolution& resolution, const Bounds& bounds, Decimal total,
                          Decimal others) {
  const UsageTerms& terms = *resolution.binding->terms;
  const std::optional<Decimal> included = terms.Allowance();
  PeriodUsage usage{.usage = total + others, .included = included, .limit = terms.Limit(included)};
  if (bounds.allowance.has_value()) {
    usage.balance = std::max(Decimal(), *bounds.allowance - total);
  }
  const Micros end = resolution.binding->target.terms.period_end;
  const bool never = terms.reset == rating::Interval::kNever;
  if (!never && end != storage::kForever) usage.resets_at = end;
  return usage;
}

}  // namespace owo::ledger
