// Currency: a currency of ISO 4217 and the number of digits its minor unit has.
//
//   absl::StatusOr<Currency> currency = Currency::Parse("JPY");
//   currency->exponent();  // 0: amounts are whole yen
#ifndef OWO_SERVICE_RATING_CURRENCY_H_
#define OWO_SERVICE_RATING_CURRENCY_H_

#include <iosfwd>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace owo::rating {

// A value, as cheap to copy as a pointer. Always a real currency: where there may be none, use an
// optional one.
class Currency {
 public:
  // Takes the three upper-case letters of a currency or fund that is active in ISO 4217 as of
  // January 2026. What has no minor unit there (metals, XDR, XTS, XXX …) cannot be billed in and is
  // INVALID_ARGUMENT, as is any other text.
  static absl::StatusOr<Currency> Parse(std::string_view code);

  // The code, as "USD"; lives for ever.
  std::string_view code() const { return entry_->code; }

  // How many decimal digits the minor unit has: 0 for JPY, 2 for USD, 3 for KWD, 4 for CLF.
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

  // Into kTable, which has one entry per code: equal pointers are equal currencies.
  const Entry* entry_;
};

std::ostream& operator<<(std::ostream& out, Currency currency);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_CURRENCY_H_
