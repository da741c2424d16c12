// How much memory the cache of customers takes.

#include "service/ledger/directory.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest() {
    for (int i = 0; i < 50; ++i) labels_[absl::StrCat("key ", i)] = std::string(512, 'v');
  }

  CustomerPtr Find(Directory& directory, const std::string& id) {
    return Must(directory.Find(ledger_.context(), storage::kReadAll, id));
  }

  TestLedger ledger_{CatalogOf(
      {PlanOf("pro", {UsageBased("calls", "10")}), PlanOf("max", {UsageBased("calls", "5")})})};
  Labels labels_;
};

TEST_F(DirectoryTest, MetadataTakesNoMemory) {
  ledger_.AddCustomer("bare", "pro");
  Must(ledger_.Create({.id = "full", .metadata = labels_}));
  Must(ledger_.Subscribe({.customer = "full", .plan = "pro", .metadata = labels_}));
  Directory directory(ledger_.store());
  EXPECT_EQ(Find(directory, "full")->bytes, Find(directory, "bare")->bytes);
  EXPECT_TRUE(Find(directory, "full")->stored.record.metadata().empty());
}

TEST_F(DirectoryTest, ACustomerTakesWhatItsSubscriptionsTake) {
  ledger_.AddCustomer("one", "pro");
  ledger_.AddCustomer("many", "pro");
  constexpr int kMore = 200;
  for (int i = 0; i < kMore; ++i) {
    ledger_.Advance(absl::Seconds(1));
    ledger_.MoveTo("many", i % 2 == 0 ? "max" : "pro");
  }
  Directory directory(ledger_.store());
  const size_t more = Find(directory, "many")->bytes - Find(directory, "one")->bytes;
  EXPECT_GE(more, kMore * (sizeof(storage::SubscriptionRecord) + sizeof(Span)));
}

TEST_F(DirectoryTest, CustomersAreCachedWithinTheirBytes) {
  constexpr int kCustomers = 300;
  const auto id = [](int i) { return absl::StrCat("customer ", i); };
  for (int i = 0; i < kCustomers; ++i) ledger_.AddCustomer(id(i), "pro");
  Directory all(ledger_.store());
  for (int i = 0; i < kCustomers; ++i) Find(all, id(i));
  const size_t one = Find(all, id(0))->bytes;
  EXPECT_GE(all.customers_bytes(), kCustomers * one * 9 / 10);

  const size_t bytes_max = kCustomers / 3 * one;
  Directory some(ledger_.store(), bytes_max);
  for (int i = 0; i < kCustomers; ++i) {
    Find(some, id(i));
    EXPECT_NE(some.FindCached(kTenant, id(i), *some.CachedCatalog(kTenant), ledger_.now()),
              nullptr);
    EXPECT_LE(some.customers_bytes(), bytes_max);
  }
  EXPECT_GE(some.customers_bytes(), bytes_max / 2);
  for (int i = 0; i < kCustomers; ++i) some.Forget(kTenant, id(i));
  EXPECT_EQ(some.customers_bytes(), 0);
}

TEST_F(DirectoryTest, CustomersOfAnOlderCatalogTakeNothing) {
  ledger_.AddCustomer("ada", "pro");
  Directory directory(ledger_.store());
  Find(directory, "ada");
  EXPECT_GT(directory.customers_bytes(), 0);
  Must(ledger_.Sync(CatalogOf({PlanOf("other", {UsageBased("calls", "7")})})));
  Must(directory.GetCatalog(storage::kReadAll, kTenant));
  EXPECT_EQ(directory.customers_bytes(), 0);
}

}  // namespace
}  // namespace owo::ledger
