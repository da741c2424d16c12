// Currency: an ISO 4217 currency and the number of decimal digits of its minor unit.
//
//   absl::StatusOr<Currency> currency = Currency::Parse("JPY");
//   currency->exponent();  // 0: amounts are whole yen
//
// Amounts of money are int64 minor units: 1999 is 19.99 USD, and 1,999 JPY.
#ifndef OWO_SERVICE_RATING_CURRENCY_H_
#define OWO_SERVICE_RATING_CURRENCY_H_

#include <iosfwd>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace owo::rating {

// A value type, as cheap to copy as a pointer. Immutable, so any number of threads may read it.
// Always a valid currency: use std::optional<Currency> where there may be none.
class Currency {
 public:
  // `code`: the three upper-case letters of a currency or fund that is active in ISO 4217 as of
  // January 2026. INVALID_ARGUMENT for any other text, and for codes without a minor unit (metals,
  // XDR, XTS, XXX …), which cannot be billed in.
  static absl::StatusOr<Currency> Parse(std::string_view code);

  // The code, such as "USD". Points to static storage.
  std::string_view code() const { return entry_->code; }

  // The number of decimal digits of the minor unit: 0 for JPY, 2 for USD, 3 for KWD, 4 for CLF.
  int exponent() const { return entry_->exponent; }

  friend bool operator==(Currency, Currency) = default;

  template <typename H>
  friend H AbslHashValue(H h, Currency currency) {
    return H::combine(std::move(h), currency.entry_);
  }

 private:
  struct Entry {
    std::string_view code;
    int exponent;
  };
  static const Entry kTable[];

  explicit Currency(const Entry* entry) : entry_(entry) {}

  // Points into kTable, which has one entry per code: equal pointers mean equal currencies.
  const Entry* entry_;
};

// Writes the code.
std::ostream& operator<<(std::ostream& out, Currency currency);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_CURRENCY_H_
