// The client against a real gRPC server.

#include "client/cpp/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/cpp/owostack.h"
#include "tests/client/proto_text.h"
#include "tests/client/test_server.h"

namespace owo {
namespace {

using ::testing::_;
using ::testing::DoAll;
using testing::EqualsProto;
using testing::ErrorStatus;
using testing::FromText;
using ::testing::Pointee;
using ::testing::Return;
using ::testing::SetArgPointee;
using ::testing::SizeIs;
using testing::TestServer;

namespace v1 = ::owo::billing::v1;

class ConnectionTest : public ::testing::Test {
 protected:
  OwostackOptions Options() {
    return {.endpoint = server_.endpoint(),
            .retry = {.sleep = [this](absl::Duration pause) { pauses_.push_back(pause); }}};
  }

  TestServer server_;
  std::vector<absl::Duration> pauses_;
};

std::vector<std::string> Authorization(const grpc::ServerContext& context) {
  std::vector<std::string> values;
  const auto [begin, end] = context.client_metadata().equal_range("authorization");
  for (auto it = begin; it != end; ++it) {
    values.emplace_back(it->second.data(), it->second.size());
  }
  return values;
}

TEST_F(ConnectionTest, AsksAndReturnsTheAnswer) {
  EXPECT_CALL(server_.billing, Usage(_, Pointee(EqualsProto("customer: 'user_123'")), _))
      .WillOnce(DoAll(SetArgPointee<2>(FromText<v1::UsageResponse>(
                          "customer: 'user_123' currency: 'USD' total_estimated: 8731")),
                      Return(grpc::Status::OK)));
  Owostack owo(Options());
  const absl::StatusOr<BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
  ASSERT_TRUE(usage.ok()) << usage.status();
  EXPECT_EQ(*usage, (BillingUsageResult{
                        .customer = "user_123", .currency = "USD", .total_estimated = 8731}));
}

TEST_F(ConnectionTest, FailuresHaveTheirReason) {
  EXPECT_CALL(server_.billing, Invoice)
      .WillOnce(Return(ErrorStatus(grpc::StatusCode::FAILED_PRECONDITION, "NO_UNBILLED_USAGE",
                                   {{"customer", "user_123"}})));
  const auto result = Owostack(Options()).billing.invoice({.customer = "user_123"});
  EXPECT_TRUE(absl::IsFailedPrecondition(result.status())) << result.status();
  EXPECT_EQ(ErrorReason(result.status()), "NO_UNBILLED_USAGE");
  EXPECT_EQ(ErrorMetadata(result.status()).at("customer"), "user_123");
}

TEST_F(ConnectionTest, GathersAllPages) {
  EXPECT_CALL(server_.billing,
              ListInvoices(_, Pointee(EqualsProto("customer: 'user_123' page_size: 100")), _))
      .WillOnce(DoAll(SetArgPointee<2>(FromText<v1::ListInvoicesResponse>(
                          "invoices { id: 'c' } invoices { id: 'b' } next_page_token: 'more'")),
                      Return(grpc::Status::OK)));
  EXPECT_CALL(
      server_.billing,
      ListInvoices(
          _, Pointee(EqualsProto("customer: 'user_123' page_size: 100 page_token: 'more'")), _))
      .WillOnce(DoAll(SetArgPointee<2>(FromText<v1::ListInvoicesResponse>("invoices { id: 'a' }")),
                      Return(grpc::Status::OK)));
  const auto result = Owostack(Options()).billing.invoices({.customer = "user_123"});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_THAT(result->invoices, SizeIs(3));
  EXPECT_EQ(result->invoices[0].id, "c");
  EXPECT_EQ(result->invoices[1].id, "b");
  EXPECT_EQ(result->invoices[2].id, "a");
}

// An empty page is not necessarily the last one.
TEST_F(ConnectionTest, GathersEventsUntilThereIsNoNextPage) {
  const auto answer = [](const char* text) {
    return DoAll(SetArgPointee<2>(FromText<v1::ListInvoiceEventsResponse>(text)),
                 Return(grpc::Status::OK));
  };
  EXPECT_CALL(server_.billing, ListInvoiceEvents)
      .WillOnce([](auto*, const v1::ListInvoiceEventsRequest* request,
                   v1::ListInvoiceEventsResponse* response) {
        EXPECT_THAT(*request, EqualsProto("invoice_id: 'inv_1' page_size: 1000"));
        response->set_next_page_token("more");
        return grpc::Status::OK;
      })
      .WillOnce(answer("events { event_id: 'a' } next_page_token: 'even more'"))
      .WillOnce(answer("events { event_id: 'b' }"));
  const auto events = Owostack(Options()).billing.invoice_events({.invoice_id = "inv_1"});
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_THAT(*events, SizeIs(2));
  EXPECT_EQ((*events)[0].event_id, "a");
  EXPECT_EQ((*events)[1].event_id, "b");
}

TEST_F(ConnectionTest, AFailingPageFailsTheList) {
  EXPECT_CALL(server_.billing, ListInvoices)
      .WillOnce(DoAll(SetArgPointee<2>(FromText<v1::ListInvoicesResponse>(
                          "invoices { id: 'b' } next_page_token: 'more'")),
                      Return(grpc::Status::OK)))
      .WillOnce(Return(grpc::Status(grpc::StatusCode::INTERNAL, "")));
  const auto result = Owostack(Options()).billing.invoices({});
  EXPECT_TRUE(absl::IsInternal(result.status())) << result.status();
}

TEST_F(ConnectionTest, AllAttemptsCarryTheSameRequestIdInContextsOfTheirOwn) {
  std::vector<std::string> request_ids;
  const auto fail_with = [&](const grpc::Status& status) {
    return [&request_ids, status](grpc::ServerContext* context, const v1::InvoiceRequest* request,
                                  v1::InvoiceResponse* /*response*/) {
      request_ids.push_back(request->request_id());
      EXPECT_THAT(Authorization(*context), ::testing::ElementsAre("Bearer sk_test"));
      return status;
    };
  };
  EXPECT_CALL(server_.billing, Invoice)
      .WillOnce(fail_with(ErrorStatus(grpc::StatusCode::UNAVAILABLE, "STORE_UNAVAILABLE")))
      .WillOnce(fail_with(ErrorStatus(grpc::StatusCode::ABORTED, "CONTENTION")))
      .WillOnce(fail_with(ErrorStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", {},
                                      absl::Milliseconds(300))))
      .WillOnce(fail_with(grpc::Status::OK));
  OwostackOptions options = Options();
  options.secret_key = "sk_test\n";
  EXPECT_TRUE(Owostack(options).billing.invoice({.customer = "user_123"}).ok());
  ASSERT_THAT(request_ids, SizeIs(4));
  EXPECT_THAT(request_ids, ::testing::Each(request_ids.front()));
  ASSERT_THAT(pauses_, SizeIs(3));
  EXPECT_GE(pauses_[2], absl::Milliseconds(300));
}

TEST_F(ConnectionTest, WithoutAKeyNothingIsSent) {
  EXPECT_CALL(server_.billing, Usage).WillOnce([](grpc::ServerContext* context, auto*, auto*) {
    EXPECT_THAT(Authorization(*context), ::testing::IsEmpty());
    return grpc::Status::OK;
  });
  EXPECT_TRUE(Owostack(Options()).billing.usage({}).ok());
}

TEST_F(ConnectionTest, AKeyThatCannotBeSentIsAnError) {
  OwostackOptions options = Options();
  options.secret_key = "sk_\ntest";
  const auto usage = Owostack(options).billing.usage({});
  EXPECT_TRUE(absl::IsInvalidArgument(usage.status())) << usage.status();
}

TEST_F(ConnectionTest, BatchesOfTrackAreCallsLikeOthers) {
  std::vector<std::string> requests;
  const auto answer_with = [&](const grpc::Status& status) {
    return [&requests, status](grpc::ServerContext* context, const v1::TrackBatchRequest* request,
                               v1::TrackBatchResponse* response) {
      EXPECT_THAT(Authorization(*context), ::testing::ElementsAre("Bearer sk_test"));
      EXPECT_LT(absl::FromChrono(context->deadline()), absl::Now() + absl::Seconds(11));
      requests.push_back(request->SerializeAsString());
      response->add_codes(v1::TRACK_CODE_LIMIT_EXCEEDED);
      return status;
    };
  };
  EXPECT_CALL(server_.metering, TrackBatch)
      .WillOnce(answer_with(ErrorStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", {},
                                        absl::Milliseconds(1))))
      .WillOnce(answer_with(grpc::Status::OK));
  OwostackOptions options = Options();
  options.secret_key = "sk_test";
  std::vector<TrackFailure> failures;
  options.track.on_failure = [&](const TrackFailure& failure) { failures.push_back(failure); };
  const Owostack owo(options);
  ASSERT_TRUE(owo.track({.customer = "user_123", .feature = "calls", .quantity = "1"}).ok());
  EXPECT_TRUE(owo.flush(absl::Now() + absl::Minutes(1)).ok());
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0], requests[1]);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].code, TrackCode::kLimitExceeded);
}

