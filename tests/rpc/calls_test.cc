#include "service/rpc/calls.h"

#include <gmock/gmock.h>

#include <map>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/ledger/errors.h"
#include "service/rpc/catalog/parse_catalog.h"
#include "service/rpc/catalog/render_catalog.h"
#include "service/rpc/customers/parse_customers.h"
#include "service/rpc/customers/render_customers.h"
#include "service/rpc/message_bytes.h"
#include "service/rpc/metering/parse_metering.h"
#include "tests/support/recorded_log.h"
#include "tests/support/recorded_metrics.h"

namespace owo::rpc {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Customer = absl::StatusOr<storage::Customer>;

// A method that everybody may call, as the transport makes methods of descriptors.
struct OpenMethod {
  explicit OpenMethod(const Method& of) : method(of) {
    method.needs = {.any_of = ledger::Scopes::All()};
  }
  Method method;
};

// A call without a transport. It outlives its answer, so that tests can examine it.
class TestCall final : private OpenMethod, public Call {
 public:
  TestCall(const Method& of, const CallParts& parts, const google::protobuf::Message& request)
      : OpenMethod(of), Call(method, parts), bytes_(request.SerializeAsString()) {}

  void Start() { Call::Start(bytes_); }
  void Cancel() { cancelled_ = true; }
  void SetDeadline(absl::Time deadline) { deadline_ = absl::ToUnixMicros(deadline); }
  void SetMetadata(std::string_view key, std::string_view value) {
    metadata_[std::string(key)] = value;
  }
  // Waits for the answer.
  const grpc::Status& status() {
    answered_.WaitForNotification();
    return status_;
  }
  bool answered() const { return answered_.HasBeenNotified(); }

 private:
  void Send(grpc::Status status) override {
    status_ = std::move(status);
    answered_.Notify();
  }
  bool IsCancelled() const override { return cancelled_; }
  storage::Micros Deadline() const override { return deadline_; }
  std::string_view Metadata(std::string_view key) const override {
    const auto found = metadata_.find(key);
    return found == metadata_.end() ? std::string_view() : found->second;
  }

  const std::string bytes_;
  bool cancelled_ = false;
  storage::Micros deadline_ = storage::kForever;
  std::map<std::string, std::string, std::less<>> metadata_;
  grpc::Status status_;
  absl::Notification answered_;
};

pb::GetCustomerRequest Ada() {
  pb::GetCustomerRequest request;
  request.set_customer("ada");
  return request;
}

class CallsTest : public ::testing::Test {
 protected:
  template <typename Work>
  Method GetCustomer(Work work) {
    return calls_.Read<pb::GetCustomerRequest, pb::GetCustomerResponse>(
        "GetCustomer", ParseGetCustomerRequest, work, RenderGetCustomerResponse);
  }
  Method Never() {
    return GetCustomer(
        [](const CallContext&, const storage::ReadOptions&, const std::string&) -> Customer {
          ADD_FAILURE() << "it ran";
          return storage::Customer();
        });
  }
  // Runs a call, on this thread if possible, otherwise on the executor, and returns its answer.
  grpc::Status Run(const Method& method,
                   const google::protobuf::Message& request = pb::GetCustomerRequest(Ada())) {
    TestCall call(method, parts_, request);
    call.Start();
    return call.status();
  }

