// The terms of a plan in English.

#include "absl/strings/str_cat.h"
#include "service/ledger/catalog.h"

namespace owo::ledger {
namespace {

std::string Each(rating::Interval reset) {
  switch (reset) {
    case rating::Interval::kHour:
      return "each hour";
    case rating::Interval::kDay:
      return "each day";
    case rating::Interval::kWeek:
      return "each week";
    case rating::Interval::kMonth:
      return "each month";
    case rating::Interval::kQuarter:
      return "each quarter";
    case rating::Interval::kYear:
      return "each year";
    case rating::Interval::kNever:
      break;
  }
  return "over the whole subscription";
}

// "1,000 calls", "5,000 billable calls"
std::string Count(rating::Decimal count, const char* kind, const std::string& unit) {
  return absl::StrCat(rating::Grouped(count), " ", kind, rating::UnitsInWords(count, unit));
}

}  // namespace

std::string InWords(const Terms& terms, rating::Currency currency, const std::string& unit) {
  const std::string one = unit.empty() ? "unit" : unit;
  const std::optional<rating::Decimal> allowance = terms.Allowance();
  if (!allowance.has_value()) return "unlimited and free";
  const std::string free = absl::StrCat(Count(*allowance, "", one), " free ", Each(terms.reset));
  if (!terms.charged()) return free + ", then blocked";

  const std::string price = rating::InWords(terms.price, currency, one);
  const bool from_zero = terms.reset != rating::Interval::kNever;
  std::string words =
      allowance->IsZero()
          ? absl::StrCat(price, ", counted ", from_zero ? "from zero " : "", Each(terms.reset))
          : absl::StrCat(free, ", then ", price);
  if (terms.max_overage.has_value()) {
    absl::StrAppend(&words, ", at most ", Count(*terms.max_overage, "billable ", one));
  }
  return words;
}

}  // namespace owo::ledger
