// Keys are ordered as the fields that they consist of.

#include "storage/rocksdb/format/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "tests/support/hex.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

// Random fields that are often equal, or differ in one field only, which then decides the order.
class Fields {
 public:
  uint32_t Word() {
    return random_.OneIn(3) ? static_cast<uint32_t>(random_.OfAnySize()) : Small();
  }
  uint64_t Long() { return random_.OneIn(3) ? random_.OfAnySize() : Small(); }
  int64_t Signed() { return random_.OneIn(2) ? static_cast<int64_t>(random_.Word()) : Near(); }
  TenantId Tenant() { return TenantId{Word()}; }
  CustomerNo Customer() { return CustomerNo{Long()}; }
  std::string Id() { return random_.Bytes(16); }
  CounterKey Counter() {
    return {.customer = Customer(),
            .feature = FeatureNo{Word()},
            .period = {static_cast<IntervalCode>(random_.Between(1, 7)), Signed()},
            .segment = Word()};
  }

 private:
  uint32_t Small() { return static_cast<uint32_t>(random_.Between(1, 2)); }
  int64_t Near() { return random_.Between(-2, 2); }

  Random random_;
};

// Expects the bytes to be ordered as the tuples.
template <typename Tuple>
void ExpectSameOrder(const std::string& a, const Tuple& fields_a, const std::string& b,
                     const Tuple& fields_b) {
  ASSERT_EQ(a < b, fields_a < fields_b) << Hex(a) << " " << Hex(b);
  ASSERT_EQ(a == b, fields_a == fields_b) << Hex(a) << " " << Hex(b);
}

constexpr int kPairs = 20'000;

TEST(KeysTest, CountersAreInOrderOfTheirFields) {
  Fields fields;
  for (int i = 0; i < kPairs; ++i) {
    const auto a = std::tuple(fields.Tenant(), fields.Counter());
    const auto b = std::tuple(fields.Tenant(), fields.Counter());
    ExpectSameOrder(std::apply(keys::Counter, a), a, std::apply(keys::Counter, b), b);
  }
}

TEST(KeysTest, CountersComeBackFromTheirKeys) {
  Fields fields;
  for (int i = 0; i < kPairs; ++i) {
    const CounterKey key = fields.Counter();
    ASSERT_EQ(keys::ParseCounter(keys::Counter(fields.Tenant(), key)), key);
  }
}

TEST(KeysTest, OtherKeysAreNoCounters) {
  Fields fields;
  const std::string key = keys::Counter(fields.Tenant(), fields.Counter());
  EXPECT_EQ(keys::ParseCounter(key + "x"), std::nullopt);
  EXPECT_EQ(keys::ParseCounter(key.substr(1)), std::nullopt);
  EXPECT_EQ(keys::ParseCounter(keys::Account(TenantId{1}, CustomerNo{1})), std::nullopt);
  EXPECT_EQ(keys::ParseCounter(""), std::nullopt);
}

TEST(KeysTest, NumberedRowsAreInOrderOfTheirFields) {
  Fields fields;
  for (int i = 0; i < kPairs; ++i) {
    const uint64_t sequence_a = fields.Long();
    const uint64_t sequence_b = fields.Long();
    ExpectSameOrder(keys::Journal(sequence_a), sequence_a, keys::Journal(sequence_b), sequence_b);

    const auto version_a = std::tuple(fields.Tenant(), PlanNo{fields.Word()}, fields.Word());
    const auto version_b = std::tuple(fields.Tenant(), PlanNo{fields.Word()}, fields.Word());
    ExpectSameOrder(std::apply(keys::PlanVersion, version_a), version_a,
                    std::apply(keys::PlanVersion, version_b), version_b);

    const auto invoice_a = std::tuple(fields.Tenant(), fields.Customer(), fields.Id());
    const auto invoice_b = std::tuple(fields.Tenant(), fields.Customer(), fields.Id());
    // A customer's newest invoice comes first, as if the ids were swapped.
    auto with_b = invoice_a;
    auto with_a = invoice_b;
    std::swap(std::get<2>(with_a), std::get<2>(with_b));
    ExpectSameOrder(std::apply(keys::Invoice, invoice_a), with_b,
                    std::apply(keys::Invoice, invoice_b), with_a);
  }
}

