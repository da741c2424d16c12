// A read of usage examines only counters that may hold unbilled usage, never the history.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class OpenCountersTest : public ::testing::Test {
 protected:
  OpenCountersTest() {
    ledger_.SetNow("2026-01-15T00:00:00Z");
    ledger_.AddCustomer("ada", "pro");
  }
  size_t Open() { return ledger_.OpenCounters("ada"); }

  TestLedger ledger_{
      CatalogOf({PlanOf("pro", {PerUnit("calls", "100", "10"), Blocking("seats", "1000000"),
                                Blocking("unlimited", kUnlimited), UsageBased("bytes", "1")}),
                 PlanOf("max", {PerUnit("calls", "200", "10"), UsageBased("bytes", "1")})}),
      {.allow_negative_quantities = true}};
};

TEST_F(OpenCountersTest, WhatCanNeverBeBilledIsNotOpen) {
  ledger_.Use("ada", "seats", "1000");
  ledger_.Use("ada", "unlimited", "1000");
  ledger_.Use("ada", "calls", "100");
  EXPECT_EQ(Open(), 0);
  ledger_.Use("ada", "calls", "1");
  ledger_.Use("ada", "bytes", "1");
  EXPECT_EQ(Open(), 2);
}

TEST_F(OpenCountersTest, ACorrectionBelowTheAllowanceClosesACounter) {
  ledger_.Use("ada", "calls", "101");
  EXPECT_EQ(Open(), 1);
  ledger_.Use("ada", "calls", "-1");
  EXPECT_EQ(Open(), 0);
}

TEST_F(OpenCountersTest, AnInvoiceClosesWhatItCovers) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Use("ada", "bytes", "1");
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  EXPECT_EQ(Open(), 0);
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(Open(), 1);
  Must(ledger_.Void(invoice));
  EXPECT_EQ(Open(), 2);
}

TEST_F(OpenCountersTest, UsageDuringTheInvoiceKeepsItsCounterOpen) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Use("ada", "bytes", "1");
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "1"); });
  ledger_.Bill("ada");
  EXPECT_EQ(Open(), 1);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(OpenCountersTest, MonthsThatWereInvoicedAreNotLookedAt) {
  for (int month = 0; month < 24; ++month) {
    ledger_.Use("ada", "seats", "1");
    ledger_.Use("ada", "calls", "30");
    if (month % 2 == 0) ledger_.Use("ada", "calls", "100");
    ledger_.Use("ada", "bytes", "5");
    EXPECT_EQ(Open(), month % 2 == 0 ? 2 : 1);
    ledger_.Bill("ada");
    EXPECT_EQ(Open(), 0);
    ledger_.Advance(absl::Hours(24 * 31));
  }
  EXPECT_EQ(ledger_.History("ada").rows.size(), 24 * 3);
}

// Usage within the allowance is never invoiced, so its counters must not accumulate as open ones.
TEST_F(OpenCountersTest, MonthsWithinTheAllowanceAreNotLookedAt) {
  for (int month = 0; month < 12; ++month) {
    ledger_.Use("ada", "calls", "100");
    ledger_.Advance(absl::Hours(24 * 31));
  }
  EXPECT_EQ(Open(), 0);
}

TEST_F(OpenCountersTest, ManyEventsAreOneCounter) {
  std::vector<UsageEvent> events(1000, EventOf("ada", "bytes", "1"));
  for (int i = 0; i < 10; ++i) Must(ledger_.Track(events));
  EXPECT_EQ(Open(), 1);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10'000);
}

TEST_F(OpenCountersTest, SegmentsAreClosedByTheInvoiceThatCoversThem) {
  ledger_.Use("ada", "calls", "150");
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("ada", "max");
  ledger_.Use("ada", "calls", "80");
  EXPECT_EQ(Open(), 2);
  EXPECT_EQ(ledger_.Unbilled("ada"), 500);
  ledger_.Bill("ada");
  EXPECT_EQ(Open(), 0);
}

TEST_F(OpenCountersTest, LateUsageOpensLaterSegments) {
  ledger_.SetNow("2026-01-16T00:00:00Z");
  ledger_.Use("ada", "calls", "10");
  ledger_.SetNow("2026-01-20T00:00:00Z");
  ledger_.MoveTo("ada", "max");
  ledger_.Use("ada", "calls", "195");
  EXPECT_EQ(ledger_.Bill("ada").total(), 50);
  EXPECT_EQ(Open(), 0);
  ledger_.Use("ada", "calls", "5", "2026-01-17T00:00:00Z");
  EXPECT_EQ(Open(), 2);
  EXPECT_EQ(ledger_.Bill("ada").total(), 50);
  EXPECT_EQ(Open(), 0);
}

}  // namespace
}  // namespace owo::ledger
