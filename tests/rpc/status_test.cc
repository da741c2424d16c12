#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "owo/billing/v1/errors.pb.h"
#include "service/ledger/errors.h"
#include "service/rpc/bounded_log.h"
#include "service/rpc/errors.h"
#include "storage/disk_full.h"
#include "tests/client/proto_text.h"

namespace owo::rpc {
namespace {

using ledger::Reason;
using ledger::Refuse;
using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The numbers are in order of precedence, except for reasons that were added later.
std::vector<Reason> InOrder() {
  std::vector<Reason> reasons = {
      Reason::kKeyMissing, Reason::kKeyMalformed, Reason::kKeyUnknown,     Reason::kKeyRevoked,
      Reason::kKeyExpired, Reason::kScopeMissing, Reason::kTenantSuspended};
  for (int number = 1; number <= static_cast<int>(Reason::kInternal); ++number) {
    reasons.push_back(static_cast<Reason>(number));
    if (reasons.back() == Reason::kRequestIdReused) {
      reasons.insert(reasons.end(),
                     {Reason::kTenantNotFound, Reason::kTenantExists, Reason::kTooManyTenants,
                      Reason::kApiKeyNotFound, Reason::kApiKeyEnded, Reason::kTooManyApiKeys});
    }
    if (reasons.back() == Reason::kPlanImmutable) {
      reasons.insert(reasons.end(), {Reason::kFeatureInUse, Reason::kCatalogTooLarge});
    }
    if (reasons.back() == Reason::kInvoiceNotFound) {
      reasons.insert(reasons.end(), {Reason::kLineNotFound, Reason::kEventsExpired});
    }
    if (reasons.back() == Reason::kContention) {
      reasons.insert(reasons.end(), {Reason::kCallRateExceeded, Reason::kEventRateExceeded});
    }
    if (reasons.back() == Reason::kOverloaded) reasons.push_back(Reason::kDiskFull);
  }
  return reasons;
}

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

// Returns the detail of this type; empty if there is none.
template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  Detail detail;
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& any : details.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&detail);
  }
  return detail;
}

// The rows of the table in the comment of ErrorReason: reason and code, in order of precedence.
std::vector<std::pair<std::string, std::string>> PublishedTable() {
  google::protobuf::FileDescriptorSet files;
  std::ifstream in(OWO_DESCRIPTOR_SET, std::ios::binary);
  EXPECT_TRUE(files.ParseFromIstream(&in)) << OWO_DESCRIPTOR_SET;
  google::protobuf::DescriptorPool pool;
  for (const auto& file : files.file()) pool.BuildFile(file);
  google::protobuf::SourceLocation location;
  pool.FindEnumTypeByName("owo.billing.v1.ErrorReason")->GetSourceLocation(&location);
  const std::regex row("^   ([A-Z_]+) +([A-Z_]+) .*");
  std::vector<std::pair<std::string, std::string>> rows;
  std::istringstream lines(location.leading_comments);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, row)) rows.emplace_back(match[1], match[2]);
  }
  return rows;
}

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

TEST(ReasonTest, TheLedgerAndTheApiNameAndNumberTheSame) {
  const auto* const reasons = billing::v1::ErrorReason_descriptor();
  EXPECT_EQ(reasons->value_count(), InOrder().size() + 1);
  for (const Reason reason : InOrder()) {
    const auto* const value = reasons->FindValueByNumber(static_cast<int>(reason));
    ASSERT_NE(value, nullptr) << static_cast<int>(reason);
    EXPECT_EQ(value->name(), "ERROR_REASON_" + std::string(ledger::NameOf(reason)));
  }
}

TEST(ReasonTest, ThePublishedTableHasEveryReasonInOrderOfPrecedence) {
  const auto rows = PublishedTable();
  const std::vector<Reason> reasons = InOrder();
  ASSERT_EQ(rows.size(), reasons.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& [name, code] = rows[i];
    EXPECT_EQ(name, ledger::NameOf(reasons[i]));
    EXPECT_EQ(code, CodeName(ledger::CodeOf(reasons[i]))) << name;
  }
}

TEST(ToGrpcTest, OkIsOk) { EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok()); }

TEST(ToGrpcTest, EveryReasonTravelsWithItsCodeAndName) {
  for (const Reason reason : InOrder()) {
    const grpc::Status status = ToGrpc(Refuse(reason, "why", {{"key", "value"}}));
    EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(ledger::CodeOf(reason)));
    const google::rpc::Status details = DetailsOf(status);
    EXPECT_EQ(details.code(), static_cast<int>(status.error_code()));
    EXPECT_EQ(details.message(), status.error_message());
    const auto info = DetailOf<google::rpc::ErrorInfo>(status);
    EXPECT_EQ(info.domain(), "billing.owo");
    EXPECT_EQ(info.reason(), ledger::NameOf(reason));
    EXPECT_EQ(info.metadata().at("key"), "value");
  }
}