TEST(KeysTest, InvoicesComeBackFromTheirKeys) {
  Fields fields;
  for (int i = 0; i < kPairs; ++i) {
    const std::string id = fields.Id();
    const TenantId tenant = fields.Tenant();
    ASSERT_EQ(keys::TrailingInvoice(keys::InvoiceId(tenant, id)), id);
    ASSERT_EQ(keys::TrailingInvoice(keys::Invoice(tenant, fields.Customer(), id)), id);
  }
  EXPECT_EQ(keys::TrailingInvoice("short"), "");
}

TEST(KeysTest, ChunksAndCoveredRangesAreInOrderOfTheirFields) {
  Fields fields;
  for (int i = 0; i < kPairs; ++i) {
    const auto a = std::tuple(fields.Tenant(), fields.Counter(), fields.Long());
    const auto b = std::tuple(fields.Tenant(), fields.Counter(), fields.Long());
    ExpectSameOrder(std::apply(keys::EventChunk, a), a, std::apply(keys::EventChunk, b), b);
    ExpectSameOrder(std::apply(keys::Covered, a), a, std::apply(keys::Covered, b), b);
    ASSERT_EQ(keys::TrailingNumber(std::apply(keys::EventChunk, a)), std::get<2>(a));
    ASSERT_EQ(keys::TrailingNumber(std::apply(keys::Covered, a)), std::get<2>(a));
  }
}

TEST(KeysTest, WhatCoversARangeComesBack) {
  const std::string value = keys::CoveredValue({.first = 258, .invoice = "an id"});
  const auto cover = keys::ParseCovered(value);
  ASSERT_TRUE(cover.has_value());
  EXPECT_EQ(cover->first, 258);
  EXPECT_EQ(cover->invoice, "an id");
  EXPECT_FALSE(keys::ParseCovered("").has_value());
  EXPECT_FALSE(keys::ParseCovered(std::string(8, '\0')).has_value());
}

TEST(KeysTest, APrefixHoldsExactlyTheKeysOfItsFields) {
  Fields fields;
  for (int i = 0; i < kPairs; ++i) {
    const TenantId tenant = fields.Tenant();
    const CounterKey wanted = fields.Counter();
    const CounterKey key = fields.Counter();
    const std::string prefix = keys::CountersOf(tenant, wanted.customer, wanted.feature);
    const std::string bytes = keys::Counter(tenant, key);
    const bool inside = prefix <= bytes && bytes < keys::EndOf(prefix);
    const bool any_feature = wanted.feature == FeatureNo{};
    ASSERT_EQ(inside,
              key.customer == wanted.customer && (any_feature || key.feature == wanted.feature));
  }
}

TEST(KeysTest, TheEndOfAPrefixIsTheNextPrefix) {
  EXPECT_EQ(keys::EndOf("ab"), "ac");
  EXPECT_EQ(keys::EndOf("a\xff"), "b");
  EXPECT_EQ(keys::EndOf("a\x7f"), "a\x80");
  EXPECT_EQ(keys::EndOf("\xff\xff"), "");
}

TEST(KeysTest, EmailsDifferInMoreThanCase) {
  const auto email = [](std::string_view text) { return keys::EmailPrefix(TenantId{1}, text); };
  EXPECT_EQ(email("Ops@Acme.example"), email("oPS@aCME.EXAMPLE"));
  EXPECT_NE(email("ops@acme.example"), email("ops@acme.exampl"));
  EXPECT_FALSE(email("ops@acme.example").starts_with(email("ops@acme.exampl")));
}

TEST(KeysTest, MethodAndIdOfARequestDoNotRunIntoEachOther) {
  EXPECT_NE(keys::Request(TenantId{1}, "Pay", "Invoice-1"),
            keys::Request(TenantId{1}, "PayInvoice", "-1"));
}

TEST(KeysTest, WhatIsNotACustomersNumberIsRefused) {
  EXPECT_EQ(keys::ParseCustomerValue(keys::CustomerValue(CustomerNo{7})), CustomerNo{7});
  const std::string seven = keys::CustomerValue(CustomerNo{7});
  EXPECT_EQ(keys::ParseCustomerValue(""), std::nullopt);
  EXPECT_EQ(keys::ParseCustomerValue(seven.substr(1)), std::nullopt);
  EXPECT_EQ(keys::ParseCustomerValue(seven + "x"), std::nullopt);
  EXPECT_EQ(keys::ParseCustomerValue(keys::CustomerValue(CustomerNo{0})), std::nullopt);
}

}  // namespace
}  // namespace owo::storage
