// Types that usage, invoices and the catalog share: periods, usage models and prices.
//
//   owo::Tier tier = {.up_to = "1000", .unit_price = "0.001"};
//   owo::ToString(owo::RatingModel::kGraduated) == "graduated"
//
// Quantities and prices are decimal strings such as "0.00025". Prices and fees are in minor units
// of a currency (cents). If the server is newer than this header, enums may hold values that are
// not named here; ToString returns "unknown" for them.

#ifndef OWO_CLIENT_CPP_PRICING_H_
#define OWO_CLIENT_CPP_PRICING_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace owo {

// Which part of a feature's usage costs money.
enum class UsageModel : int {
  kUnspecified = 0,
  kIncluded = 1,    // only usage beyond the included units
  kUsageBased = 2,  // every unit
};
std::string ToString(UsageModel model);

// How billable units become money. A line's amount is rounded once, half away from zero, to whole
// minor units.
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
  std::optional<std::string> up_to;  // inclusive; absent on the last tier only
  std::string unit_price;            // of one unit; empty: "0"
  std::string flat_fee;  // charged once, when the tier is entered or reached; empty: "0"

  bool operator==(const Tier&) const = default;
};

// What one tier contributes to a line of usage or of an invoice, beyond what earlier invoices
// cover: quantities and fees may be negative. The quantities of a line's tiers add up to the
// line's.
struct TierUsage {
  std::optional<std::string> up_to;  // inclusive; absent on the last tier
  std::string unit_price;            // of one unit in this tier
  std::string flat_fee;              // the fee, "0", or the negative fee if it is credited
  std::string quantity;              // units priced by this tier
  std::string amount;                // minor units, before the line is rounded

  bool operator==(const TierUsage&) const = default;
};

// Half-open interval [start, end) in which usage adds up. Its instants do not change when the
// customer's time zone changes later.
struct Period {
  Interval interval = Interval::kUnspecified;
  std::string label;  // local start: "2026-11-22", "2026-W47", "2026-11", "2026-Q4"; "" for kNever
  absl::Time start;   // inclusive; for kNever the start of the subscription
  std::optional<absl::Time> end;  // exclusive; absent for kNever while the subscription has no end
  std::string time_zone;          // IANA name

  bool operator==(const Period&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_PRICING_H_
