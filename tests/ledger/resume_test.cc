// Removing the end of a subscription, by Subscribe to the same plan and by ResumeSubscription.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

constexpr char kEnd[] = "2026-11-20T00:00:00Z";
constexpr char kLater[] = "2026-11-25T00:00:00Z";

class ResumeTest : public ::testing::Test {
 protected:
  ResumeTest() {
    ledger_.AddCustomer("ada", "pro");
    first_ = All().at(0).id;
    ledger_.Advance(absl::Hours(1));
  }

  absl::StatusOr<Answered<ChangedSubscription>> Subscribe(std::string_view plan,
                                                          std::string_view start = "") {
    SubscribeParams subscribe{.customer = "ada", .plan = std::string(plan)};
    if (!start.empty()) subscribe.start = At(start);
    return ledger_.Subscribe(subscribe);
  }
  absl::StatusOr<Answered<ChangedSubscription>> Resume() {
    return ledger_.Resume({.customer = "ada"});
  }
  void CancelAt(std::string_view end) { Must(ledger_.Cancel({.customer = "ada", .end = At(end)})); }
  TrackCode Use(std::string_view time = "") { return ledger_.Use("ada", "calls", "1", time).code; }
  std::vector<SubscriptionView> All() { return Must(ledger_.Subscriptions("ada")); }
  void ExpectGoesOn(const ChangedSubscription& answer) {
    EXPECT_EQ(answer.id, first_);
    EXPECT_EQ(answer.record.end_us(), storage::kForever);
    EXPECT_EQ(answer.status, SubscriptionStatus::kActive);
    EXPECT_EQ(All().size(), 1);
    for (const char* const time : {kEnd, kLater, "2027-02-01T00:00:00Z"}) {
      ledger_.SetNow(time);
      EXPECT_EQ(Use(), TrackCode::kTrackedOverage) << time;
    }
    EXPECT_EQ(ledger_.Unbilled("ada"), 30);
    EXPECT_EQ(ledger_.Verify().differences(), 0);
  }

  TestLedger ledger_{CatalogOf(
      {PlanOf("pro", {UsageBased("calls", "10")}), PlanOf("max", {UsageBased("calls", "5")})})};
  std::string first_;
};

TEST_F(ResumeTest, SubscribingToThePlanThatIsToEndTakesTheEndBack) {
  CancelAt(kEnd);
  const ChangedSubscription answer = Must(Subscribe("pro")).value;
  EXPECT_TRUE(answer.resumed);
  ExpectGoesOn(answer);
}

TEST_F(ResumeTest, SubscribingFromATimeBeforeTheEndTakesTheEndBack) {
  CancelAt(kEnd);
  const ChangedSubscription answer = Must(Subscribe("pro", "2026-11-19T23:59:59.999999Z")).value;
  EXPECT_TRUE(answer.resumed);
  ExpectGoesOn(answer);
}

TEST_F(ResumeTest, SubscribingFromTheEndOnIsANewSubscription) {
  CancelAt(kEnd);
  const ChangedSubscription answer = Must(Subscribe("pro", kEnd)).value;
  EXPECT_FALSE(answer.resumed);
  EXPECT_NE(answer.id, first_);
  EXPECT_EQ(All().at(1).record.end_us(), At(kEnd));
  ledger_.SetNow(kEnd);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
}

TEST_F(ResumeTest, SubscribingFromATimeAfterTheEndLeavesAGap) {
  CancelAt(kEnd);
  EXPECT_FALSE(Must(Subscribe("pro", kLater)).value.resumed);
  ledger_.SetNow(kLater);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("2026-11-22T00:00:00Z"), TrackCode::kNoActiveSubscription);
}

TEST_F(ResumeTest, WithoutAnEndNothingChanges) {
  const uint64_t generation = Must(ledger_.Get("ada")).contract.generation();
  EXPECT_FALSE(Must(Subscribe("pro")).value.resumed);
  EXPECT_FALSE(Must(Resume()).value.resumed);
  EXPECT_EQ(Must(ledger_.Get("ada")).contract.generation(), generation);
}

TEST_F(ResumeTest, SubscribingToAnotherPlanEndsTheOneThatIsToEndEarlier) {
  CancelAt(kEnd);
  const ChangedSubscription answer = Must(Subscribe("max")).value;
  EXPECT_FALSE(answer.resumed);
  EXPECT_EQ(All().at(1).record.end_us(), ledger_.now());
  ledger_.SetNow(kLater);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger_.Unbilled("ada"), 5);
}

