// A connection for tests of code that uses the client.
//
//   auto connection = std::make_shared<owo::MockConnection>();
//   EXPECT_CALL(*connection, Usage(owo::UsageParams{.customer = "user_123"}))
//       .WillOnce(Return(owo::BillingUsageResult{.currency = "USD", .total_estimated = 8731}));
//   EXPECT_CALL(*connection, CreateInvoice(Field(&owo::InvoiceParams::customer, "user_123")))
//       .WillOnce(Return(owo::MakeError(absl::StatusCode::kFailedPrecondition,
//                                       "NO_UNBILLED_USAGE", "nothing to invoice")));
//   owo::Owostack owo(connection);
//
// Parameters include the ids that the client made. Needs gMock.

#ifndef OWO_CLIENT_CPP_MOCKS_MOCK_CONNECTION_H_
#define OWO_CLIENT_CPP_MOCKS_MOCK_CONNECTION_H_

#include <gmock/gmock.h>

#include <functional>
#include <vector>

#include "client/cpp/connection.h"

namespace owo {

class MockConnection : public Connection {
 public:
  MOCK_METHOD(absl::StatusOr<BillingUsageResult>, Usage, (const UsageParams&), (override));
  MOCK_METHOD(absl::StatusOr<InvoiceResult>, CreateInvoice, (const InvoiceParams&), (override));
  MOCK_METHOD(absl::StatusOr<InvoicesResult>, ListInvoices, (const InvoicesParams&), (override));
  MOCK_METHOD(absl::StatusOr<Invoice>, GetInvoice, (const GetInvoiceParams&), (override));
  MOCK_METHOD(absl::StatusOr<Invoice>, FinalizeInvoice, (const FinalizeInvoiceParams&), (override));
  MOCK_METHOD(absl::StatusOr<Invoice>, PayInvoice, (const PayInvoiceParams&), (override));
  MOCK_METHOD(absl::StatusOr<Invoice>, VoidInvoice, (const VoidInvoiceParams&), (override));
  MOCK_METHOD(absl::StatusOr<std::vector<RecordedEvent>>, ListInvoiceEvents,
              (const InvoiceEventsParams&), (override));

  MOCK_METHOD(absl::StatusOr<TrackResult>, Track, (const TrackParams&), (override));
  MOCK_METHOD(absl::StatusOr<TrackBatchResult>, TrackBatch, (const TrackBatchParams&), (override));
  // Events of track() also arrive at TrackBatch(), on the sending thread.
  void StartTrackBatch(const TrackBatchParams& params,
                       std::function<void(absl::StatusOr<TrackBatchResult>)> done) override {
    done(TrackBatch(params));
  }
  MOCK_METHOD(absl::StatusOr<CheckResult>, Check, (const CheckParams&), (override));
  MOCK_METHOD(absl::StatusOr<std::vector<UsagePeriod>>, ListUsage, (const UsageHistoryParams&),
              (override));
  MOCK_METHOD(absl::StatusOr<std::vector<RecordedEvent>>, ListEvents, (const EventsParams&),
              (override));

  MOCK_METHOD(absl::StatusOr<Customer>, CreateCustomer, (const CreateCustomerParams&), (override));
  MOCK_METHOD(absl::StatusOr<Customer>, GetCustomer, (const GetCustomerParams&), (override));
  MOCK_METHOD(absl::StatusOr<Customer>, UpdateCustomer, (const UpdateCustomerParams&), (override));
  MOCK_METHOD(absl::StatusOr<std::vector<Customer>>, ListCustomers, (), (override));
  MOCK_METHOD(absl::StatusOr<SubscribeResult>, Subscribe, (const SubscribeParams&), (override));
  MOCK_METHOD(absl::StatusOr<CancelSubscriptionResult>, CancelSubscription,
              (const CancelSubscriptionParams&), (override));
  MOCK_METHOD(absl::StatusOr<Subscription>, ResumeSubscription, (const ResumeSubscriptionParams&),
              (override));
  MOCK_METHOD(absl::StatusOr<std::vector<Subscription>>, ListSubscriptions,
              (const ListSubscriptionsParams&), (override));

  MOCK_METHOD(absl::StatusOr<CatalogSyncResult>, SyncCatalog, (const CatalogSyncParams&),
              (override));
  MOCK_METHOD(absl::StatusOr<std::vector<Feature>>, ListFeatures, (const FeaturesParams&),
              (override));
  MOCK_METHOD(absl::StatusOr<std::vector<Plan>>, ListPlans, (const PlansParams&), (override));
  MOCK_METHOD(absl::StatusOr<Plan>, GetPlan, (const PlanParams&), (override));

  MOCK_METHOD(absl::StatusOr<Tenant>, CreateTenant, (const CreateTenantParams&), (override));
  MOCK_METHOD(absl::StatusOr<Tenant>, GetTenant, (const GetTenantParams&), (override));
  MOCK_METHOD(absl::StatusOr<Tenant>, UpdateTenant, (const UpdateTenantParams&), (override));
  MOCK_METHOD(absl::StatusOr<std::vector<Tenant>>, ListTenants, (), (override));
  MOCK_METHOD(absl::StatusOr<Tenant>, SuspendTenant, (const SuspendTenantParams&), (override));
  MOCK_METHOD(absl::StatusOr<Tenant>, ResumeTenant, (const ResumeTenantParams&), (override));
  MOCK_METHOD(absl::StatusOr<NewApiKey>, CreateApiKey, (const CreateApiKeyParams&), (override));
  MOCK_METHOD(absl::StatusOr<std::vector<ApiKey>>, ListApiKeys, (const ListApiKeysParams&),
              (override));
  MOCK_METHOD(absl::StatusOr<ApiKey>, RevokeApiKey, (const RevokeApiKeyParams&), (override));
  MOCK_METHOD(absl::StatusOr<NewApiKey>, RotateApiKey, (const RotateApiKeyParams&), (override));
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_MOCKS_MOCK_CONNECTION_H_
