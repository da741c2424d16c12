// Texts of callers, with arbitrary damage. An accepted text can be written and accepted again; a
// refused one gets a short message in ASCII.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "service/rating/currency.h"
#include "service/rating/decimal.h"
#include "service/rating/zone.h"
#include "storage/event_id.h"
#include "tests/fuzz/fuzz.h"

namespace owo {
namespace {

const std::vector<std::string> kSyntax = absl::StrSplit(
    "- + . , 0 e9 E 0x NaN \n \xff é ١ \u2212 999999999999999 000000000000 / _ .. a UTC Z/../ Etc/ "
    "AED ZW G",
    ' ');

constexpr absl::StatusCode kRefusal = absl::StatusCode::kInvalidArgument;

// Returns `parsed`, after checking that an error message can be shown to the caller.
template <typename Value>
absl::StatusOr<Value> Shown(absl::StatusOr<Value> parsed) {
  if (parsed.ok()) return parsed;
  const absl::string_view message = parsed.status().message();
  EXPECT_LE(message.size(), 400);
  EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  })) << Hex({message.data(), message.size()});
  return parsed;
}

// Returns a decimal's text without insignificant zeros.
std::string Shortest(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string digits(text.substr(negative ? 1 : 0));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
  }
  if (digits.empty() || digits.starts_with('.')) digits.insert(0, 1, '0');
  return (negative && digits != "0" ? "-" : "") + digits;
}

TEST(TextFuzzTest, Decimals) {
  const auto any = [](Random& random) {
    const uint64_t high = random.OfAnySize() >> 1;
    const absl::int128 units = absl::MakeInt128(static_cast<int64_t>(high), random.Word()) >>
                               static_cast<int>(random.Between(0, 126));
    const absl::int128 bounded = units % (rating::Decimal::Max().units() + 1);
    return rating::Decimal::FromUnits(random.OneIn(2) ? bounded : -bounded);
  };
  const auto decode = [](std::string_view text) {
    auto number = Shown(rating::Decimal::Parse(text));
    if (number.ok()) {
      EXPECT_LE(*number, rating::Decimal::Max());
      EXPECT_GE(*number, -rating::Decimal::Max());
      EXPECT_EQ(number->ToString(), Shortest(text));
    }
    return number;
  };
  Fuzz(
      5000, any, [](rating::Decimal number) { return number.ToString(); }, decode, kRefusal,
      kSyntax);
}

TEST(TextFuzzTest, Currencies) {
  const auto any = [](Random& random) {
    constexpr const char* kCodes[] = {"AED", "CLF", "JPY", "KWD", "USD", "USN", "ZWG"};
    return *rating::Currency::Parse(kCodes[random.Between(0, 6)]);
  };
  const auto decode = [](std::string_view text) {
    auto currency = Shown(rating::Currency::Parse(text));
    if (currency.ok()) {
      EXPECT_EQ(currency->code(), text) << "a currency has one text";
    }
    return currency;
  };
  Fuzz(
      3000, any, [](rating::Currency currency) { return std::string(currency.code()); }, decode,
      kRefusal, kSyntax);
}

TEST(TextFuzzTest, ZoneNames) {
  const auto any = [](Random& random) {
    constexpr const char* kNames[] = {"UTC",          "Africa/Lagos",   "Etc/GMT+5",
                                      "Europe/Paris", "America/Denver", "America/Indiana/Knox"};
    return *rating::LoadZone(kNames[random.Between(0, 5)]);
  };
  const auto decode = [](std::string_view text) {
    auto zone = Shown(rating::LoadZone(text));
    if (zone.ok()) {
      EXPECT_EQ(text.find_first_of(". \n:"), std::string_view::npos) << text;
    }
    return zone;
  };
  Fuzz(
      500, any, [](absl::TimeZone zone) { return zone.name(); }, decode, kRefusal, kSyntax);
}

// Every text is a valid id. UUIDs are returned unchanged, and different texts are different ids.
TEST(TextFuzzTest, EventIds) {
  const auto any = [](Random& random) {
    std::string text = "xxxxxxxx-xxxx-7xxx-axxx-xxxxxxxxxxxx";
    for (char& c : text) {
      if (c == 'x') c = "0123456789abcdef"[random.Between(0, 15)];
    }
    return text;
  };
  std::string last = "none";
  FuzzBytes(
      3000, any,
      [&last](std::string_view text, bool whole) {
        const storage::EventId id = storage::EventId::Of(text);
        EXPECT_TRUE(id.is_uuid() || !whole);
        if (id.is_uuid()) {
          EXPECT_EQ(id.UuidText(), text);
        }
        EXPECT_EQ(id == storage::EventId::Of(last), text == last);
        const auto again = storage::EventId::FromBytes(id.bytes().data(), id.is_uuid());
        EXPECT_TRUE(again == id && again.is_uuid() == id.is_uuid());
        last = std::string(text);
        return id.is_uuid();
      },
      kSyntax);
}

}  // namespace
}  // namespace owo
