#include "service/rating/price.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/rating/bounds.h"
#include "service/rating/check.h"

namespace owo::rating {
namespace {

using MaybeError = std::optional<FieldError>;

FieldError Got(std::string field, Decimal value, std::string_view want) {
  return {std::move(field), absl::StrCat("got ", value.ToString(), ", want ", std::string(want))};
}

MaybeError ValidateAmount(std::string field, Decimal amount) {
  if (!amount.IsNegative() && amount <= kPriceMax) return std::nullopt;
  return Got(std::move(field), amount, "at least 0 and less than 10^12 minor units");
}

MaybeError ValidateBillingUnits(const Price& price) {
  const Decimal units = price.billing_units;
  if (price.model == RatingModel::kPackage) {
    if (units > Decimal() && units <= kTotalMax) return std::nullopt;
    return Got("billing_units", units, "more than 0 and less than 10^15");
  }
  if (units == Decimal::FromInteger(1)) return std::nullopt;
  return Got("billing_units", units, "1: only a package price has packages");
}

// `lower`: the upper bound of the previous tier, zero for the first tier.
MaybeError ValidateUpTo(std::string field, const Tier& tier, Decimal lower, bool last) {
  if (last) {
    if (!tier.up_to) return std::nullopt;
    return Got(std::move(field), *tier.up_to, "none: the last tier is unbounded");
  }
  if (!tier.up_to) {
    return FieldError{std::move(field), "got none, want a bound: only the last tier is unbounded"};
  }
  if (*tier.up_to <= lower) {
    return Got(std::move(field), *tier.up_to,
               absl::StrCat("more than ", lower.ToString(), ": tiers ascend"));
  }
  if (*tier.up_to <= kTotalMax) return std::nullopt;
  return Got(std::move(field), *tier.up_to, "less than 10^15");
}

MaybeError ValidateTiers(const std::vector<Tier>& tiers) {
  if (tiers.empty() || tiers.size() > kTiersMax) {
    return FieldError{"tiers", absl::StrCat("got ", tiers.size(), " tiers, want 1 to ", kTiersMax)};
  }
  Decimal lower;
  for (size_t i = 0; i < tiers.size(); ++i) {
    const Tier& tier = tiers[i];
    const auto path = [i](const char* field) { return absl::StrCat("tiers[", i, "].", field); };
    const bool last = i + 1 == tiers.size();
    if (MaybeError error = ValidateUpTo(path("up_to"), tier, lower, last)) return error;
    if (MaybeError error = ValidateAmount(path("unit_price"), tier.unit_price)) return error;
    if (MaybeError error = ValidateAmount(path("flat_fee"), tier.flat_fee)) return error;
    lower = tier.up_to.value_or(lower);
  }
  return std::nullopt;
}

// A decimal text with the digits before its point in groups of three.
std::string GroupDigits(const std::string& text) {
  const size_t point = std::min(text.find('.'), text.size());
  std::string grouped;
  for (size_t i = 0; i < point; ++i) {
    const bool between = i > 0 && (point - i) % 3 == 0 && text[i - 1] != '-';
    absl::StrAppend(&grouped, between ? "," : "", text.substr(i, 1));
  }
  return grouped + text.substr(point);
}

// "0.0000025 USD (0.00025 minor units)"
std::string Amount(Decimal amount, Currency currency) {
  const bool one = amount == Decimal::FromInteger(1);
  return absl::StrCat(GroupDigits(amount.ToStringShifted(currency.exponent())), " ",
                      std::string(currency.code()), " (", Grouped(amount),
                      one ? " minor unit)" : " minor units)");
}

// "1 USD (100 minor units) per seat plus 50 USD (5,000 minor units) once"
std::string TierInWords(const Tier& tier, Currency currency, const std::string& unit) {
  std::string words = absl::StrCat(Amount(tier.unit_price, currency), " per ", unit);
  if (!tier.flat_fee.IsZero()) {
    absl::StrAppend(&words, " plus ", Amount(tier.flat_fee, currency), " once");
  }
  return words;
}

// "up to 30", "above 30 up to 100", "above 100"; "any quantity" for a single tier
std::string RangeInWords(const Tier& tier, Decimal lower) {
  if (lower.IsZero() && !tier.up_to) return "any quantity";
  return absl::StrCat(lower.IsZero() ? "" : absl::StrCat("above ", Grouped(lower)),
                      !lower.IsZero() && tier.up_to ? " " : "",
                      tier.up_to ? absl::StrCat("up to ", Grouped(*tier.up_to)) : "");
}

std::string TiersInWords(const Price& price, Currency currency, const std::string& unit) {
  std::string words = price.model == RatingModel::kGraduated
                          ? "graduated, each tier prices the units inside it:"
                          : "volume, the tier reached prices all units:";
  Decimal lower;
  for (const Tier& tier : price.tiers) {
    absl::StrAppend(&words, words.back() == ':' ? " " : "; ", RangeInWords(tier, lower), ", ",
                    TierInWords(tier, currency, unit));
    lower = tier.up_to.value_or(lower);
  }
  return words;
}

}  // namespace

bool IsTiered(RatingModel model) {
  return model == RatingModel::kGraduated || model == RatingModel::kVolume;
}

std::optional<FieldError> Validate(const Price& price) {
  if (MaybeError error = ValidateAmount("unit_price", price.unit_price)) return error;
  if (MaybeError error = ValidateBillingUnits(price)) return error;
  if (IsTiered(price.model)) {
    if (!price.unit_price.IsZero()) {
      return Got("unit_price", price.unit_price, "none: a tiered price is in its tiers");
    }
    return ValidateTiers(price.tiers);
  }
  if (price.tiers.empty()) return std::nullopt;
  return FieldError{"tiers", absl::StrCat("got ", price.tiers.size(),
                                          " tiers, want none: only graduated and volume prices "
                                          "have tiers")};
}

std::string InWords(const Price& price, Currency currency, std::string_view unit_name) {
  const std::string unit = unit_name.empty() ? "unit" : std::string(unit_name);
  const std::string amount = Amount(price.unit_price, currency);
  switch (price.model) {
    case RatingModel::kPerUnit:
      return absl::StrCat(amount, " per ", unit);
    case RatingModel::kPackage:
      return absl::StrCat(amount, " per started ", Grouped(price.billing_units), " ",
                          UnitsInWords(price.billing_units, unit));
    case RatingModel::kGraduated:
    case RatingModel::kVolume:
      return TiersInWords(price, currency, unit);
  }
  CheckFailed("InWords: unknown rating model");
}

std::string Grouped(Decimal number) { return GroupDigits(number.ToString()); }

std::string UnitsInWords(Decimal count, std::string_view unit) {
  std::string one(unit);
  const std::string last = one.substr(one.rfind(' ') + 1);  // all of it if there is no space
  const bool is_word =
      last.size() > 2 && std::all_of(last.begin(), last.end(), absl::ascii_islower);
  if (!is_word || count == Decimal::FromInteger(1)) return one;
  const auto ends = [&one](absl::string_view end) { return absl::EndsWith(one, end); };
  if (ends("ss") || ends("x") || ends("z") || ends("ch") || ends("sh")) return one + "es";
  if (ends("s")) return one;
  const bool vowel_y = ends("ay") || ends("ey") || ends("oy") || ends("uy");
  if (ends("y") && !vowel_y) return one.substr(0, one.size() - 1) + "ies";
  return one + "s";
}

}  // namespace owo::rating
