// How findings are worded.

#include "storage/rocksdb/verify/verify_text.h"

#include <gmock/gmock.h>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/verify.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(VerifyTextTest, QuantitiesAreDecimal) {
  EXPECT_EQ(QuantityText(Units(1500)), "1500");
  EXPECT_EQ(QuantityText({}), "0");
  EXPECT_EQ(QuantityText({absl::int128(-2'500'000'000'000)}), "-2.5");
  EXPECT_EQ(QuantityText({absl::int128(1)}), "0.000000000001");
  EXPECT_EQ(QuantityText(TotalMax()), "999999999999999.999999999999");
}

TEST(VerifyTextTest, KeysSayWhatTheyName) {
  const CounterKey counter{CustomerNo{7}, FeatureNo{2}, kNovember, 1};
  const std::string text = "tenant 1, customer 7, feature 2, month 20758, segment 1";
  EXPECT_EQ(KeyText(ColumnFamily::kUsage, keys::Counter(TenantId{1}, counter)), text);
  EXPECT_EQ(KeyText(ColumnFamily::kUsageEvents, keys::EventChunk(TenantId{1}, counter, 5)), text);
  EXPECT_EQ(KeyText(ColumnFamily::kInvoices, keys::Covered(TenantId{1}, counter, 5)),
            text + ", events before 5");
  EXPECT_EQ(KeyText(ColumnFamily::kUsage, keys::Account(TenantId{1}, CustomerNo{7})),
            "tenant 1, customer 7");
  constexpr char kUuid[] = "018f2e4c-7d3a-7cc1-9a52-0242ac120002";
  EXPECT_EQ(IdText(keys::Id(TenantId{1}, EventId::Of(kUuid))), std::string("tenant 1, ") + kUuid);
}

TEST(VerifyTextTest, ACounterDiffersInNumbers) {
  Counter counter{.key = {CustomerNo{7}, FeatureNo{2}, kNovember, 0}, .total = Units(5)};
  const std::string key = keys::Counter(TenantId{1}, counter.key);
  const std::string stored = ToRecord(counter).SerializeAsString();
  counter.total = Units(6);
  const std::string replayed = ToRecord(counter).SerializeAsString();
  const std::string text = RowDifference(ColumnFamily::kUsage, key, stored, replayed);
  EXPECT_THAT(text, HasSubstr("stored total 5 of 0 events"));
  EXPECT_THAT(text, HasSubstr("the journal gives total 6 of 0 events"));
  EXPECT_EQ(RowDifference(ColumnFamily::kUsage, key, stored, stored), "");
}

TEST(VerifyReportTest, ManyDifferencesAreCountedAndSomeDescribed) {
  VerifyReport report;
  report.Compared("counters", 100);
  EXPECT_EQ(report.differences(), 0);
  EXPECT_THAT(report.ToString(), EndsWith("sound: what is stored is what the journal gives\n"));
  for (int i = 0; i < 25; ++i) report.Differs("counters", "it is another");
  report.DifferMore("event ids", 2);
  EXPECT_EQ(report.differences(), 27);
  EXPECT_EQ(report.kinds().front().described.size(), VerifyReport::kDescribedMax);
  EXPECT_THAT(report.ToString(), HasSubstr("100  25 differences\n    it is another\n"));
  EXPECT_THAT(report.ToString(), HasSubstr("    and 5 more\n"));
  EXPECT_THAT(report.ToString(), EndsWith("not sound: 27 differences\n"));
}

}  // namespace
}  // namespace owo::storage
