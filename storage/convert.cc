#include "storage/convert.h"

#include "storage/util/try.h"
#include "storage/util/varint.h"

namespace owo::storage {

std::string PackQuantity(Quantity q) {
  std::string bytes;
  AppendSigned128(bytes, q.units);
  return bytes;
}

absl::StatusOr<Quantity> UnpackQuantity(std::string_view bytes) {
  if (bytes.empty()) return Quantity{};  // a field left at its default
  ByteReader reader(bytes);
  const Quantity q{reader.Signed128()};
  if (!reader.AtEnd()) return absl::DataLossError("quantity: not one varint");
  return q;
}

CounterKeyRecord ToRecord(const CounterKey& key) {
  CounterKeyRecord record;
  record.set_customer(static_cast<uint64_t>(key.customer));
  record.set_feature(static_cast<uint32_t>(key.feature));
  record.set_interval(static_cast<uint32_t>(key.period.interval));
  record.set_ordinal(key.period.ordinal);
  record.set_segment(key.segment);
  return record;
}

CounterKey FromRecord(const CounterKeyRecord& record) {
  return {.customer = CustomerNo{record.customer()},
          .feature = FeatureNo{record.feature()},
          .period = {static_cast<IntervalCode>(record.interval()), record.ordinal()},
          .segment = record.segment()};
}

CounterTermsRecord ToRecord(const CounterTerms& terms) {
  CounterTermsRecord record;
  record.set_plan(static_cast<uint32_t>(terms.plan));
  record.set_plan_version(terms.plan_version);
  record.set_subscription(terms.subscription);
  record.set_period_start_us(terms.period_start);
  record.set_period_end_us(terms.period_end);
  return record;
}

CounterTerms FromRecord(const CounterTermsRecord& record) {
  return {.plan = PlanNo{record.plan()},
          .plan_version = record.plan_version(),
          .subscription = record.subscription(),
          .period_start = record.period_start_us(),
          .period_end = record.period_end_us()};
}

CoverageRecord ToRecord(const Coverage& coverage) {
  CoverageRecord record;
  record.set_usage(PackQuantity(coverage.usage));
  record.set_free(PackQuantity(coverage.free));
  record.set_billable(PackQuantity(coverage.billable));
  record.set_amount(coverage.amount);
  for (const OrdinalRange& range : coverage.ranges) {
    record.add_ranges(range.first);
    record.add_ranges(range.end);
  }
  for (const TierUse& use : coverage.tiers) {
    TierUseRecord& tier = *record.add_tiers();
    tier.set_tier(use.tier);
    tier.set_quantity(PackQuantity(use.quantity));
    tier.set_flat_fees(use.flat_fees);
  }
  return record;
}

absl::StatusOr<Coverage> FromRecord(const CoverageRecord& record) {
  Coverage coverage;
  OWO_TRY(coverage.usage, UnpackQuantity(record.usage()));
  OWO_TRY(coverage.free, UnpackQuantity(record.free()));
  OWO_TRY(coverage.billable, UnpackQuantity(record.billable()));
  coverage.amount = record.amount();
  if (record.ranges_size() % 2 != 0) return absl::DataLossError("coverage: half a range");
  for (int i = 0; i < record.ranges_size(); i += 2) {
    coverage.ranges.push_back({record.ranges(i), record.ranges(i + 1)});
  }
  for (const TierUseRecord& tier : record.tiers()) {
    OWO_TRY(const Quantity quantity, UnpackQuantity(tier.quantity()));
    coverage.tiers.push_back({tier.tier(), quantity, tier.flat_fees()});
  }
  return coverage;
}

CounterRecord ToRecord(const Counter& counter) {
  CounterRecord record;
  *record.mutable_terms() = ToRecord(counter.terms);
  record.set_total(PackQuantity(counter.total));
  record.set_events(counter.events);
  if (counter.covered != Coverage{}) *record.mutable_covered() = ToRecord(counter.covered);
  record.set_open(counter.open);
  return record;
}

absl::StatusOr<Counter> FromRecord(const CounterKey& key, const CounterRecord& record) {
  Counter counter{.key = key, .terms = FromRecord(record.terms())};
  OWO_TRY(counter.total, UnpackQuantity(record.total()));
  OWO_TRY(counter.covered, FromRecord(record.covered()));
  counter.events = record.events();
  counter.open = record.open();
  return counter;
}

}  // namespace owo::storage
