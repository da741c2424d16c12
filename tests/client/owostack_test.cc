#include "client/cpp/owostack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "client/cpp/mocks/mock_connection.h"

namespace owo {
namespace {

using ::testing::_;
using ::testing::DoAll;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Return;
using ::testing::SaveArg;
using ::testing::SizeIs;
using ::testing::StrictMock;

class OwostackTest : public ::testing::Test {
 protected:
  const std::shared_ptr<StrictMock<MockConnection>> connection_ =
      std::make_shared<StrictMock<MockConnection>>();
  const Owostack owo_{connection_};
};

constexpr size_t kUuidLength = 36;

TEST_F(OwostackTest, CallsLookLikeTheSdk) {
  const BillingUsageResult usage = {.customer = "user_123", .total_estimated = 8731};
  EXPECT_CALL(*connection_, Usage(UsageParams{.customer = "user_123"})).WillOnce(Return(usage));
  const absl::StatusOr<BillingUsageResult> result = owo_.billing.usage({.customer = "user_123"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(*result, usage);
}

TEST_F(OwostackTest, EventsAreListedOfAnInvoiceAndOfACustomer) {
  const InvoiceEventsParams of_invoice = {.invoice_id = "inv_1", .line = 1};
  const EventsParams of_customer = {.customer = "user_123", .feature = "api-calls"};
  EXPECT_CALL(*connection_, ListInvoiceEvents(of_invoice))
      .WillOnce(Return(std::vector<RecordedEvent>{{.event_id = "a"}}));
  EXPECT_CALL(*connection_, ListEvents(of_customer))
      .WillOnce(Return(std::vector<RecordedEvent>{{.event_id = "b"}}));
  EXPECT_EQ(owo_.billing.invoice_events(of_invoice)->at(0).event_id, "a");
  EXPECT_EQ(owo_.events(of_customer)->at(0).event_id, "b");
}

TEST_F(OwostackTest, ErrorsArePassedOn) {
  EXPECT_CALL(*connection_, CreateInvoice(Field(&InvoiceParams::customer, "user_123")))
      .WillOnce(Return(MakeError(absl::StatusCode::kFailedPrecondition, "NO_UNBILLED_USAGE",
                                 "nothing to invoice")));
  const auto result = owo_.billing.invoice({.customer = "user_123"});
  EXPECT_EQ(ErrorReason(result.status()), "NO_UNBILLED_USAGE");
}

TEST_F(OwostackTest, CopiesShareTheConnection) {
  const auto copy = std::make_unique<Owostack>(owo_);
  Owostack assigned({.endpoint = "127.0.0.1:1"});
  assigned = *copy;
  EXPECT_CALL(*connection_, ListCustomers())
      .Times(2)
      .WillRepeatedly(Return(std::vector<Customer>{}));
  EXPECT_CALL(*connection_, ListPlans(PlansParams{})).WillOnce(Return(std::vector<Plan>{}));
  EXPECT_TRUE(copy->customers.list().ok());
  EXPECT_TRUE(assigned.customers.list().ok());
  EXPECT_TRUE(assigned.catalog.plans().ok());
}

TEST_F(OwostackTest, EveryMutationHasARequestId) {
  const auto has_id = [](auto field) { return Field(field, SizeIs(kUuidLength)); };
  EXPECT_CALL(*connection_, CreateInvoice(has_id(&InvoiceParams::request_id)))
      .WillOnce(Return(InvoiceResult{}));
  EXPECT_CALL(*connection_, FinalizeInvoice(has_id(&FinalizeInvoiceParams::request_id)))
      .WillOnce(Return(Invoice{}));
  EXPECT_CALL(*connection_, PayInvoice(has_id(&PayInvoiceParams::request_id)))
      .WillOnce(Return(Invoice{}));
  EXPECT_CALL(*connection_, VoidInvoice(has_id(&VoidInvoiceParams::request_id)))
      .WillOnce(Return(Invoice{}));
  EXPECT_CALL(*connection_, CreateCustomer(has_id(&CreateCustomerParams::request_id)))
      .WillOnce(Return(Customer{}));
  EXPECT_CALL(*connection_, UpdateCustomer(has_id(&UpdateCustomerParams::request_id)))
      .WillOnce(Return(Customer{}));
  EXPECT_CALL(*connection_, Subscribe(has_id(&SubscribeParams::request_id)))
      .WillOnce(Return(Subscription{}));
  EXPECT_CALL(*connection_, CancelSubscription(has_id(&CancelSubscriptionParams::request_id)))
      .WillOnce(Return(Subscription{}));
  EXPECT_CALL(*connection_, ResumeSubscription(has_id(&ResumeSubscriptionParams::request_id)))
      .WillOnce(Return(Subscription{}));
  EXPECT_CALL(*connection_, SyncCatalog(has_id(&CatalogSyncParams::request_id)))
      .WillOnce(Return(CatalogSyncResult{}));
  EXPECT_TRUE(owo_.billing.invoice({}).ok());
  EXPECT_TRUE(owo_.billing.finalize_invoice({}).ok());
  EXPECT_TRUE(owo_.billing.pay_invoice({}).ok());
  EXPECT_TRUE(owo_.billing.void_invoice({}).ok());
  EXPECT_TRUE(owo_.customers.create({}).ok());
  EXPECT_TRUE(owo_.customers.update({}).ok());
  EXPECT_TRUE(owo_.customers.subscribe({}).ok());
  EXPECT_TRUE(owo_.customers.cancel_subscription({}).ok());
  EXPECT_TRUE(owo_.customers.resume_subscription({}).ok());
  EXPECT_CALL(*connection_, CreateTenant(has_id(&CreateTenantParams::request_id)))
      .WillOnce(Return(Tenant{}));
  EXPECT_CALL(*connection_, UpdateTenant(has_id(&UpdateTenantParams::request_id)))
      .WillOnce(Return(Tenant{}));
  EXPECT_CALL(*connection_, SuspendTenant(has_id(&SuspendTenantParams::request_id)))
      .WillOnce(Return(Tenant{}));
  EXPECT_CALL(*connection_, ResumeTenant(has_id(&ResumeTenantParams::request_id)))
      .WillOnce(Return(Tenant{}));
  EXPECT_CALL(*connection_, CreateApiKey(has_id(&CreateApiKeyParams::request_id)))
      .WillOnce(Return(NewApiKey{}));
  EXPECT_CALL(*connection_, RevokeApiKey(has_id(&RevokeApiKeyParams::request_id)))
      .WillOnce(Return(ApiKey{}));
  EXPECT_CALL(*connection_, RotateApiKey(has_id(&RotateApiKeyParams::request_id)))
      .WillOnce(Return(NewApiKey{}));
  EXPECT_TRUE(owo_.catalog.sync({}).ok());
  EXPECT_TRUE(owo_.admin.create_tenant({}).ok());
  EXPECT_TRUE(owo_.admin.update_tenant({}).ok());
  EXPECT_TRUE(owo_.admin.suspend_tenant({}).ok());
  EXPECT_TRUE(owo_.admin.resume_tenant({}).ok());
  EXPECT_TRUE(owo_.admin.create_api_key({}).ok());
  EXPECT_TRUE(owo_.admin.revoke_api_key({}).ok());
  EXPECT_TRUE(owo_.admin.rotate_api_key({}).ok());
}

TEST_F(OwostackTest, EachCallHasAnIdOfItsOwn) {
  InvoiceParams first;
  InvoiceParams second;
  EXPECT_CALL(*connection_, CreateInvoice(_))
      .WillOnce(DoAll(SaveArg<0>(&first), Return(InvoiceResult{})))
      .WillOnce(DoAll(SaveArg<0>(&second), Return(InvoiceResult{})));
  EXPECT_TRUE(owo_.billing.invoice({}).ok());
  EXPECT_TRUE(owo_.billing.invoice({}).ok());
  EXPECT_NE(first.request_id, second.request_id);
}

TEST_F(OwostackTest, GivenIdsAreKept) {
  EXPECT_CALL(*connection_, CreateInvoice(Field(&InvoiceParams::request_id, "mine")))
      .WillOnce(Return(InvoiceResult{}));
  EXPECT_CALL(*connection_, Track(Field(&TrackParams::event_id, "my-event")))
      .WillOnce(Return(TrackResult{}));
  EXPECT_TRUE(owo_.billing.invoice({.request_id = "mine"}).ok());
  EXPECT_TRUE(owo_.track_now({.event_id = "my-event"}).ok());
}

TEST_F(OwostackTest, EveryEventOfABatchHasAnId) {
  TrackBatchParams sent;
  EXPECT_CALL(*connection_, TrackBatch(_))
      .WillOnce(DoAll(SaveArg<0>(&sent), Return(TrackBatchResult{})));
  EXPECT_TRUE(owo_.track_batch({.events = {{}, {.event_id = "my-event"}, {}}}).ok());
  ASSERT_THAT(sent.events, SizeIs(3));
  EXPECT_THAT(sent.events[0].event_id, SizeIs(kUuidLength));
  EXPECT_EQ(sent.events[1].event_id, "my-event");
  EXPECT_THAT(sent.events[2].event_id, SizeIs(kUuidLength));
  EXPECT_NE(sent.events[0].event_id, sent.events[2].event_id);
}

TEST_F(OwostackTest, OnlyACheckThatTracksIsAnEvent) {
  EXPECT_CALL(*connection_, Check(Field(&CheckParams::event_id, IsEmpty())))
      .WillOnce(Return(CheckResult{}));
  EXPECT_CALL(*connection_, Check(Field(&CheckParams::event_id, Not(IsEmpty()))))
      .WillOnce(Return(CheckResult{}));
  EXPECT_TRUE(owo_.check({.customer = "user_123"}).ok());
  EXPECT_TRUE(owo_.check({.customer = "user_123", .track = true}).ok());
}

}  // namespace
}  // namespace owo
