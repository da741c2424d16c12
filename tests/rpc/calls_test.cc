#include "service/rpc/calls.h"

#include <gmock/gmock.h>
#include <grpcpp/test/default_reactor_test_peer.h>

#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/ledger/reason.h"

namespace owo::rpc {
namespace {

TEST(CallsTest, WhatIsMalformedNeverRuns) {
  Executor executor("test", 1, 10);
  Calls calls(executor);
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  pb::GetCustomerResponse response;
  calls.Read(
      &context, Parse(pb::GetCustomerRequest()), &response,
      [](const storage::ReadOptions&, const std::string&) -> absl::StatusOr<storage::Customer> {
        ADD_FAILURE() << "it ran";
        return storage::Customer();
      });
  ASSERT_TRUE(peer.test_status_set());
  EXPECT_EQ(peer.test_status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(CallsTest, WhatIsInMemoryIsAnsweredOnTheSameThread) {
  Executor executor("test", 1, 10);
  Calls calls(executor);
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  pb::GetCustomerResponse response;
  calls.Read(&context, absl::StatusOr<std::string>("ada"), &response,
             [](const storage::ReadOptions& read,
                const std::string&) -> absl::StatusOr<storage::Customer> {
               EXPECT_EQ(read.tier, storage::ReadTier::kMemoryOnly);
               return ledger::Refuse(ledger::Reason::kCustomerNotFound, "nobody");
             });
  ASSERT_TRUE(peer.test_status_set());
  EXPECT_EQ(peer.test_status().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST(CallsTest, WhatIsNotInMemoryIsReadByTheExecutor) {
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  pb::GetCustomerResponse response;
  int tries = 0;
  {
    Executor executor("test", 1, 10);  // finishes what it took
    Calls calls(executor);
    calls.Read(&context, absl::StatusOr<std::string>("ada"), &response,
               [&](const storage::ReadOptions& read,
                   const std::string&) -> absl::StatusOr<storage::Customer> {
                 ++tries;
                 if (read.tier == storage::ReadTier::kMemoryOnly) return storage::ReadNeedsDisk();
                 return ledger::Refuse(ledger::Reason::kCustomerNotFound, "nobody");
               });
  }
  EXPECT_EQ(tries, 2);
  ASSERT_TRUE(peer.test_status_set());
  EXPECT_EQ(peer.test_status().error_code(), grpc::StatusCode::NOT_FOUND);
}

// It would keep gRPC's thread from other calls.
TEST(CallsTest, ALongPageIsReadByTheExecutor) {
  for (const int size : {100, 101}) {
    grpc::CallbackServerContext context;
    grpc::testing::DefaultReactorTestPeer peer(&context);
    pb::ListPlansRequest request;
    request.set_page_size(size);
    pb::ListPlansResponse response;
    bool at_once = false;
    {
      Executor executor("test", 1, 10);  // finishes what it took
      Calls(executor).List(
          &context, &request, &response,
          [&](const storage::ReadOptions& read, const SlugsQuery&) -> absl::StatusOr<CatalogPage> {
            at_once = read.tier == storage::ReadTier::kMemoryOnly;
            return absl::NotFoundError("none");
          });
    }
    EXPECT_EQ(at_once, size == 100);
  }
}

TEST(CallsTest, AServerThatStopsSendsCallersElsewhere) {
  Executor executor("test", 1, 10);
  Calls calls(executor);
  calls.Stop();
  const auto never = [](const std::string&, auto* /*reactor*/) { ADD_FAILURE() << "it ran"; };
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  calls.Now(&context, absl::StatusOr<std::string>("ada"), never);
  ASSERT_TRUE(peer.test_status_set());
  EXPECT_EQ(peer.test_status().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(CallsTest, BeyondItsBoundTheQueueRefusesAtOnceAndSaysWhenToComeBack) {
  Executor executor("test", 1, 1);
  absl::Notification started;
  absl::Notification go_on;
  ASSERT_TRUE(executor.Post([&] {
    started.Notify();
    go_on.WaitForNotification();
  }));
  started.WaitForNotification();
  ASSERT_TRUE(executor.Post([] {}));  // waits: the queue is full
  Calls calls(executor);
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer(&context);
  pb::GetCustomerResponse response;
  calls.Read(&context, absl::StatusOr<std::string>("ada"), &response,
             [](const storage::ReadOptions& read,
                const std::string&) -> absl::StatusOr<storage::Customer> {
               EXPECT_EQ(read.tier, storage::ReadTier::kMemoryOnly) << "it ran";
               return storage::ReadNeedsDisk();
             });
  ASSERT_TRUE(peer.test_status_set());
  EXPECT_EQ(peer.test_status().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(peer.test_status().error_details()));
  ASSERT_EQ(details.details_size(), 2);
  EXPECT_TRUE(details.details(1).Is<google::rpc::RetryInfo>());
  go_on.Notify();
}

}  // namespace
}  // namespace owo::rpc