TEST_F(ConnectionTest, ABatchOfTrackThatIsGivenUpIsCancelled) {
  absl::Notification called;
  absl::Notification answered;
  bool cancelled = false;
  EXPECT_CALL(server_.metering, TrackBatch)
      .WillOnce([&](grpc::ServerContext* context, auto*, auto*) {
        called.Notify();
        answered.WaitForNotification();
        while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
        cancelled = true;
        return grpc::Status::OK;
      });
  OwostackOptions options = Options();
  options.call_timeout = absl::Hours(1);
  options.track.batch_size = 1;
  options.track.close_timeout = absl::ZeroDuration();
  int failures = 0;
  options.track.on_failure = [&](const TrackFailure& /*failure*/) { ++failures; };
  {
    const Owostack owo(options);
    ASSERT_TRUE(owo.track({.customer = "user_123"}).ok());
    called.WaitForNotification();
  }
  answered.Notify();
  server_.Stop();  // waits until the handler has returned
  EXPECT_EQ(failures, 1);
  EXPECT_TRUE(cancelled);
}

TEST_F(ConnectionTest, BatchesOfTrackAreNotSentWithAKeyThatCannotBe) {
  OwostackOptions options = Options();
  options.secret_key = "sk_\ntest";
  std::vector<absl::Status> failures;
  options.track.on_failure = [&](const TrackFailure& failure) {
    failures.push_back(failure.status);
  };
  const Owostack owo(options);
  ASSERT_TRUE(owo.track({.customer = "user_123"}).ok());
  EXPECT_TRUE(owo.flush(absl::Now() + absl::Minutes(1)).ok());
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_TRUE(absl::IsInvalidArgument(failures[0])) << failures[0];
}

