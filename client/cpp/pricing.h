// Types that usage, invoices and the catalog share: periods, usage models and prices.
//
//   owo::Tier tier = {.up_to = "1000", .unit_price = "0.001"};
//   owo::ToString(owo::RatingModel::kGraduated) == "graduated"
//
// Quantities and prices are decimal strings such as "0.00025". Prices and fees are in minor units
// of a currency (cents). catalog.h states the bounds of what a catalog may contain.
//
// Enums have the numbers of the protocol, and ToString returns the protocol's words in lower case.
// If the server is newer than this header, enums may hold values that are not named here; ToString
// returns "unknown" for them. ToString is thread-safe.

#ifndef OWO_CLIENT_CPP_PRICING_H_
#define OWO_CLIENT_CPP_PRICING_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace owo {

// Which part of a feature's usage costs money. A catalog must name one.
enum class UsageModel : int {
  kUnspecified = 0,
  kIncluded = 1,    // only usage beyond the included units
  kUsageBased = 2,  // every unit
};
std::string ToString(UsageModel model);

// How billable units become money. A line's amount is rounded once, half away from zero, to whole
// minor units. 250 units cost, in minor units:
//   kPerUnit    at "0.5"                                                     125
//   kPackage    at "20" per 100 units                                        60, 3 packages
//   kGraduated  at "1" up to 100 units, "0.5" beyond                         175
//   kVolume     at "1" up to 100 units, "0.5" beyond                         125
// Zero units cost nothing in every model, whatever the flat fees.
enum class RatingModel : int {
  kUnspecified = 0,  // in a catalog: per unit
  kPerUnit = 1,      // units × price; a fraction of a unit costs that fraction of the price
  kPackage = 2,      // one price per started package of units
  kGraduated = 3,    // each tier prices the units inside it, plus its fee once units enter it
  kVolume = 4,       // the highest tier that is reached prices all units, plus its fee
};
std::string ToString(RatingModel model);

// What happens to usage beyond the included units.
enum class OveragePolicy : int {
  kUnspecified = 0,  // in a catalog: block for included features, charge for usage-based ones
  kBlock = 1,        // it is refused with kLimitExceeded
  kCharge = 2,       // it is recorded and billed, up to max_overage_units
};
std::string ToString(OveragePolicy policy);

// How long a period lasts, in the calendar of the customer's time zone.
enum class Interval : int {
  kUnspecified = 0,
  kHour = 1,
  kDay = 2,
  kWeek = 3,  // starts on Monday
  kMonth = 4,
  kQuarter = 5,  // starts in January, April, July or October
  kYear = 6,
  kNever = 7,  // one period for the whole life of a subscription
};
std::string ToString(Interval interval);

// One step of a graduated or volume price. It starts above the `up_to` of the tier before it, the
// first at 0.
struct Tier {
  // Inclusive, above 0. Absent on the last tier only, which has no bound.
  std::optional<std::string> up_to;

  // Price of one unit. Empty: "0".
  std::string unit_price;

  // Charged once: when usage enters the tier (graduated), or if it is the tier that is reached
  // (volume). Empty: "0".
  std::string flat_fee;

  bool operator==(const Tier&) const = default;
};

// What one tier contributes to a line of usage or of an invoice, beyond what earlier invoices
// cover: quantities and fees may be negative. The quantities of a line's tiers add up to the
// line's.
struct TierUsage {
  // As in Tier. Absent on the last tier.
  std::optional<std::string> up_to;

  // Price of one unit in this tier.
  std::string unit_price;

  // How much of the tier's fee is charged here: the fee, "0", or the negative fee if it is
  // credited.
  std::string flat_fee;

  // Units priced by this tier. May be negative.
  std::string quantity;

  // quantity × unit_price + flat_fee in minor units, before the line is rounded, shown with at most
  // 12 fraction digits: "3000.25".
  std::string amount;

  bool operator==(const TierUsage&) const = default;
};

// Half-open interval [start, end) in which usage adds up. Its instants do not change when the
// customer's time zone changes later.
struct Period {
  Interval interval = Interval::kUnspecified;

  // The local date of the start, for people: "2026-11-22T15:00+01:00" (hour), "2026-11-22" (day),
  // "2026-W47" (week), "2026-11" (month), "2026-Q4" (quarter), "2026" (year), "" (kNever).
  std::string label;

  // Inclusive. For kNever the start of the subscription.
  absl::Time start;

  // Exclusive. Absent only for kNever, while the subscription has no end.
  std::optional<absl::Time> end;

  // IANA name of the zone of `label`. It may differ from the customer's zone now.
  std::string time_zone;

  bool operator==(const Period&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_PRICING_H_
