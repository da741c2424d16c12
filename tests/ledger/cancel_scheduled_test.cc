// Cancelling while subscriptions are scheduled: none is in force from the end on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kDecember[] = "2026-12-01T00:00:00Z";
constexpr char kChristmas[] = "2026-12-25T00:00:00Z";

// Ada is on "pro", and scheduled for "max" from December on.
class CancelScheduledTest : public ::testing::Test {
 protected:
  CancelScheduledTest() {
    ledger_.AddCustomer("ada", "pro");
    pro_ = Must(ledger_.Subscriptions("ada")).at(0).id;
    max_ = Schedule("max", kDecember);
    ledger_.Advance(absl::Hours(1));
  }

  std::string Schedule(std::string_view plan, std::string_view start) {
    return Must(ledger_.Subscribe(
                    {.customer = "ada", .plan = std::string(plan), .start = At(start)}))
        .value.id;
  }
  absl::StatusOr<Answered<ChangedSubscription>> Cancel(std::string_view end = "") {
    CancelParams params{.customer = "ada"};
    if (!end.empty()) params.end = At(end);
    return ledger_.Cancel(params);
  }
  TrackCode Use(std::string_view time = "") { return ledger_.Use("ada", "calls", "1", time).code; }
  SubscriptionView Find(const std::string& id) {
    for (SubscriptionView& view : Must(ledger_.Subscriptions("ada"))) {
      if (view.id == id) return view;
    }
    throw std::runtime_error("no such subscription");
  }
  // Expects that no subscription is in force, now or later.
  void ExpectNeverAgain() {
    for (const char* const time : {"2026-11-30T23:59:59Z", kDecember, kChristmas}) {
      ledger_.SetNow(time);
      EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription) << time;
    }
  }

  static std::vector<std::string> Ids(const std::vector<SubscriptionView>& views) {
    std::vector<std::string> ids;
    for (const SubscriptionView& view : views) ids.push_back(view.id);
    return ids;
  }

  TestLedger ledger_{CatalogOf(
      {PlanOf("pro", {UsageBased("calls", "10")}), PlanOf("max", {UsageBased("calls", "5")})})};
  std::string pro_;
  std::string max_;
};

TEST_F(CancelScheduledTest, EndsWhatIsInForceAndCancelsWhatIsToCome) {
  const ChangedSubscription ended = Must(Cancel()).value;
  EXPECT_EQ(ended.id, pro_);
  EXPECT_EQ(ended.status, SubscriptionStatus::kEnded);
  EXPECT_EQ(ended.record.end_us(), ledger_.now());
  EXPECT_THAT(Ids(ended.canceled), ElementsAre(max_));
  EXPECT_EQ(ended.canceled[0].status, SubscriptionStatus::kCanceled);
  EXPECT_EQ(ended.canceled[0].record.end_us(), At(kDecember));
  ExpectNeverAgain();
}

TEST_F(CancelScheduledTest, CanceledStaysCanceledWhateverTheTime) {
  Must(Cancel());
  for (const char* const time : {"2026-11-20T00:00:00Z", kDecember, kChristmas}) {
    ledger_.SetNow(time);
    EXPECT_EQ(Find(max_).status, SubscriptionStatus::kCanceled) << time;
    EXPECT_EQ(Find(max_).plan_version, 1) << time;
    EXPECT_EQ(Find(pro_).status, SubscriptionStatus::kEnded) << time;
  }
  ledger_.Reopen();
  EXPECT_EQ(Find(max_).status, SubscriptionStatus::kCanceled);
}

TEST_F(CancelScheduledTest, AtAnEndBeforeTheNextStart) {
  const ChangedSubscription ended = Must(Cancel("2026-11-20T00:00:00Z")).value;
  EXPECT_EQ(ended.id, pro_);
  EXPECT_EQ(ended.record.end_us(), At("2026-11-20T00:00:00Z"));
  EXPECT_THAT(Ids(ended.canceled), ElementsAre(max_));
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  ledger_.SetNow("2026-11-20T00:00:00Z");
  ExpectNeverAgain();
}

// The subscription in force at the requested end gets that end; earlier ones do not change.
TEST_F(CancelScheduledTest, AtAnEndAfterTheNextStart) {
  const ChangedSubscription ended = Must(Cancel(kChristmas)).value;
  EXPECT_EQ(ended.id, max_);
  EXPECT_EQ(ended.record.end_us(), At(kChristmas));
  EXPECT_THAT(ended.canceled, IsEmpty());
  EXPECT_EQ(Find(pro_).record.end_us(), At(kDecember));
  ledger_.SetNow(kDecember);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  ledger_.SetNow(kChristmas);
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
}