TEST_F(ConnectionTest, CallsHaveADeadline) {
  absl::Notification answered;
  // On a busy machine the timeout may expire before the call reaches the server.
  const auto answer_late = [&](auto*, auto*, auto*) {
    answered.WaitForNotification();
    return grpc::Status::OK;
  };
  EXPECT_CALL(server_.billing, Usage).Times(::testing::AtMost(1)).WillRepeatedly(answer_late);
  OwostackOptions options = Options();
  options.call_timeout = absl::Milliseconds(50);
  const auto usage = Owostack(options).billing.usage({});
  answered.Notify();
  server_.Stop();  // waits until the handler has returned
  EXPECT_TRUE(absl::IsDeadlineExceeded(usage.status())) << usage.status();
}

TEST_F(ConnectionTest, TheDeadlineIsTenSecondsUnlessSaidOtherwise) {
  absl::Time deadline;
  EXPECT_CALL(server_.billing, Usage).WillOnce([&](grpc::ServerContext* context, auto*, auto*) {
    deadline = absl::FromChrono(context->deadline());
    return grpc::Status::OK;
  });
  const absl::Time before = absl::Now();
  EXPECT_TRUE(Owostack(Options()).billing.usage({}).ok());
  // gRPC sends the remaining time, in rounded units.
  EXPECT_GT(deadline, before + absl::Seconds(9));
  EXPECT_LT(deadline, absl::Now() + absl::Seconds(11));
}

TEST_F(ConnectionTest, WithoutAServerTheAddressIsNamed) {
  server_.Stop();
  const auto usage = Owostack(Options()).billing.usage({});
  EXPECT_TRUE(absl::IsUnavailable(usage.status())) << usage.status();
  EXPECT_THAT(std::string(usage.status().message()), ::testing::HasSubstr(server_.endpoint()));
  EXPECT_THAT(pauses_, SizeIs(RetryOptions{}.attempts_max - 1));
}

TEST_F(ConnectionTest, AServerThatComesBackIsReached) {
  EXPECT_CALL(server_.billing, Usage).Times(2).WillRepeatedly(Return(grpc::Status::OK));
  OwostackOptions options = Options();
  bool is_back = false;
  options.retry.jitter = [](absl::Duration longest) { return longest; };
  options.retry.sleep = [&](absl::Duration pause) {
    if (!is_back) server_.Start();
    is_back = true;
    absl::SleepFor(pause);  // really pauses, so that the channel reconnects meanwhile
  };
  const Owostack owo(options);
  ASSERT_TRUE(owo.billing.usage({}).ok());
  server_.Stop();
  const auto usage = owo.billing.usage({});
  EXPECT_TRUE(usage.ok()) << usage.status();
  EXPECT_TRUE(is_back);
}

}  // namespace
}  // namespace owo
