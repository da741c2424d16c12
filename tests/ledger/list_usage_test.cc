// The usage history: used, included, remaining, invoiced and unbilled, by period.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class ListUsageTest : public ::testing::Test {
 protected:
  ListUsageTest() { ledger_.AddCustomer("ada", "pro"); }

  // Returns "calls 2026-11/0" for each row of all pages.
  std::vector<std::string> Rows(size_t limit, const std::string& feature = "") {
    std::vector<std::string> rows;
    UsageQuery query{.customer = "ada", .feature = feature, .limit = limit};
    do {
      const UsagePage page = Must(ledger_.ListUsage(query));
      EXPECT_LE(page.rows.size(), limit);
      for (const UsageRow& row : page.rows) {
        rows.push_back(row.rated.context.feature->slug + " " + row.period.label + "/" +
                       std::to_string(row.counter.key.segment));
      }
      query.before = page.next;
    } while (query.before.has_value());
    return rows;
  }

  TestLedger ledger_{
      CatalogOf({PlanOf("pro", {PerUnit("calls", "100", "10"), Blocking("seats", kUnlimited)}),
                 PlanOf("max", {PerUnit("calls", "150", "5"), Blocking("seats", "3")})})};
};

TEST_F(ListUsageTest, ShowsTheNumbersOfACounter) {
  ledger_.Use("ada", "calls", "120");
  ledger_.Bill("ada");
  ledger_.Use("ada", "calls", "10");
  const UsagePage page = ledger_.History("ada", "calls");
  ASSERT_EQ(page.rows.size(), 1);
  const UsageRow& row = page.rows[0];
  EXPECT_EQ(ToDecimal(row.counter.total), D("130"));
  EXPECT_EQ(row.rated.allowance, D("100"));
  EXPECT_EQ(row.rated.free, D("100"));
  EXPECT_EQ(row.rated.billable, D("30"));
  EXPECT_EQ(row.rated.cost, 300);
  EXPECT_EQ(ToDecimal(row.counter.covered.billable), D("20"));
  EXPECT_EQ(row.counter.covered.amount, 200);
  EXPECT_EQ(row.subscription_id, Must(ledger_.Subscriptions("ada"))[0].id);
  EXPECT_EQ(row.period.start, At("2026-11-01T00:00:00Z"));
  EXPECT_EQ(row.period.end, At("2026-12-01T00:00:00Z"));
}

TEST_F(ListUsageTest, ShowsWhatEarlierSegmentsLeftOfTheAllowance) {
  ledger_.Use("ada", "calls", "120");
  ledger_.Use("ada", "seats", "7");
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("ada", "max");
  ledger_.Use("ada", "calls", "60");
  ledger_.Use("ada", "seats", "1");
  const UsagePage calls = ledger_.History("ada", "calls");
  EXPECT_EQ(calls.rows.at(0).rated.allowance, D("50"));
  EXPECT_EQ(calls.rows.at(0).rated.billable, D("10"));
  const UsagePage seats = ledger_.History("ada", "seats");
  EXPECT_EQ(seats.rows.at(0).rated.allowance, D("3"));
  EXPECT_EQ(seats.rows.at(1).rated.allowance, std::nullopt);
  EXPECT_EQ(seats.rows.at(1).rated.billable, D("0"));
}

TEST_F(ListUsageTest, ComesInPagesOfAnySize) {
  for (const char* const now :
       {"2026-11-20T00:00:00Z", "2026-12-20T00:00:00Z", "2027-01-20T00:00:00Z"}) {
    ledger_.SetNow(now);
    ledger_.Use("ada", "calls", "1");
    ledger_.Use("ada", "seats", "1");
  }
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("ada", "max");
  ledger_.Use("ada", "calls", "1");
  const std::vector<std::string> all = Rows(kWholePage);
  EXPECT_THAT(all, ::testing::ElementsAre("seats 2027-01/0", "seats 2026-12/0", "seats 2026-11/0",
                                          "calls 2027-01/1", "calls 2027-01/0", "calls 2026-12/0",
                                          "calls 2026-11/0"));
  const std::vector<std::string> calls = Rows(kWholePage, "calls");
  EXPECT_EQ(calls, std::vector<std::string>(all.begin() + 3, all.end()));
  for (size_t limit = 1; limit <= 8; ++limit) {
    EXPECT_EQ(Rows(limit), all) << limit;
    EXPECT_EQ(Rows(limit, "calls"), calls) << limit;
  }
}

TEST_F(ListUsageTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(ledger_.ListUsage({.customer = "nobody", .limit = 1}),
              RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(ledger_.ListUsage({.customer = "ada", .feature = "no-such", .limit = 1}),
              RefusedAs(Reason::kFeatureNotFound));
}

}  // namespace
}  // namespace owo::ledger
