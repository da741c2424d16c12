#include "client/cpp/errors.h"

#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include "client/cpp/internal/status_details.h"
#include "google/rpc/error_details.pb.h"
#include "tests/client/test_server.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ErrorsTest, ReasonAndMetadataComeFromTheDetailsOfTheCall) {
  const absl::Status status = FromGrpc(testing::ErrorStatus(
      grpc::StatusCode::NOT_FOUND, "CUSTOMER_NOT_FOUND", {{"customer", "user_123"}}));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(status), "CUSTOMER_NOT_FOUND");
  EXPECT_THAT(ErrorMetadata(status), ElementsAre(Pair("customer", "user_123")));
}

TEST(ErrorsTest, OtherDetailsArePayloads) {
  const absl::Status status = FromGrpc(testing::ErrorStatus(
      grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", {}, absl::Milliseconds(1500)));
  const auto retry = Detail<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), 1);
  EXPECT_EQ(retry->retry_delay().nanos(), 500'000'000);
}

TEST(ErrorsTest, WithoutDetailsThereIsNoReason) {
  for (const absl::Status& status :
       {absl::OkStatus(), absl::UnavailableError("no server"),
        FromGrpc(grpc::Status(grpc::StatusCode::INTERNAL, "damaged", "\xff\xff"))}) {
    EXPECT_EQ(ErrorReason(status), "") << status;
    EXPECT_THAT(ErrorMetadata(status), IsEmpty()) << status;
  }
  EXPECT_EQ(FromGrpc(grpc::Status(grpc::StatusCode::INTERNAL, "damaged", "\xff\xff")),
            absl::InternalError("damaged"));
}

TEST(ErrorsTest, ReasonsOfOthersAreNotOurs) {
  google::rpc::ErrorInfo info;
  info.set_domain("proxy.example");
  info.set_reason("NO_UNBILLED_USAGE");
  absl::Status status = absl::UnavailableError("from a proxy");
  SetDetail(info, status);
  EXPECT_EQ(ErrorReason(status), "");
}

TEST(ErrorsTest, MadeErrorsReadLikeReceivedOnes) {
  const absl::Status status = MakeError(absl::StatusCode::kFailedPrecondition, "NO_UNBILLED_USAGE",
                                        "nothing to invoice", {{"customer", "user_123"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "nothing to invoice");
  EXPECT_EQ(ErrorReason(status), "NO_UNBILLED_USAGE");
  EXPECT_THAT(ErrorMetadata(status), ElementsAre(Pair("customer", "user_123")));
}

}  // namespace
}  // namespace owo