TEST_F(CancelScheduledTest, AtTheVeryStartOfTheNextOne) {
  const ChangedSubscription ended = Must(Cancel(kDecember)).value;
  EXPECT_EQ(ended.id, pro_);
  EXPECT_THAT(Ids(ended.canceled), ElementsAre(max_));
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  ledger_.SetNow(kDecember);
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
}

TEST_F(CancelScheduledTest, AtThePeriodsEnd) {
  const std::string basic = Schedule("pro", kChristmas);
  const ChangedSubscription ended =
      Must(ledger_.Cancel({.customer = "ada", .at_period_end = true})).value;
  EXPECT_EQ(ended.id, pro_);
  EXPECT_EQ(ended.record.end_us(), At(kDecember));
  EXPECT_THAT(Ids(ended.canceled), ElementsAre(max_, basic));
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  ledger_.SetNow(kDecember);
  EXPECT_EQ(Use(), TrackCode::kNoActiveSubscription);
}

// An upgrade in the middle of the month belongs to the same billing period.
TEST_F(CancelScheduledTest, AtThePeriodsEndThatAnUpgradeComesBefore) {
  Must(ledger_.Create({.id = "bob"}));
  ledger_.MoveTo("bob", "pro");
  const std::string upgrade =
      Must(ledger_.Subscribe(
               {.customer = "bob", .plan = "max", .start = At("2026-11-20T00:00:00Z")}))
          .value.id;
  const ChangedSubscription ended =
      Must(ledger_.Cancel({.customer = "bob", .at_period_end = true})).value;
  EXPECT_EQ(ended.id, upgrade);
  EXPECT_EQ(ended.record.end_us(), At(kDecember));
  EXPECT_THAT(ended.canceled, IsEmpty());
}

TEST_F(CancelScheduledTest, OfSeveralThatAreScheduledAllGo) {
  Must(Cancel(kDecember));
  const std::string first = Schedule("max", "2026-12-05T00:00:00Z");
  const std::string second = Schedule("pro", kChristmas);
  const ChangedSubscription ended = Must(Cancel("2026-12-01T00:00:00Z")).value;
  EXPECT_EQ(ended.id, pro_);
  EXPECT_THAT(Ids(ended.canceled), ElementsAre(first, second));
}

TEST_F(CancelScheduledTest, OfScheduledOnesAloneTheFirstIsTheAnswer) {
  Must(ledger_.Create({.id = "bob"}));
  SubscribeParams params{.customer = "bob", .plan = "pro", .start = At(kDecember)};
  const std::string first = Must(ledger_.Subscribe(params)).value.id;
  params = {.customer = "bob", .plan = "max", .start = At(kChristmas)};
  const std::string second = Must(ledger_.Subscribe(params)).value.id;
  const CancelParams cancel{.customer = "bob", .end = At("2026-11-20T00:00:00Z")};
  for (int times = 0; times < 2; ++times) {  // a repeat has the same answer
    const ChangedSubscription canceled = Must(ledger_.Cancel(cancel)).value;
    EXPECT_EQ(canceled.id, first);
    EXPECT_EQ(canceled.status, SubscriptionStatus::kCanceled);
    EXPECT_THAT(Ids(canceled.canceled), ElementsAre(first, second));
  }
}

TEST_F(CancelScheduledTest, RepeatedItSaysTheSame) {
  const ChangedSubscription first = Must(Cancel("2026-11-20T00:00:00Z")).value;
  for (const char* const now : {"2026-11-16T00:00:00Z", "2026-11-21T00:00:00Z", kChristmas}) {
    ledger_.SetNow(now);
    const ChangedSubscription again = Must(Cancel("2026-11-20T00:00:00Z")).value;
    EXPECT_EQ(again.id, first.id) << now;
    EXPECT_THAT(Ids(again.canceled), ElementsAre(max_)) << now;
  }
}

// One that has just begun is ended where it begins: the former plan ends there too.
TEST_F(CancelScheduledTest, EndedAtItsOwnStartItIsTheAnswerOfEveryRepeat) {
  ledger_.AddCustomer("bob", "pro");
  ledger_.Advance(absl::Hours(1));
  const CancelParams cancel{.customer = "bob", .end = ledger_.now()};
  const std::string second = Must(ledger_.Subscribe({.customer = "bob", .plan = "max"})).value.id;
  const SubscribeParams scheduled{.customer = "bob", .plan = "pro", .start = At(kChristmas)};
  const std::string later = Must(ledger_.Subscribe(scheduled)).value.id;
  for (const char* const now : {"", "2026-11-16T00:00:00Z", kChristmas}) {
    if (*now != '\0') ledger_.SetNow(now);
    const ChangedSubscription canceled = Must(ledger_.Cancel(cancel)).value;
    EXPECT_EQ(canceled.id, second) << now;
    EXPECT_THAT(Ids(canceled.canceled), ElementsAre(later)) << now;
    ledger_.Reopen();
  }
}

