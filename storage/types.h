// The values that a billing store works with. Each kind of number has its own type: a customer's
// number does not compile where a feature's number is expected.
//
//   CounterKey key{.customer = CustomerNo{7}, .feature = FeatureNo{2},
//                  .period = {IntervalCode::kMonth, 20758}, .segment = 0};
//
// All are plain values: share one between threads only if no thread changes it. What they mean in
// billing is in docs/glossary.md, how they are stored in docs/format.md.

#ifndef OWO_STORAGE_TYPES_H_
#define OWO_STORAGE_TYPES_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"

namespace owo::storage {

// Numbers that the server assigns, from 1 on; 0 means none.
enum class TenantId : uint32_t {};
enum class CustomerNo : uint64_t {};
enum class FeatureNo : uint32_t {};
enum class PlanNo : uint32_t {};

inline constexpr TenantId kDefaultTenant{1};
// What concerns the whole store, such as who its tenants are, and belongs to none of them.
inline constexpr TenantId kNoTenant{0};

// Fixed point with 12 decimal places: `units` counts 10^-12. |total| < 10^27 units, so sums do not
// overflow. rating::Decimal (service/rating/decimal.h) is the same number for calculations.
struct Quantity {
  absl::int128 units = 0;

  friend constexpr auto operator<=>(Quantity a, Quantity b) {
    return a.units < b.units   ? std::strong_ordering::less
           : a.units > b.units ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
  }
  friend constexpr bool operator==(Quantity a, Quantity b) { return a.units == b.units; }
  // Exact.
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.units + b.units}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.units - b.units}; }
  Quantity& operator+=(Quantity b) { return *this = *this + b; }
  Quantity& operator-=(Quantity b) { return *this = *this - b; }
};

// Money in minor units of a currency that is stored next to it.
using MinorUnits = int64_t;

// Microseconds since the Unix epoch.
using Micros = int64_t;
// The end of what has no end. Later than every time.
inline constexpr Micros kForever = INT64_MAX;

// The length of a period, and what it is aligned to: rating::Interval (service/rating/period.h).
// Stored on disk: never renumber.
enum class IntervalCode : uint8_t {
  kHour = 1,
  kDay = 2,
  kWeek = 3,
  kMonth = 4,
  kQuarter = 5,
  kYear = 6,
  kNever = 7,
};

// Identifies a period of a customer: its interval, and a number for the local date on which it
// begins (kHour: the hour; kNever: the subscription). Later periods have greater numbers.
struct PeriodKey {
  IntervalCode interval{};
  int64_t ordinal = 0;

  friend auto operator<=>(const PeriodKey&, const PeriodKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const PeriodKey& k) {
    return H::combine(std::move(h), k.interval, k.ordinal);
  }
};

// Identifies a counter within its tenant. Counters of one customer, feature and period ("a group")
// sort together, by segment.
struct CounterKey {
  CustomerNo customer{};
  FeatureNo feature{};
  PeriodKey period;
  // The parts of a period under different subscriptions or plan versions, from 0, in order of time.
  uint32_t segment = 0;

  friend auto operator<=>(const CounterKey&, const CounterKey&) = default;
  // Whether two counters are segments of the same period, and so share its allowance.
  bool SameGroup(const CounterKey& o) const {
    return customer == o.customer && feature == o.feature && period == o.period;
  }
  template <typename H>
  friend H AbslHashValue(H h, const CounterKey& k) {
    return H::combine(std::move(h), k.customer, k.feature, k.period, k.segment);
  }
};

// Events of a counter by ordinal: [first, end).
struct OrdinalRange {
  uint64_t first = 0;
  uint64_t end = 0;
  friend bool operator==(const OrdinalRange&, const OrdinalRange&) = default;
};

// How much of a price's tier is used: its units, and how often its flat fee applies.
struct TierUse {
  // Index into the tiers of the price (rating::Price::tiers).
  uint32_t tier = 0;
  Quantity quantity;
  int64_t flat_fees = 0;
  friend bool operator==(const TierUse&, const TierUse&) = default;
};

// The part of a counter that one invoice line covers, or the sum of what all non-void lines cover.
struct Coverage {
  // The sum of the quantities of the events in `ranges`.
  Quantity usage;
  // Units of `usage` that the allowance takes. A line may have negative ones, if another segment of
  // the period has taken them over since they were billed.
  Quantity free;
  // usage - free.
  Quantity billable;
  // What `billable` costs. Negative in a line that is a credit.
  MinorUnits amount = 0;
  // The events, by ordinal. Disjoint, ascending.
  std::vector<OrdinalRange> ranges;
  // How `billable` is divided among tiers. Ascending by tier; none is all zero.
  std::vector<TierUse> tiers;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// The terms that a counter was opened under. They never change.
struct CounterTerms {
  PlanNo plan{};
  uint32_t plan_version = 0;
  // Its number within the customer, from 1.
  uint32_t subscription = 0;
  // [start, end) of the whole period, of which the counter may be one segment.
  Micros period_start = 0;
  Micros period_end = kForever;

  friend bool operator==(const CounterTerms&, const CounterTerms&) = default;
};

// The usage of one customer and feature, in one segment of a period.
struct Counter {
  CounterKey key;
  CounterTerms terms;
  // The sum of the quantities of all counted events. Never negative.
  Quantity total;
  // How many were counted. The next event gets this number as its ordinal.
  uint64_t events = 0;
  // What the lines of all non-void invoices cover.
  Coverage covered;
  // True while it may hold usage that no invoice covers; false only after a check that it does not.
  bool open = false;

  friend bool operator==(const Counter&, const Counter&) = default;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_TYPES_H_
