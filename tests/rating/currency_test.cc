#include "service/rating/currency.h"

#include <string>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace owo::rating {
namespace {

int ExponentOf(std::string_view code) {
  const absl::StatusOr<Currency> currency = Currency::Parse(code);
  if (!currency.ok()) return -1;
  EXPECT_EQ(currency->code(), code);
  return currency->exponent();
}

TEST(CurrencyTest, ExponentsAreThoseOfIso4217) {
  for (const char* code : {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF",
                           "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}) {
    EXPECT_EQ(ExponentOf(code), 0) << code;
  }
  for (const char* code : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) {
    EXPECT_EQ(ExponentOf(code), 3) << code;
  }
  for (const char* code : {"CLF", "UYW"}) EXPECT_EQ(ExponentOf(code), 4) << code;
  for (const char* code : {"AED", "AUD", "BRL", "CHF", "CNY", "EUR", "GBP", "GHS", "HUF", "IDR",
                           "INR", "KES", "MGA", "MRU", "NGN", "TWD", "USD", "XCG", "ZAR", "ZWG"}) {
    EXPECT_EQ(ExponentOf(code), 2) << code;
  }
}

// ISO 4217 has 165 codes with a minor unit: 17 with exponent 0, 7 with 3, 2 with 4, the others with
// 2.
TEST(CurrencyTest, TableIsComplete) {
  int count[5] = {};
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const int exponent = ExponentOf(std::string{a, b, c});
        if (exponent >= 0) ++count[exponent];
      }
    }
  }
  EXPECT_EQ(count[0], 17);
  EXPECT_EQ(count[1], 0);
  EXPECT_EQ(count[2], 139);
  EXPECT_EQ(count[3], 7);
  EXPECT_EQ(count[4], 2);
}

TEST(CurrencyTest, RefusesWhatCannotBeBilledIn) {
  for (const std::string code : {"", "US", "USDX", "usd", "Usd", " USD", "USD ", "$", "XXX", "XTS",
                                 "XAU", "XDR", "DEM", "HRK", "BGN", "AAA", "ZZZ", "\xff\xff\xff"}) {
    EXPECT_EQ(Currency::Parse(code).status().code(), absl::StatusCode::kInvalidArgument) << code;
  }
  EXPECT_LT(Currency::Parse(std::string(100'000, 'U')).status().message().size(), 200u);
}

TEST(CurrencyTest, EqualCodesAreEqualCurrencies) {
  EXPECT_EQ(*Currency::Parse("USD"), *Currency::Parse("USD"));
  EXPECT_FALSE(*Currency::Parse("USD") == *Currency::Parse("EUR"));
  EXPECT_EQ(absl::HashOf(*Currency::Parse("USD")), absl::HashOf(*Currency::Parse("USD")));
}

}  // namespace
}  // namespace owo::rating