TEST(ToGrpcTest, MalformedFieldsAreAllNamed) {
  const grpc::Status status =
      ToGrpc(ledger::RefuseFields({{"customer", "required"}, {"quantity", "got \"x\""}}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(DetailOf<google::rpc::BadRequest>(status),
              EqualsProto("field_violations { field: 'customer' description: 'required' } "
                          "field_violations { field: 'quantity' description: 'got \"x\"' }"));
}

TEST(ToGrpcTest, OverloadSaysWhenToTryAgain) {
  const grpc::Status status = ToGrpc(Overloaded());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_EQ(retry.retry_delay().seconds(), 0);
  EXPECT_GT(retry.retry_delay().nanos(), 0);
  EXPECT_THAT(DetailsOf(ToGrpc(Refuse(Reason::kContention, "x"))).details(), SizeIs(1));
}

TEST(ToGrpcTest, AFullQueueAFullDiskAndAFailureOfTheStoreAreToldApart) {
  EXPECT_EQ(
      DetailOf<google::rpc::ErrorInfo>(ToGrpc(absl::ResourceExhaustedError("queue"))).reason(),
      "OVERLOADED");
  const grpc::Status full = ToGrpc(storage::DiskFull("/data/000012.log"));
  EXPECT_EQ(full.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(full).reason(), "DISK_FULL");
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(full).retry_delay().seconds(), 0);
  const grpc::Status unavailable = ToGrpc(absl::UnavailableError("/data/var/000012.log: EIO"));
  EXPECT_EQ(unavailable.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(unavailable).reason(), "STORE_UNAVAILABLE");
}

TEST(ToGrpcTest, CallersDoNotSeeTheInsides) {
  for (const absl::Status& status :
       {absl::DataLossError("/data/var/000012.sst: bad block"), absl::UnavailableError("/data/x"),
        absl::UnknownError("/data/y"), storage::DiskFull("/data/z")}) {
    const grpc::Status shown = ToGrpc(status);
    EXPECT_THAT(shown.error_message(), Not(HasSubstr("/data")));
    EXPECT_THAT(shown.error_details(), Not(HasSubstr("/data")));
  }
}

TEST(ToGrpcTest, ALateCallIsToldThatItsDeadlineIsPast) {
  const grpc::Status status = ToGrpc(ledger::PastDeadline());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(status.error_message(), ledger::PastDeadline().message());
  EXPECT_EQ(LogMessageOf(ledger::PastDeadline()), "");
}

TEST(ToGrpcTest, AnyByteOfARequestComesThrough) {
  const std::string id("a\0b\x01\xc3\xa9", 6);
  const grpc::Status status = ToGrpc(Refuse(Reason::kEventIdReused, "x", {{"event_id", id}}));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("event_id"), id);
}

// Clients accept 8 KiB of metadata. A longer error would be hidden by another error.
TEST(ToGrpcTest, EveryErrorFitsIntoTheMetadataOfACall) {
  std::vector<ledger::FieldViolation> violations;
  std::string long_text;
  for (int i = 0; i < 5000; ++i) long_text += "é";
  for (int i = 0; i < 32; ++i) violations.push_back({"plans[0].name", long_text});
  for (const absl::Status& refusal :
       {ledger::RefuseFields(violations),
        Refuse(Reason::kCustomerNotFound, long_text, {{"customer", long_text}})}) {
    const grpc::Status status = ToGrpc(refusal);
    EXPECT_LT(3 * status.error_message().size() + status.error_details().size() * 4 / 3, 8000U);
    // The text is truncated between characters: "é" has two bytes, "…" three.
    EXPECT_THAT(status.error_message(), ::testing::EndsWith("é…"));
  }
}

TEST(EventErrorTest, SaysWhatTrackWouldHaveFailedWith) {
  billing::v1::EventError error;
  RenderEventError(ledger::RefuseFields({{"quantity", "got \"x\""}, {"feature", "required"}}),
                   error);
  EXPECT_EQ(error.reason(), billing::v1::ERROR_REASON_INVALID_REQUEST);
  EXPECT_EQ(error.field(), "quantity");
  EXPECT_THAT(error.message(), HasSubstr("quantity"));
  error.Clear();
  RenderEventError(Refuse(Reason::kEventTooOld, "old", {{"event_time", "t"}}), error);
  EXPECT_THAT(error, EqualsProto("reason: ERROR_REASON_EVENT_TOO_OLD message: 'old' "
                                 "metadata { key: 'event_time' value: 't' }"));
}

}  // namespace
}  // namespace owo::rpc
