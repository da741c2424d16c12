// A call that is past its deadline commits nothing; one that was committed is answered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string_view>

#include "absl/time/clock.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

constexpr storage::Micros kPast = 1;

MATCHER(IsPastDeadline, "is past its deadline") {
  *result_listener << StatusIn(arg);
  return absl::IsDeadlineExceeded(StatusIn(arg));
}

CatalogSpec DeadlineCatalog(std::string_view price) {
  CatalogSpec spec = CatalogOf({PlanOf("pro", {UsageBased("calls", price)})});
  spec.at_once = true;
  return spec;
}

class DeadlineTest : public ::testing::Test {
 protected:
  DeadlineTest() {
    ledger_.AddCustomer("ada", "pro");
    ledger_.Use("ada", "calls", "5");
    ledger_.Advance(absl::Hours(1));
  }

  // Gives later calls so long that they are on their way before it is over, and returns what waits
  // for that.
  std::function<void()> StartDeadline() {
    const storage::Micros deadline = SystemTime() + 1'000'000;
    ledger_.SetDeadline(deadline);
    return [deadline] {
      while (SystemTime() < deadline) absl::SleepFor(absl::Milliseconds(1));
    };
  }

  // What is unbilled, asked by a call without a deadline.
  storage::MinorUnits Unbilled() {
    ledger_.SetDeadline(storage::kForever);
    return ledger_.Unbilled("ada");
  }

  TestLedger ledger_{DeadlineCatalog("10")};
};

TEST_F(DeadlineTest, AnEventThatComesTooLateIsNotCounted) {
  const size_t tracks = ledger_.store().tracks();
  ledger_.SetDeadline(kPast);
  EXPECT_THAT(ledger_.Track({EventOf("ada", "calls", "1")}), IsPastDeadline());
  EXPECT_EQ(ledger_.store().tracks(), tracks);
  EXPECT_EQ(Unbilled(), 50);
}

TEST_F(DeadlineTest, AnEventThatTheStoreHasIsAnsweredHoweverLongItTakes) {
  const std::function<void()> wait = StartDeadline();
  ledger_.store().BeforeNextTrack(wait);
  EXPECT_TRUE(Must(ledger_.Track({EventOf("ada", "calls", "1")}))[0].recorded);
  EXPECT_EQ(Unbilled(), 60);
}

TEST_F(DeadlineTest, AnEventThatTurnsStaleIsNotCountedOnceTheDeadlineIsPast) {
  const std::function<void()> wait = StartDeadline();
  ledger_.store().BeforeNextTrack([&] {
    Must(ledger_.Sync(DeadlineCatalog("20")));
    wait();
  });
  EXPECT_THAT(ledger_.Track({EventOf("ada", "calls", "1")}), IsPastDeadline());
  EXPECT_EQ(Unbilled(), 50);
}

// The caller learns which events count, and which to send again.
TEST_F(DeadlineTest, WhatABatchCountedBeforeTheDeadlineIsAnswered) {
  ledger_.AddCustomer("bob", "pro");
  const std::function<void()> wait = StartDeadline();
  ledger_.store().BeforeNextTrack([&] {
    Must(ledger_.Update("bob", {.time_zone = "Africa/Lagos"}));  // bob's event has to wait
    wait();
  });
  const auto results =
      Must(ledger_.Track({EventOf("ada", "calls", "1"), EventOf("bob", "calls", "1"),
                          EventOf("nobody", "calls", "1")}));
  EXPECT_TRUE(results[0].recorded);
  EXPECT_THAT(results[1].error, RefusedAs(Reason::kContention));
  EXPECT_THAT(results[2].error, RefusedAs(Reason::kCustomerNotFound));
  EXPECT_EQ(Unbilled(), 60);
  EXPECT_EQ(ledger_.Unbilled("bob"), 0);
}

TEST_F(DeadlineTest, ChangesThatComeTooLateAreNotMade) {
  ledger_.SetDeadline(kPast);
  EXPECT_THAT(ledger_.Invoice({.customer = "ada"}), IsPastDeadline());
  EXPECT_THAT(ledger_.Create({.id = "bob"}), IsPastDeadline());
  EXPECT_THAT(ledger_.Update("ada", {.name = "Ada"}), IsPastDeadline());
  EXPECT_THAT(ledger_.Cancel({.customer = "ada"}), IsPastDeadline());
  EXPECT_THAT(ledger_.Sync(DeadlineCatalog("20")), IsPastDeadline());
  EXPECT_EQ(Unbilled(), 50);
  EXPECT_THAT(Must(ledger_.ListInvoices({.limit = kWholePage})).invoices, ::testing::IsEmpty());
  EXPECT_THAT(ledger_.Get("bob"), RefusedAs(Reason::kCustomerNotFound));
  EXPECT_EQ(Must(ledger_.Get("ada")).record.name(), "");
}

TEST_F(DeadlineTest, AnInvoiceThatIsCommittedIsAnsweredHoweverLongItTakes) {
  const std::function<void()> wait = StartDeadline();
  ledger_.store().BeforeNextCommit(wait);
  EXPECT_EQ(Must(ledger_.Invoice({.customer = "ada"})).value.record.total(), 50);
}

// The second attempt would make an invoice that its caller does not wait for.
TEST_F(DeadlineTest, AnInvoiceThatMetAnotherChangeIsNotMadeOnceTheDeadlineIsPast) {
  const std::function<void()> wait = StartDeadline();
  ledger_.store().BeforeNextCommit([&] {
    Must(ledger_.Invoice({.customer = "ada"}));
    ledger_.Use("ada", "calls", "1");
    wait();
  });
  EXPECT_THAT(ledger_.Invoice({.customer = "ada"}), IsPastDeadline());
  EXPECT_EQ(Unbilled(), 10);
}

TEST_F(DeadlineTest, ATenantsClockDoesNotMoveDeadlines) {
  ledger_.SetNow("2999-01-01T00:00:00Z");
  ledger_.SetDeadline(SystemTime() + 3600 * 1'000'000LL);
  EXPECT_TRUE(Must(ledger_.Track({EventOf("ada", "calls", "1")}))[0].recorded);
}

}  // namespace
}  // namespace owo::ledger
