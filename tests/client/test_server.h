// A gRPC server in the test process, whose answers the test defines.
//
//   TestServer server;
//   EXPECT_CALL(server.billing, Usage(_, Pointee(EqualsProto("customer: 'user_123'")), _))
//       .WillOnce(Return(grpc::Status::OK));
//   owo::Owostack owo({.endpoint = server.endpoint()});
//
// An unexpected call fails the test.

#ifndef OWO_TESTS_CLIENT_TEST_SERVER_H_
#define OWO_TESTS_CLIENT_TEST_SERVER_H_

#include <gmock/gmock.h>
#include <grpcpp/server.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "owo/billing/v1/billing.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"

namespace owo::testing {

namespace v1 = ::owo::billing::v1;

class MockBilling : public v1::Billing::Service {
 public:
  MOCK_METHOD(grpc::Status, Usage,
              (grpc::ServerContext*, const v1::UsageRequest*, v1::UsageResponse*), (override));
  MOCK_METHOD(grpc::Status, Invoice,
              (grpc::ServerContext*, const v1::InvoiceRequest*, v1::InvoiceResponse*), (override));
  MOCK_METHOD(grpc::Status, ListInvoices,
              (grpc::ServerContext*, const v1::ListInvoicesRequest*, v1::ListInvoicesResponse*),
              (override));
  MOCK_METHOD(grpc::Status, ListInvoiceEvents,
              (grpc::ServerContext*, const v1::ListInvoiceEventsRequest*,
               v1::ListInvoiceEventsResponse*),
              (override));
};

class MockMetering : public v1::Metering::Service {
 public:
  MOCK_METHOD(grpc::Status, TrackBatch,
              (grpc::ServerContext*, const v1::TrackBatchRequest*, v1::TrackBatchResponse*),
              (override));
};

class TestServer {
 public:
  // Listens on any free port.
  TestServer();

  std::string endpoint() const { return endpoint_; }

  // Until Start(), which listens on the same port again, calls fail to connect.
  void Stop();
  void Start();

  ::testing::StrictMock<MockBilling> billing;
  ::testing::StrictMock<MockMetering> metering;

 private:
  std::string endpoint_ = "127.0.0.1:0";
  std::unique_ptr<grpc::Server> server_;
};

// Makes an error like those of the service, with google.rpc.ErrorInfo and optionally
// google.rpc.RetryInfo.
grpc::Status ErrorStatus(grpc::StatusCode code, const std::string& reason,
                         const std::map<std::string, std::string>& metadata = {},
                         std::optional<absl::Duration> retry_delay = {});

}  // namespace owo::testing

#endif  // OWO_TESTS_CLIENT_TEST_SERVER_H_
