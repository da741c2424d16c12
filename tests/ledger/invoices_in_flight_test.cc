// How many invoices may wait for their commit.

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "service/ledger/billing.h"
#include "storage/convert.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

TEST(InvoicesInFlightTest, AreBoundedInBytesAndGiveThemBack) {
  InvoicesInFlight in_flight;
  const auto first = in_flight.Hold(InvoicesInFlight::kBytesMax - 1);
  EXPECT_NE(first, nullptr);
  auto second = in_flight.Hold(InvoicesInFlight::kBytesMax);  // one may go beyond
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(in_flight.Hold(1), nullptr);
  second.reset();
  EXPECT_NE(in_flight.Hold(1), nullptr);
}

// An invoice of one line may close all counters that never cost anything.
TEST(InvoicesInFlightTest, ClosedCountersCount) {
  const storage::Counter counter;
  UsageAnswer usage{.currency = Must(rating::Currency::Parse("USD"))};
  usage.statement.closes.assign(1000, &counter);
  storage::ClosedCounterRecord closed;
  *closed.mutable_counter() = storage::ToRecord({.feature = storage::FeatureNo{1}});
  closed.set_total(std::string(16, '\0'));
  EXPECT_GE(SpaceOf(usage, {}), 1000 * closed.SpaceUsedLong());
}

// Whatever becomes of a decision, it does not count afterwards.
TEST(InvoicesInFlightTest, InvoicesAndConflictsDoNotAddUp) {
  TestLedger ledger(CatalogOf(PlanOf("pro", {UsageBased("calls", "3")})));
  ledger.AddCustomer("ada", "pro");
  Labels labels;
  for (int i = 0; i < 50; ++i) labels[std::to_string(i)] = std::string(512, 'v');
  for (int i = 0; i < 700; ++i) {
    ledger.Use("ada", "calls", "1");
    if (i % 2 == 0) ledger.store().BeforeNextCommit([&] { ledger.Bill("ada"); });
    const auto made = ledger.Invoice({.customer = "ada", .notes = NotesOf(labels)});
    if (i % 2 == 0) {
      EXPECT_THAT(made, RefusedAs(Reason::kNoUnbilledUsage)) << i;
    } else {
      ASSERT_TRUE(made.ok()) << made.status();
    }
  }
}

}  // namespace
}  // namespace owo::ledger
