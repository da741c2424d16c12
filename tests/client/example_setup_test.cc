#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "client/cpp/examples/setup.h"
#include "client/cpp/mocks/mock_connection.h"

namespace owo::examples {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::Field;
using ::testing::Ne;
using ::testing::Return;
using ::testing::StrictMock;

absl::Time Time(const char* text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) ADD_FAILURE() << error;
  return time;
}

class SetUpTest : public ::testing::Test {
 protected:
  SetUpTest() { EXPECT_CALL(*connection_, SyncCatalog(_)).WillOnce(Return(CatalogSyncResult{})); }

  absl::StatusOr<Subscription> Run() { return SetUpCustomer(owo_, {.id = "user_123"}); }

  void CustomerHas(std::vector<Subscription> subscriptions) {
    EXPECT_CALL(*connection_, ListSubscriptions(ListSubscriptionsParams{.customer = "user_123"}))
        .WillOnce(Return(std::move(subscriptions)));
  }

  const std::shared_ptr<StrictMock<MockConnection>> connection_ =
      std::make_shared<StrictMock<MockConnection>>();
  const Owostack owo_{connection_};
  const Subscription active_ = {
      .id = "sub_1", .plan = kPlan, .status = SubscriptionStatus::kActive};
};

const absl::Status kExists = MakeError(absl::StatusCode::kAlreadyExists, "CUSTOMER_EXISTS", "");

TEST_F(SetUpTest, ANewCustomerIsSubscribedFromAnEarlierTimeOn) {
  EXPECT_CALL(*connection_, CreateCustomer(Field(&CreateCustomerParams::id, "user_123")))
      .WillOnce(Return(Customer{.id = "user_123"}));
  CustomerHas({});
  EXPECT_CALL(*connection_, Subscribe(AllOf(Field(&SubscribeParams::customer, "user_123"),
                                            Field(&SubscribeParams::plan, "ai"),
                                            Field(&SubscribeParams::start, Ne(std::nullopt)))))
      .WillOnce(Return(active_));
  EXPECT_EQ(*Run(), active_);
}

TEST_F(SetUpTest, WhatIsThereStays) {
  EXPECT_CALL(*connection_, CreateCustomer(_)).WillOnce(Return(kExists));
  CustomerHas({{.plan = "other", .status = SubscriptionStatus::kActive},
               active_,
               {.plan = kPlan, .status = SubscriptionStatus::kEnded}});
  EXPECT_EQ(*Run(), active_);
}

TEST_F(SetUpTest, UsageSinceTheStartOfTheMonthMakesItStartNow) {
  EXPECT_CALL(*connection_, CreateCustomer(_)).WillOnce(Return(kExists));
  CustomerHas({{.plan = kPlan, .status = SubscriptionStatus::kEnded}});
  EXPECT_CALL(*connection_, Subscribe(Field(&SubscribeParams::start, Ne(std::nullopt))))
      .WillOnce(Return(
          MakeError(absl::StatusCode::kFailedPrecondition, "USAGE_AFTER_CHANGE", "usage since")));
  EXPECT_CALL(*connection_, Subscribe(Field(&SubscribeParams::start, std::nullopt)))
      .WillOnce(Return(active_));
  EXPECT_EQ(*Run(), active_);
}

TEST_F(SetUpTest, OtherErrorsEndIt) {
  EXPECT_CALL(*connection_, CreateCustomer(_)).WillOnce(Return(absl::InternalError("broken")));
  EXPECT_EQ(Run().status(), absl::InternalError("broken"));
}

TEST(RecentHourTest, IsTheLastHour) {
  const absl::Time now = Time("2025-12-02T10:30:00Z");
  const auto [start, end] = RecentHour({.start = Time("2025-11-01T00:00:00Z")}, now);
  EXPECT_EQ(start, Time("2025-12-02T09:30:00Z"));
  EXPECT_EQ(end, now);
}

TEST(RecentHourTest, BeginsNotBeforeTheMonth) {
  const auto [start, end] =
      RecentHour({.start = Time("2025-11-01T00:00:00Z")}, Time("2025-12-01T00:10:00Z"));
  EXPECT_EQ(start, Time("2025-12-01T00:00:00Z"));
  EXPECT_EQ(end, Time("2025-12-01T00:10:00Z"));
}

TEST(RecentHourTest, BeginsNotBeforeTheSubscription) {
  const absl::Time subscribed = Time("2025-12-02T10:29:59Z");
  const auto [start, end] = RecentHour({.start = subscribed}, Time("2025-12-02T10:30:00Z"));
  EXPECT_EQ(start, subscribed);
  // The server's clock may be ahead of ours.
  EXPECT_EQ(RecentHour({.start = subscribed}, subscribed - absl::Seconds(2)).end, subscribed);
}

}  // namespace
}  // namespace owo::examples
