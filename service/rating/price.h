// Price: the price of a feature's billable units in a plan, in minor units of the plan's currency.
// What a quantity costs at a price is computed in rate.h.
//
//   Price price{.model = RatingModel::kGraduated,
//               .tiers = {{.up_to = Decimal::FromInteger(30), .unit_price = hundred},
//                         {.unit_price = fifty}}};
//   if (std::optional<FieldError> error = Validate(price)) return Refuse(*error);
//   InWords(price, usd, "seat");
//   // "graduated, each tier prices the units inside it: up to 30, 1 USD (100 minor units) per
//   // seat; above 30, 0.5 USD (50 minor units) per seat"
#ifndef OWO_SERVICE_RATING_PRICE_H_
#define OWO_SERVICE_RATING_PRICE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/rating/currency.h"
#include "service/rating/decimal.h"

namespace owo::rating {

// How billable units become a cost; the formulas are in service/rating/rate.h.
enum class RatingModel { kPerUnit, kPackage, kGraduated, kVolume };

// A range of quantities with its own price: above the `up_to` of the tier before it, or 0, and up
// to its own. Prices and fees are minor units.
struct Tier {
  std::optional<Decimal> up_to;  // inclusive; absent: unbounded
  Decimal unit_price;
  Decimal flat_fee;
};

// Unit prices are minor units and may have fractions: 0.25 is a quarter of a cent.
struct Price {
  RatingModel model = RatingModel::kPerUnit;
  Decimal unit_price;                               // kPerUnit: per unit; kPackage: per package
  Decimal billing_units = Decimal::FromInteger(1);  // kPackage: units in a package
  std::vector<Tier> tiers;                          // kGraduated, kVolume
};

// Whether `model` is priced by tiers: kGraduated and kVolume.
bool IsTiered(RatingModel model);

// An invalid field: its path from the checked object, such as "tiers[1].up_to", and a message with
// the value and the bound, such as "got 10, want more than 30: tiers ascend".
struct FieldError {
  std::string field;
  std::string message;
};

// The first error in `price`, nullopt if it is valid. A price is valid if
// * unit prices and flat fees are >= 0 and < 10^12;
// * a tiered one has 1 to 100 tiers, each `up_to` above the one before (the first above zero), the
//   last tier and only the last without `up_to`, and no unit price of its own;
// * any other has no tiers;
// * billing_units is positive, and 1 unless the model is kPackage.
std::optional<FieldError> Validate(const Price& price);

// The price in English. Every amount is shown in the currency and in its minor units, so that a
// price entered in dollars instead of cents is easy to see. `unit`: the name of one unit, such as
// "seat"; "" for "unit". REQUIRES: !Validate(price).
std::string InWords(const Price& price, Currency currency, std::string_view unit);

// A number with its digits in groups: "1,234,567.0001".
std::string Grouped(Decimal number);
// The name of `count` units: "call" for 1, "calls" otherwise. Only a last word in lower-case
// letters changes: "GB" and "calls" stay as they are.
std::string UnitsInWords(Decimal count, std::string_view unit);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_PRICE_H_