// Where a former subscription ended, nothing ends now: only what is scheduled is canceled.
TEST_F(CancelScheduledTest, WhatEndedThenIsTheAnswerWhateverIsCanceledLater) {
  Must(Cancel("2026-11-20T00:00:00Z"));
  ledger_.SetNow("2026-11-21T00:00:00Z");
  const std::string later = Schedule("max", kChristmas);
  for (int times = 0; times < 2; ++times) {
    const ChangedSubscription canceled = Must(Cancel("2026-11-20T00:00:00Z")).value;
    EXPECT_EQ(canceled.id, pro_);
    EXPECT_EQ(Ids(canceled.canceled).back(), later);
  }
}

TEST_F(CancelScheduledTest, OfManyTheMetadataIsBoundedAndTheIdsAreNot) {
  Labels labels;
  for (int i = 0; i < 50; ++i) labels[std::to_string(i)] = std::string(512, 'v');
  Must(Cancel());
  std::vector<std::string> ids;
  storage::Micros start = At(kDecember) + 1;
  for (int i = 0; i < 60; ++i, start += 1'000'000) {
    ids.push_back(Must(ledger_.Subscribe({.customer = "ada",
                                          .plan = i % 2 == 0 ? "pro" : "max",
                                          .start = start,
                                          .metadata = labels}))
                      .value.id);
  }
  for (const auto& [id, replayed] : {std::pair("r", false), std::pair("r", true)}) {
    const auto canceled = Must(ledger_.Cancel(
        {.customer = "ada", .end = At(kDecember) + 1, .request = {.id = id, .fingerprint = "f"}}));
    EXPECT_EQ(canceled.replayed, replayed);
    EXPECT_EQ(Ids(canceled.value.canceled), ids);
    size_t bytes = 0;
    size_t with_metadata = 0;
    for (const SubscriptionView& view : canceled.value.canceled) {
      bytes += view.record.ByteSizeLong();
      with_metadata += view.record.metadata().empty() ? 0 : 1;
    }
    EXPECT_LT(bytes, kCanceledBytesMax * 5 / 4);
    EXPECT_GT(with_metadata, 30U);
    EXPECT_FALSE(canceled.value.canceled.front().record.metadata().empty());
    EXPECT_TRUE(canceled.value.canceled.back().record.metadata().empty());
  }
}

TEST_F(CancelScheduledTest, RepeatedWithItsRequestIdItSaysTheSame) {
  const CancelParams params{.customer = "ada", .request = {.id = "r", .fingerprint = "a"}};
  Must(ledger_.Cancel(params));
  Schedule("pro", kChristmas);
  ledger_.Reopen();
  const Answered<ChangedSubscription> again = Must(ledger_.Cancel(params));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.value.id, pro_);
  EXPECT_THAT(Ids(again.value.canceled), ElementsAre(max_));
  ledger_.SetNow(kChristmas);
  // The repeat has not cancelled the new subscription.
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
}

TEST_F(CancelScheduledTest, NotBeforeUsageThatWasCounted) {
  ledger_.SetNow(kDecember);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(Use("2026-11-30T12:00:00Z"), TrackCode::kTrackedOverage);
  // "max" has started, so the end cannot be before its start.
  EXPECT_THAT(Cancel("2026-11-30T00:00:00Z"), RefusesField("end"));
  EXPECT_THAT(Cancel(kDecember), RefusedAs(Reason::kUsageAfterChange));
  EXPECT_EQ(Must(Cancel("2026-12-01T00:00:00.000001Z")).value.id, max_);
  EXPECT_EQ(ledger_.Unbilled("ada"), 15);
}

// Usage ahead of the clock may count on a subscription that starts within minutes.
TEST_F(CancelScheduledTest, UsageCountedWhileItIsDecidedKeepsItsSubscription) {
  ledger_.SetNow("2026-11-30T23:58:00Z");
  ledger_.store().BeforeNextCommit(
      [this] { EXPECT_EQ(Use("2026-12-01T00:01:00Z"), TrackCode::kTrackedOverage); });
  const ChangedSubscription ended = Must(Cancel()).value;
  EXPECT_EQ(ended.id, max_);
  EXPECT_GT(ended.record.end_us(), At("2026-12-01T00:01:00Z"));
  EXPECT_EQ(ledger_.Unbilled("ada"), 5);
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

TEST_F(CancelScheduledTest, ASubscriptionMayBeScheduledAgain) {
  Must(Cancel());
  Schedule("max", kDecember);
  ledger_.SetNow(kDecember);
  EXPECT_EQ(Use(), TrackCode::kTrackedOverage);
  EXPECT_EQ(ledger_.Unbilled("ada"), 5);
  EXPECT_EQ(ledger_.Bill("ada").total(), 5);
  EXPECT_EQ(ledger_.Verify().differences(), 0);
}

}  // namespace
}  // namespace owo::ledger
