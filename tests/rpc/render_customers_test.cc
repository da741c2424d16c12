#include "service/rpc/customers/render_customers.h"

#include <gmock/gmock.h>

#include "service/rpc/customers/parse_customers.h"
#include "tests/client/proto_text.h"
#include "tests/support/catalog.h"
#include "tests/support/ledger.h"

namespace owo::rpc {
namespace {

using ledger::Must;
using ledger::PlanOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::UnsetFields;

class RenderCustomersTest : public ::testing::Test {
 protected:
  ledger::TestLedger ledger_{ledger::CatalogOf({PlanOf("pro", {ledger::Blocking("seats", "5")}),
                                                PlanOf("max", {ledger::Blocking("seats", "9")})})};
};

TEST_F(RenderCustomersTest, ACustomerIsShownAsGiven) {
  Must(ledger_.Create({.id = "ada",
                       .email = "Ada@example.com",
                       .name = "Ada",
                       .metadata = {{{"k", "v"}}},
                       .time_zone = "Africa/Lagos",
                       .spend_cap = {{500}}}));
  Must(ledger_.Subscribe({.customer = "ada", .plan = "pro"}));
  pb::GetCustomerResponse response;
  ASSERT_TRUE(RenderGetCustomerResponse(Must(ledger_.Get("ada")), response).ok());
  EXPECT_THAT(UnsetFields(response), IsEmpty());
  EXPECT_EQ(response.customer().email(), "Ada@example.com");
  EXPECT_EQ(response.customer().time_zone(), "Africa/Lagos");
  EXPECT_EQ(response.customer().spend_cap(), 500);
  EXPECT_EQ(response.customer().currency(), "USD");
}

TEST_F(RenderCustomersTest, ACapOfNothingIsNotNoCap) {
  pb::CreateCustomerResponse capped;
  ASSERT_TRUE(
      RenderCreateCustomerResponse(Must(ledger_.Create({.id = "a", .spend_cap = {{0}}})), capped)
          .ok());
  EXPECT_TRUE(capped.customer().has_spend_cap());
  pb::CreateCustomerResponse free;
  ASSERT_TRUE(RenderCreateCustomerResponse(Must(ledger_.Create({.id = "b"})), free).ok());
  EXPECT_FALSE(free.customer().has_spend_cap());
}

TEST_F(RenderCustomersTest, ASubscriptionHasAnEndOnceOneIsKnown) {
  Must(ledger_.Create({.id = "ada"}));
  pb::SubscribeResponse running;
  ASSERT_TRUE(
      RenderSubscribeResponse(
          Must(ledger_.Subscribe({.customer = "ada", .plan = "pro", .metadata = {{"k", "v"}}})),
          running)
          .ok());
  EXPECT_THAT(UnsetFields(running), ElementsAre("subscription.end", "replayed", "resumed"));
  EXPECT_EQ(running.subscription().id(), "sub_1_1");
  EXPECT_EQ(running.subscription().status(), pb::SUBSCRIPTION_STATUS_ACTIVE);
  ledger_.Advance(absl::Hours(1));
  pb::CancelSubscriptionResponse ended;
  ASSERT_TRUE(
      RenderCancelSubscriptionResponse(Must(ledger_.Cancel({.customer = "ada"})), ended).ok());
  EXPECT_TRUE(ended.subscription().has_end());
  EXPECT_EQ(ended.subscription().status(), pb::SUBSCRIPTION_STATUS_ENDED);
}

TEST_F(RenderCustomersTest, WhatAChangeDidIsShown) {
  ledger_.AddCustomer("ada", "pro");
  const storage::Micros later = ledger_.now() + 1'000'000;
  Must(ledger_.Subscribe({.customer = "ada", .plan = "max", .start = later}));
  pb::CancelSubscriptionResponse canceled;
  ASSERT_TRUE(RenderCancelSubscriptionResponse(
                  Must(ledger_.Cancel({.customer = "ada", .end = later})), canceled)
                  .ok());
  EXPECT_EQ(canceled.subscription().id(), "sub_1_1");
  ASSERT_THAT(canceled.canceled(), SizeIs(1));
  EXPECT_EQ(canceled.canceled(0).id(), "sub_1_2");
  EXPECT_EQ(canceled.canceled(0).status(), pb::SUBSCRIPTION_STATUS_CANCELED);
  pb::ResumeSubscriptionResponse going_on;
  ASSERT_TRUE(
      RenderResumeSubscriptionResponse(Must(ledger_.Resume({.customer = "ada"})), going_on).ok());
  EXPECT_FALSE(going_on.subscription().has_end());
  Must(ledger_.Cancel({.customer = "ada", .end = later}));
  pb::SubscribeResponse resumed;
  ASSERT_TRUE(
      RenderSubscribeResponse(Must(ledger_.Subscribe({.customer = "ada", .plan = "pro"})), resumed)
          .ok());
  EXPECT_TRUE(resumed.resumed());
  EXPECT_EQ(resumed.subscription().id(), "sub_1_1");
}

TEST_F(RenderCustomersTest, CustomersArePagedAfterTheLastId) {
  storage::CustomerList page{.next = "b"};
  for (const char* id : {"a", "b"}) page.customers.emplace_back().record.set_id(id);
  const PageTokens tokens(pb::ListCustomersRequest{}, storage::kDefaultTenant);
  pb::ListCustomersResponse response;
  ASSERT_TRUE(RenderListCustomersResponse(page, tokens, response).ok());
  EXPECT_THAT(response.customers(), SizeIs(2));
  EXPECT_EQ(tokens.Read(response.next_page_token()), "b");
  page.next = "";
  response.Clear();
  ASSERT_TRUE(RenderListCustomersResponse(page, tokens, response).ok());
  EXPECT_THAT(response.customers(), SizeIs(2));
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(RenderCustomersTest, SubscriptionsArePagedFromTheNewest) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.MoveTo("ada", "max");
  ledger_.MoveTo("ada", "pro");
  ledger::Customers customers(ledger_.parts());
  const PageTokens tokens(pb::ListSubscriptionsRequest{}, storage::kDefaultTenant);
  std::vector<std::string> ids;
  ledger::SubscriptionsQuery query{.customer = "ada", .limit = 2};
  do {
    pb::ListSubscriptionsResponse response;
    const auto page = Must(customers.Subscriptions(ledger_.context(), storage::kReadAll, query));
    ASSERT_TRUE(RenderListSubscriptionsResponse(page, tokens, response).ok());
    for (const auto& subscription : response.subscriptions()) ids.push_back(subscription.id());
    query.after = tokens.Read(response.next_page_token()).value();
  } while (!query.after.empty());
  EXPECT_THAT(ids, ElementsAre("sub_1_3", "sub_1_2", "sub_1_1"));
}

TEST_F(RenderCustomersTest, APageOfAnotherCustomersSubscriptionsIsRefused) {
  ledger_.AddCustomer("ada", "pro");
  ledger::Customers customers(ledger_.parts());
  EXPECT_THAT(customers.Subscriptions(ledger_.context(), storage::kReadAll,
                                      {.customer = "ada", .after = "sub_7_1", .limit = 2}),
              ledger::RefusesField("page_token"));
}

}  // namespace
}  // namespace owo::rpc
