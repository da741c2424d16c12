// Dropped events: reading them fails with EVENTS_EXPIRED, and everything else continues to work.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using ::testing::Contains;
using ::testing::Pair;
using ::testing::SizeIs;

// The clock is far in the future, because the journal's records have real times and must be old
// enough.
class ExpiredEventsTest : public ::testing::Test {
 protected:
  ExpiredEventsTest() {
    ledger_.SetNow("2090-10-01T00:00:00Z");
    ledger_.AddCustomer("ada", "pro");
    october_ = UseAndBill("old", "2090-10-15T00:00:00Z");
    november_ = UseAndBill("new", "2090-11-15T00:00:00Z");
    ledger_.SetNow("2090-11-20T00:00:00Z");
    ledger_.DropEvents(absl::Hours(24 * 10));
  }

  storage::InvoiceRecord UseAndBill(const std::string& id, const std::string& time) {
    ledger_.SetNow(time);
    EXPECT_TRUE(ledger_.TrackOne(EventOf("ada", "calls", "7", id, time)).recorded);
    return ledger_.Bill("ada");
  }
  absl::StatusOr<InvoiceEventPage> Explain(const storage::InvoiceRecord& invoice) {
    return ledger_.ListInvoiceEvents({.invoice = invoice.id(), .limit = kWholePage});
  }

  TestLedger ledger_{CatalogOf({PlanOf("pro", {UsageBased("calls", "1")})})};
  storage::InvoiceRecord october_;
  storage::InvoiceRecord november_;
};

TEST_F(ExpiredEventsTest, ALineOverThemSaysSoAndOthersAreExplained) {
  const auto expired = Explain(october_);
  ASSERT_THAT(expired, RefusedAs(Reason::kEventsExpired));
  EXPECT_THAT(RefusalOf(expired.status()).metadata, Contains(Pair("line", "1")));
  EXPECT_THAT(Must(Explain(november_)).rows, SizeIs(1));
}

TEST_F(ExpiredEventsTest, AListEndsBeforeThemAndGoesOnToSaySo) {
  EventsQuery query{.customer = "ada", .limit = kWholePage};
  const CustomerEventPage page = Must(ledger_.ListEvents(query));
  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_EQ(page.rows[0].event.id_text, "new");
  ASSERT_TRUE(page.next.has_value());
  query.from = page.next;
  const auto expired = ledger_.ListEvents(query);
  ASSERT_THAT(expired, RefusedAs(Reason::kEventsExpired));
  EXPECT_THAT(RefusalOf(expired.status()).metadata, Contains(Pair("period", "2090-10")));
  // A query without the dropped events succeeds.
  const EventsQuery since{.customer = "ada", .start = At("2090-11-01T00:00:00Z"), .limit = 10};
  EXPECT_FALSE(Must(ledger_.ListEvents(since)).next.has_value());
}

TEST_F(ExpiredEventsTest, AnInvoiceOverThemIsVoidedAndMadeAgainForAsMuch) {
  Must(ledger_.Void(october_));
  const storage::InvoiceRecord again = ledger_.Bill("ada");
  EXPECT_EQ(again.total(), october_.total());
  EXPECT_THAT(Explain(again), RefusedAs(Reason::kEventsExpired));
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

TEST_F(ExpiredEventsTest, ARepeatIsADuplicateAndALateEventIsBilledAlone) {
  EXPECT_TRUE(
      ledger_.TrackOne(EventOf("ada", "calls", "7", "old", "2090-10-16T00:00:00Z")).duplicate);
  const storage::InvoiceRecord late = UseAndBill("late", "2090-10-31T00:00:00Z");
  ASSERT_EQ(late.lines_size(), 1);
  EXPECT_EQ(late.lines(0).period_label(), "2090-10");
  EXPECT_EQ(late.total(), october_.total());
  const InvoiceEventPage page = Must(Explain(late));
  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_EQ(page.rows[0].event.id_text, "late");
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

}  // namespace
}  // namespace owo::ledger