// Another plan starts at the end. The caller must decide which of the two to keep.
TEST_F(ResumeTest, WithAnotherOneScheduledItIsAConflict) {
  const std::string scheduled = Must(Subscribe("max", kLater)).value.id;
  for (const auto& refused : {Subscribe("pro"), Resume()}) {
    EXPECT_THAT(refused, RefusedAs(Reason::kSubscriptionConflict));
    EXPECT_EQ(ValueIn(refused.status(), "subscription"), scheduled);
  }
  CancelAt(kLater);  // cancels the scheduled one
  EXPECT_TRUE(Must(Subscribe("pro")).value.resumed);
  ledger_.SetNow(kLater);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(ResumeTest, WithAnotherOneAfterAGapItIsAConflict) {
  CancelAt(kEnd);
  Must(Subscribe("pro", kLater));
  EXPECT_THAT(Subscribe("pro"), RefusedAs(Reason::kSubscriptionConflict));
  EXPECT_THAT(Resume(), RefusedAs(Reason::kSubscriptionConflict));
}

TEST_F(ResumeTest, ResumesWhatIsInForce) {
  CancelAt(kEnd);
  const ChangedSubscription answer = Must(Resume()).value;
  EXPECT_TRUE(answer.resumed);
  ExpectGoesOn(answer);
}

TEST_F(ResumeTest, WhatWasCanceledBeforeItStartedStaysCanceled) {
  Must(Subscribe("max", kLater));
  CancelAt(kEnd);
  Must(Resume());
  EXPECT_EQ(All().at(0).status, SubscriptionStatus::kCanceled);
  ledger_.SetNow(kLater);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

TEST_F(ResumeTest, WhatHasEndedIsNotResumed) {
  CancelAt(kEnd);
  ledger_.SetNow(kEnd);
  const auto refused = Resume();
  EXPECT_THAT(refused, RefusedAs(Reason::kSubscriptionNotFound));
  EXPECT_EQ(ValueIn(refused.status(), "customer"), "ada");
  EXPECT_FALSE(Must(Subscribe("pro")).value.resumed);
  EXPECT_EQ(All().size(), 2);
}

TEST_F(ResumeTest, WhatIsScheduledIsNotInForce) {
  Must(ledger_.Create({.id = "bob"}));
  EXPECT_THAT(ledger_.Resume({.customer = "bob"}), RefusedAs(Reason::kSubscriptionNotFound));
  Must(ledger_.Subscribe({.customer = "bob", .plan = "pro", .start = At(kLater)}));
  EXPECT_THAT(ledger_.Resume({.customer = "bob"}), RefusedAs(Reason::kSubscriptionNotFound));
  EXPECT_THAT(ledger_.Resume({.customer = "eve"}), RefusedAs(Reason::kCustomerNotFound));
}

// Usage ahead of the clock delays the end to just after it, and the customer is on the plan until
// then.
TEST_F(ResumeTest, ResumesWhatEndsJustAfterUsageAheadOfTheClock) {
  EXPECT_EQ(Use("2026-11-15T13:04:00Z"), TrackCode::kTrackedOverage);
  Must(ledger_.Cancel({.customer = "ada"}));
  EXPECT_TRUE(Must(Resume()).value.resumed);
  ledger_.SetNow(kLater);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
}

TEST_F(ResumeTest, TheEndMayBeSetAgain) {
  CancelAt(kEnd);
  Must(Resume());
  CancelAt(kLater);
  ledger_.SetNow(kLater);
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
}

TEST_F(ResumeTest, APlanThatIsArchivedGoesOn) {
  CatalogSpec archived = CatalogOf({PlanOf("pro", {UsageBased("calls", "10")})});
  archived.plans[0].archived = true;
  Must(ledger_.Sync(archived));
  CancelAt(kEnd);
  EXPECT_TRUE(Must(Subscribe("pro")).value.resumed);
}

TEST_F(ResumeTest, RepeatedWithItsRequestIdItSaysTheSame) {
  CancelAt(kEnd);
  const SubscribeParams subscribe{
      .customer = "ada", .plan = "pro", .request = {.id = "r", .fingerprint = "a"}};
  EXPECT_TRUE(Must(ledger_.Subscribe(subscribe)).value.resumed);
  CancelAt(kEnd);
  ledger_.Reopen();
  const Answered<ChangedSubscription> again = Must(ledger_.Subscribe(subscribe));
  EXPECT_TRUE(again.replayed);
  EXPECT_TRUE(again.value.resumed);
  EXPECT_EQ(again.value.record.end_us(), At(kEnd));  // the current state

  const ResumeParams params{.customer = "ada", .request = {.id = "r", .fingerprint = "a"}};
  EXPECT_FALSE(Must(ledger_.Resume(params)).replayed);
  CancelAt(kEnd);
  EXPECT_TRUE(Must(ledger_.Resume(params)).replayed);
  EXPECT_EQ(All().at(0).record.end_us(), At(kEnd));
  EXPECT_THAT(ledger_.Resume({.customer = "ada", .request = {.id = "r", .fingerprint = "b"}}),
              RefusedAs(Reason::kRequestIdReused));
}

// The counter of a feature that never resets continues.
TEST_F(ResumeTest, ACounterForTheLifeOfTheSubscriptionGoesOn) {
  TestLedger ledger(
      CatalogOf(PlanOf("pro", {Resetting(PerUnit("disk", "10", "7"), rating::Interval::kNever)})));
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "disk", "8");
  Must(ledger.Cancel({.customer = "ada", .end = At(kEnd)}));
  Must(ledger.Resume({.customer = "ada"}));
  ledger.SetNow(kLater);
  EXPECT_EQ(ledger.Use("ada", "disk", "8").code, TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger.History("ada").rows.size(), 1);
  EXPECT_EQ(ledger.Unbilled("ada"), 42);
}

}  // namespace
}  // namespace owo::ledger