  CallsInFlight in_flight_{{.read_bytes = 1 << 20, .write_bytes = 1 << 20}};
  const access::KeyRing ring_;
  const Authenticator authenticator_{{.ring = ring_}, ledger::SystemTime};
  telemetry::RecordedLog log_;
  BoundedLog failures_{log_};
  const CallParts parts_{in_flight_, authenticator_, failures_, telemetry::NoMetrics()};
  Executor executor_{"test", 1, 1};
  Executor readers_{"test", 1, 1};
  Calls calls_{executor_, readers_};
};

TEST_F(CallsTest, WhatIsMalformedNeverRuns) {
  EXPECT_EQ(Run(Never(), pb::GetCustomerRequest()).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CallsTest, WhatNoCallerWaitsForNeverRuns) {
  const Method never = Never();
  TestCall left(never, parts_, Ada());
  left.Cancel();
  left.Start();
  EXPECT_EQ(left.status().error_code(), grpc::StatusCode::CANCELLED);
  TestCall late(never, parts_, Ada());
  late.SetDeadline(absl::Now() - absl::Seconds(1));
  late.Start();
  EXPECT_EQ(late.status().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(CallsTest, ACallHasADeadlineEvenIfItsCallerNamesNone) {
  std::vector<storage::Micros> deadlines;
  const Method method = GetCustomer(
      [&](const CallContext& context, const storage::ReadOptions&, const std::string&) -> Customer {
        deadlines.push_back(context.deadline);
        return storage::Customer();
      });
  CallParts parts = parts_;
  parts.deadline_max = absl::Minutes(2);
  const absl::Time before = absl::Now();
  TestCall without(method, parts, Ada());
  without.Start();
  TestCall late(method, parts, Ada());
  late.SetDeadline(before + absl::Hours(1));
  late.Start();
  TestCall soon(method, parts, Ada());
  soon.SetDeadline(before + absl::Minutes(1));
  soon.Start();
  ASSERT_EQ(deadlines.size(), 3U);
  for (const storage::Micros capped : {deadlines[0], deadlines[1]}) {
    EXPECT_GE(capped, absl::ToUnixMicros(before + absl::Minutes(2)));
    EXPECT_LE(capped, absl::ToUnixMicros(absl::Now() + absl::Minutes(2)));
  }
  EXPECT_EQ(deadlines[2], absl::ToUnixMicros(before + absl::Minutes(1)));
}

TEST_F(CallsTest, WhatIsInMemoryIsAnsweredOnTheSameThread) {
  const Method method = GetCustomer(
      [](const CallContext&, const storage::ReadOptions& read, const std::string&) -> Customer {
        EXPECT_EQ(read.tier, storage::ReadTier::kMemoryOnly);
        return ledger::Refuse(ledger::Reason::kCustomerNotFound, "no such customer");
      });
  TestCall call(method, parts_, Ada());
  call.Start();
  ASSERT_TRUE(call.answered());
  EXPECT_EQ(call.status().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(CallsTest, WhatIsNotInMemoryIsReadByTheExecutor) {
  std::atomic<int> tries = 0;
  const Method method = GetCustomer(
      [&](const CallContext&, const storage::ReadOptions& read, const std::string&) -> Customer {
        ++tries;
        if (read.tier == storage::ReadTier::kMemoryOnly) return storage::ReadNeedsDisk();
        return ledger::Refuse(ledger::Reason::kCustomerNotFound, "no such customer");
      });
  EXPECT_EQ(Run(method).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(tries, 2);
}

// A long page would block gRPC's thread for too long.
TEST_F(CallsTest, ALongPageIsReadByTheExecutor) {
  for (const int size : {100, 101}) {
    bool at_once = false;
    pb::ListPlansRequest request;
    request.set_page_size(size);
    Run(calls_.List<pb::ListPlansRequest, pb::ListPlansResponse>(
            "ListPlans", ParseListPlansRequest,
            [&](const CallContext&, const storage::ReadOptions& read,
                const SlugsQuery&) -> absl::StatusOr<ledger::PlansPage> {
              at_once = read.tier == storage::ReadTier::kMemoryOnly;
              return absl::NotFoundError("none");
            },
            RenderListPlansResponse),
        request);
    EXPECT_EQ(at_once, size == 100);
  }
}

TEST_F(CallsTest, ACallIsAnonymousOfTheDefaultTenantUntilItsDeadlineAndHasTheNamesItCameWith) {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const absl::Time deadline = absl::Now() + absl::Hours(1);
  const Method method = GetCustomer(
      [&](const CallContext& context, const storage::ReadOptions&, const std::string&) -> Customer {
        EXPECT_EQ(context.principal->name, "anonymous");
        EXPECT_EQ(context.principal->scopes, ledger::Scopes::All());
        EXPECT_EQ(context.tenant, storage::kDefaultTenant);
        EXPECT_NEAR(context.now(), ledger::SystemTime(), 60e6);
        EXPECT_EQ(context.deadline, absl::ToUnixMicros(deadline));
        EXPECT_EQ(context.correlation_id(), "r-17");
        EXPECT_EQ(context.traceparent(), traceparent);
        return storage::Customer();
      });
  TestCall call(method, parts_, Ada());
  call.SetDeadline(deadline);
  call.SetMetadata("x-request-id", "r-17");
  call.SetMetadata("traceparent", traceparent);
  call.Start();
  EXPECT_TRUE(call.status().ok());
}

TEST_F(CallsTest, ANameThatIsTooLongOrNotPrintableIsIgnored) {
  const Method never = Never();
  TestCall call(never, parts_, Ada());
  EXPECT_EQ(call.correlation_id(), "");
  for (const std::string& name : {std::string(129, 'x'), std::string("a\nb"),
                                  std::string("\xc3\xa9"), std::string("a\0b", 3)}) {
    call.SetMetadata("x-request-id", name);
    call.SetMetadata("traceparent", name);
    EXPECT_EQ(call.correlation_id(), "");
    EXPECT_EQ(call.traceparent(), "");
  }
  call.SetMetadata("x-request-id", std::string(128, 'x'));
  EXPECT_EQ(call.correlation_id(), std::string(128, 'x'));
}

Method Failing(Calls& calls, const absl::Status& error) {
  return calls.Read<pb::GetCustomerRequest, pb::GetCustomerResponse>(
      "GetCustomer", ParseGetCustomerRequest,
      [error](const CallContext&, const storage::ReadOptions&, const std::string&) -> Customer {
        return error;
      },
      RenderGetCustomerResponse);
}

TEST_F(CallsTest, ADefectIsLoggedWithTheCallThatMetIt) {
  const Method method = Failing(calls_, absl::DataLossError("block 7"));
  TestCall call(method, parts_, Ada());
  call.SetMetadata("x-request-id", "r-17");
  call.SetMetadata("traceparent", "00-0af7-b7ad-01");
  call.Start();
  EXPECT_EQ(call.status().error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(log_.lines(),
              ElementsAre("ERROR: internal error method=GetCustomer principal=anonymous "
                          "correlation_id=r-17 traceparent=00-0af7-b7ad-01 "
                          "error=\"DATA_LOSS: block 7\""));
}

TEST_F(CallsTest, WhatCallersAreToldIsNotLogged) {
  Run(Failing(calls_, ledger::Refuse(ledger::Reason::kCustomerNotFound, "no such customer")));
  Run(Failing(calls_, ledger::PastDeadline()));
  Run(Failing(calls_, absl::ResourceExhaustedError("queue")));
  EXPECT_THAT(log_.lines(), IsEmpty());
  Run(Failing(calls_, absl::UnavailableError("/data/12.log: EIO")));
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("store unavailable")));
}

// A defect that has a caller's text in it.
TEST_F(CallsTest, FailedCallsLogFewBoundedPrintableLines) {
  const Method method = Failing(
      calls_, absl::InternalError("feature \x1b[31m\n\xe2\x80\xae" + std::string(100'000, '\n')));
  for (int i = 0; i < 1000; ++i) Run(method);
  const std::vector<std::string> lines = log_.lines();
  EXPECT_GE(lines.size(), BoundedLog::kBurst);
  EXPECT_LE(lines.size(), BoundedLog::kBurst + 1);
  EXPECT_THAT(lines, Each(HasSubstr("feature \\x1b[31m\\n\\xe2\\x80\\xae")));
  for (const std::string& line : lines) EXPECT_LT(line.size(), 1500U);
}

TEST_F(CallsTest, CallsAreCountedByCodeTimedAndInFlightUntilTheirAnswerIsSent) {
  telemetry::RecordedMetrics metrics;
  Method method = GetCustomer(
      [](const CallContext&, const storage::ReadOptions&, const std::string& id) -> Customer {
        if (id == "ada") return storage::Customer();
        return ledger::Refuse(ledger::Reason::kCustomerNotFound, "no such customer");
      });
  method.metrics = CallMetrics(metrics, "Customers", "GetCustomer");
  {
    TestCall call(method, parts_, Ada());
    EXPECT_EQ(metrics.value("owo_calls_in_flight/Customers/GetCustomer"), 0);
    call.Start();
    EXPECT_TRUE(call.status().ok());
    EXPECT_EQ(metrics.value("owo_calls_in_flight/Customers/GetCustomer"), 1);
  }
  EXPECT_EQ(metrics.value("owo_calls_in_flight/Customers/GetCustomer"), 0);
  pb::GetCustomerRequest bob;
  bob.set_customer("bob");
  Run(method, bob);
  EXPECT_EQ(metrics.value("owo_calls_total/Customers/GetCustomer/OK"), 1);
  EXPECT_EQ(metrics.value("owo_calls_total/Customers/GetCustomer/NOT_FOUND"), 1);
  EXPECT_EQ(metrics.value("owo_call_duration_seconds/Customers/GetCustomer"), 2);
  in_flight_.Stop();
  Run(method);  // is not admitted, and so neither timed nor in flight
  EXPECT_EQ(metrics.value("owo_calls_total/Customers/GetCustomer/UNAVAILABLE"), 1);
  EXPECT_EQ(metrics.value("owo_call_duration_seconds/Customers/GetCustomer"), 2);
  EXPECT_EQ(metrics.value("owo_calls_in_flight/Customers/GetCustomer"), 0);
}

TEST_F(CallsTest, AServerThatStopsSendsCallersElsewhere) {
  in_flight_.Stop();
  EXPECT_EQ(Run(Never()).error_code(), grpc::StatusCode::UNAVAILABLE);
}

// Expects OVERLOADED, with the delay before a retry.
void ExpectOverloaded(const grpc::Status& status) {
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 2);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "OVERLOADED");
  EXPECT_TRUE(details.details(1).Is<google::rpc::RetryInfo>());
}

TEST_F(CallsTest, BeyondItsBoundTheQueueRefusesAtOnceAndSaysWhenToComeBack) {
  absl::Notification started;
  absl::Notification go_on;
  Executor readers("test", 1, 1);
  ASSERT_TRUE(readers.Post([&] {
    started.Notify();
    go_on.WaitForNotification();
  }));
  started.WaitForNotification();
  ASSERT_TRUE(readers.Post([] {}));  // waits: the queue is full
  Calls calls(executor_, readers);
  ExpectOverloaded(Run(calls.Read<pb::GetCustomerRequest, pb::GetCustomerResponse>(
      "GetCustomer", ParseGetCustomerRequest,
      [](const CallContext&, const storage::ReadOptions& read, const std::string&) -> Customer {
        EXPECT_EQ(read.tier, storage::ReadTier::kMemoryOnly) << "it ran";
        return storage::ReadNeedsDisk();
      },
      RenderGetCustomerResponse)));
  go_on.Notify();
}

// An answer counts until the transport has finished sending it.
TEST_F(CallsTest, AnswersThatWaitToBeSentCountAndReadsBeyondTheBudgetAreRefused) {
  CallsInFlight in_flight({.read_bytes = 50'000, .write_bytes = 50'000});
  const CallParts parts{in_flight, authenticator_, failures_, telemetry::NoMetrics()};
  const Method method = GetCustomer(
      [](const CallContext&, const storage::ReadOptions&, const std::string&) -> Customer {
        storage::Customer customer;
        customer.record.set_name(std::string(25'000, 'x'));
        return customer;
      });
  TestCall first(method, parts, Ada());
  first.Start();
  EXPECT_TRUE(first.status().ok());
  EXPECT_GE(in_flight.bytes(CallKind::kRead), 25'000U);
  {
    TestCall second(method, parts, Ada());  // one may go beyond the bound
    second.Start();
    EXPECT_TRUE(second.status().ok());
    TestCall third(method, parts, Ada());
    third.Start();
    ExpectOverloaded(third.status());
  }
  TestCall fourth(method, parts, Ada());
  fourth.Start();
  EXPECT_TRUE(fourth.status().ok());
  EXPECT_EQ(in_flight.bytes(CallKind::kWrite), 0U);
}

TEST_F(CallsTest, ARequestOfTooManyFieldsIsRefusedAndNeverRuns) {
  pb::CreateCustomerRequest request;
  Method never = calls_.Write<pb::CreateCustomerRequest, pb::CreateCustomerResponse>(
      "CreateCustomer", ParseCreateCustomerRequest, [](auto&&...) { ADD_FAILURE() << "it ran"; },
      RenderCreateCustomerResponse);
  auto& unknown = *request.GetReflection()->MutableUnknownFields(&request);
  while (static_cast<size_t>(unknown.field_count()) <= kFieldsMax) unknown.AddVarint(15, 1);
  telemetry::RecordedMetrics metrics;
  never.metrics = CallMetrics(metrics, "Customers", "CreateCustomer");
  {
    TestCall call(never, parts_, request);
    call.Start();
    EXPECT_EQ(call.status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    // Until it is sent, the refusal takes part of the budget, and much less than the request would.
    EXPECT_EQ(in_flight_.calls(), 1);
    EXPECT_GT(in_flight_.bytes(CallKind::kWrite), 0U);
    EXPECT_LT(in_flight_.bytes(CallKind::kWrite), 20'000U);
  }
  EXPECT_EQ(in_flight_.calls(), 0);
  EXPECT_EQ(metrics.value("owo_call_duration_seconds/Customers/CreateCustomer"), 1);
  in_flight_.Stop();
  EXPECT_EQ(Run(never, request).error_code(), grpc::StatusCode::UNAVAILABLE);
}

// A batch of a kilobyte may have hundreds of events.
TEST_F(CallsTest, TheMemoryOfABatchCountsWhileItIsProcessed) {
  CallsInFlight in_flight({.read_bytes = 0, .write_bytes = 1 << 20});
  std::vector<Call*> running;
  Method batch = Calls::Make<pb::TrackBatchRequest, pb::TrackBatchResponse>(
      "TrackBatch", CallKind::kWrite, [&](Call& call) { running.push_back(&call); });
  batch.memory_of = BatchMemory;
  pb::TrackBatchRequest request;
  for (int i = 0; i < 600; ++i) request.add_events();
  const CallParts parts{in_flight, authenticator_, failures_, telemetry::NoMetrics()};
  TestCall first(batch, parts, request);
  TestCall second(batch, parts, request);
  TestCall third(batch, parts, request);
  first.Start();
  second.Start();
  third.Start();
  ASSERT_EQ(running.size(), 2U);
  ExpectOverloaded(third.status());
  for (Call* const call : running) call->Finish(grpc::Status::OK);
  EXPECT_LT(in_flight.bytes(CallKind::kWrite), 30'000U);
}

TEST_F(CallsTest, ALongPageHasRoomForItsAnswerBeforeItIsRead) {
  CallsInFlight in_flight({.read_bytes = 100'000, .write_bytes = 0});
  const CallParts parts{in_flight, authenticator_, failures_, telemetry::NoMetrics()};
  absl::Notification go_on;
  Executor readers("test", 1, 100);
  Calls calls(executor_, readers);
  ASSERT_TRUE(readers.Post([&] { go_on.WaitForNotification(); }));
  const Method method = calls.List<pb::ListPlansRequest, pb::ListPlansResponse>(
      "ListPlans", ParseListPlansRequest,
      [](const CallContext&, const storage::ReadOptions&, const SlugsQuery&)
          -> absl::StatusOr<ledger::PlansPage> { return absl::NotFoundError("none"); },
      RenderListPlansResponse);
  pb::ListPlansRequest request;
  request.set_page_size(500);
  TestCall first(method, parts, request);
  TestCall second(method, parts, request);
  TestCall third(method, parts, request);
  first.Start();
  second.Start();
  EXPECT_GE(in_flight.bytes(CallKind::kRead), 100'000U);
  third.Start();
  ASSERT_TRUE(third.answered());
  ExpectOverloaded(third.status());
  EXPECT_FALSE(first.answered());
  go_on.Notify();
  first.status();
  second.status();
}

}  // namespace
}  // namespace owo::rpc
