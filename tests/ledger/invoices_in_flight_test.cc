// How many invoices may wait for their commit.

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

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
  storage::CreateInvoice create;
  for (uint64_t i = 1; i <= 100'000; ++i) {
    storage::ClosedCounterRecord& closed = create.closed_counters.emplace_back();
    *closed.mutable_counter() = storage::ToRecord({.feature = storage::FeatureNo{1}});
    closed.set_total(std::string(16, '\0'));
  }
  InvoicesInFlight in_flight;
  std::vector<std::shared_ptr<void>> held;
  do {
    held.push_back(in_flight.Hold(create));
  } while (held.back() != nullptr && held.size() < 10);
  EXPECT_NE(held.front(), nullptr);
  EXPECT_EQ(held.back(), nullptr);
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
