#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/internal/wire.h"
#include "tests/client/proto_text.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using testing::FromText;
using ::testing::IsEmpty;
using testing::UnsetFields;

TEST(WireCustomersTest, NewCustomersSayEverything) {
  const v1::CreateCustomerRequest create = ToWire(CreateCustomerParams{.id = "user_123",
                                                                       .email = "a@b.example",
                                                                       .name = "Ada",
                                                                       .metadata = {{"k", "v"}},
                                                                       .time_zone = "Africa/Lagos",
                                                                       .spend_cap = 0,
                                                                       .request_id = "r"});
  EXPECT_THAT(UnsetFields(create),
              ElementsAre("customer.currency", "customer.created_at", "customer.updated_at"));
  EXPECT_THAT(create, EqualsProto("customer { id: 'user_123' email: 'a@b.example' name: 'Ada' "
                                  "metadata { key: 'k' value: 'v' } time_zone: 'Africa/Lagos' "
                                  "spend_cap: 0 } request_id: 'r'"));
  EXPECT_FALSE(ToWire(CreateCustomerParams{}).customer().has_spend_cap());
}

TEST(WireCustomersTest, UpdatesNameWhatTheyChange) {
  EXPECT_THAT(ToWire(UpdateCustomerParams{.customer = "user_123", .email = ""}),
              EqualsProto("customer: 'user_123' update {} update_mask { paths: 'email' }"));
  EXPECT_THAT(ToWire(UpdateCustomerParams{.customer = "user_123",
                                          .id = "ada",
                                          .email = "a@b.example",
                                          .name = "Ada",
                                          .metadata = {{{"k", "v"}}},
                                          .time_zone = "Africa/Lagos",
                                          .spend_cap = 500,
                                          .request_id = "r"}),
              EqualsProto("customer: 'user_123' request_id: 'r' "
                          "update { id: 'ada' email: 'a@b.example' name: 'Ada' spend_cap: 500 "
                          "metadata { key: 'k' value: 'v' } time_zone: 'Africa/Lagos' } "
                          "update_mask { paths: ['id', 'email', 'name', 'metadata', 'time_zone', "
                          "'spend_cap'] }"));
}

TEST(WireCustomersTest, ASpendCapCanBeRemoved) {
  EXPECT_THAT(ToWire(UpdateCustomerParams{.customer = "user_123", .remove_spend_cap = true}),
              EqualsProto("customer: 'user_123' update {} update_mask { paths: 'spend_cap' }"));
}

TEST(WireCustomersTest, SubscriptionsSayEverything) {
  const v1::SubscribeRequest subscribe = ToWire(SubscribeParams{.customer = "user_123",
                                                                .plan = "pro",
                                                                .start = absl::FromUnixSeconds(7),
                                                                .metadata = {{"k", "v"}},
                                                                .request_id = "r"});
  EXPECT_THAT(UnsetFields(subscribe), IsEmpty());
  EXPECT_THAT(subscribe, EqualsProto("customer: 'user_123' plan: 'pro' start { seconds: 7 } "
                                     "metadata { key: 'k' value: 'v' } request_id: 'r'"));

  const v1::CancelSubscriptionRequest cancel =
      ToWire(CancelSubscriptionParams{.customer = "user_123",
                                      .end = absl::FromUnixSeconds(7),
                                      .at_period_end = true,
                                      .request_id = "r"});
  EXPECT_THAT(UnsetFields(cancel), IsEmpty());
  EXPECT_THAT(cancel, EqualsProto("customer: 'user_123' end { seconds: 7 } at_period_end: true "
                                  "request_id: 'r'"));

  const v1::ResumeSubscriptionRequest resume =
      ToWire(ResumeSubscriptionParams{.customer = "user_123", .request_id = "r"});
  EXPECT_THAT(UnsetFields(resume), IsEmpty());
  EXPECT_THAT(resume, EqualsProto("customer: 'user_123' request_id: 'r'"));
}

TEST(WireCustomersTest, QuestionsSayEverything) {
  EXPECT_THAT(ToWire(GetCustomerParams{.customer = "user_123"}),
              EqualsProto("customer: 'user_123'"));
  const v1::ListSubscriptionsRequest list = ToWire(ListSubscriptionsParams{.customer = "user_123"});
  EXPECT_THAT(UnsetFields(list), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(list, EqualsProto("customer: 'user_123'"));
}

TEST(WireCustomersTest, CustomersAreReadWhole) {
  const auto customer = FromText<v1::Customer>(R"(
      id: 'user_123' email: 'a@b.example' name: 'Ada' metadata { key: 'k' value: 'v' }
      time_zone: 'Africa/Lagos' spend_cap: 0 currency: 'USD'
      created_at { seconds: 1 } updated_at { seconds: 2 })");
  EXPECT_THAT(UnsetFields(customer), IsEmpty());
  EXPECT_EQ(FromWire(customer), (Customer{.id = "user_123",
                                          .email = "a@b.example",
                                          .name = "Ada",
                                          .metadata = {{"k", "v"}},
                                          .time_zone = "Africa/Lagos",
                                          .spend_cap = 0,
                                          .currency = "USD",
                                          .created_at = absl::FromUnixSeconds(1),
                                          .updated_at = absl::FromUnixSeconds(2)}));
  EXPECT_EQ(FromWire(v1::Customer()).spend_cap, std::nullopt);
}

TEST(WireCustomersTest, SubscriptionsAreReadWhole) {
  const auto subscription = FromText<v1::Subscription>(R"(
      id: 'sub_1' customer_id: 'user_123' plan: 'pro' plan_version: 3 start { seconds: 1 }
      end { seconds: 2 } status: SUBSCRIPTION_STATUS_ACTIVE metadata { key: 'k' value: 'v' }
      created_at { seconds: 3 })");
  EXPECT_THAT(UnsetFields(subscription), IsEmpty());
  EXPECT_EQ(FromWire(subscription), (Subscription{.id = "sub_1",
                                                  .customer_id = "user_123",
                                                  .plan = "pro",
                                                  .plan_version = 3,
                                                  .start = absl::FromUnixSeconds(1),
                                                  .end = absl::FromUnixSeconds(2),
                                                  .status = SubscriptionStatus::kActive,
                                                  .metadata = {{"k", "v"}},
                                                  .created_at = absl::FromUnixSeconds(3)}));
  EXPECT_EQ(FromWire(v1::Subscription()).end, std::nullopt);
}

TEST(WireCustomersTest, WhatAChangeDidIsReadWhole) {
  const auto resumed = FromText<v1::SubscribeResponse>("subscription { id: 'a' } resumed: true");
  EXPECT_EQ(FromWire(resumed), SubscribeResult(FromWire(resumed.subscription()), true));
  EXPECT_EQ(FromWire(resumed).id, "a");
  EXPECT_FALSE(FromWire(v1::SubscribeResponse()).resumed);

  const CancelSubscriptionResult canceled = FromWire(FromText<v1::CancelSubscriptionResponse>(
      "subscription { id: 'a' } canceled { id: 'b' } "
      "canceled { id: 'c' status: SUBSCRIPTION_STATUS_CANCELED }"));
  EXPECT_EQ(canceled.id, "a");
  ASSERT_EQ(canceled.canceled.size(), 2);
  EXPECT_EQ(canceled.canceled[0].id, "b");
  EXPECT_EQ(canceled.canceled[1].status, SubscriptionStatus::kCanceled);
}

}  // namespace
}  // namespace owo
