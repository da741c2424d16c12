// What a client that knows nothing of the API gets to know of it from the server.

#include "service/rpc/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include "absl/time/clock.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "tests/support/server.h"

namespace owo::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

struct V1 {
  using Service = grpc::reflection::v1::ServerReflection;
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};
struct V1Alpha {
  using Service = grpc::reflection::v1alpha::ServerReflection;
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

template <typename Api>
class ReflectionTest : public ::testing::Test {
 protected:
  using Request = typename Api::Request;
  using Response = typename Api::Response;

  Response Ask(const Request& request) {
    Response response;
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }
  Response AskForSymbol(const std::string& symbol) {
    Request request;
    request.set_file_containing_symbol(symbol);
    return Ask(request);
  }
  // Adds the files of an answer to the pool, each behind what it imports.
  void Learn(const Response& response) {
    std::vector<google::protobuf::FileDescriptorProto> files;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      EXPECT_TRUE(files.emplace_back().ParseFromString(bytes));
    }
    while (!files.empty()) {
      const size_t before = files.size();
      std::erase_if(files, [this](const auto& file) {
        for (const std::string& import : file.dependency()) {
          if (pool_.FindFileByName(import) == nullptr) return false;
        }
        return pool_.FindFileByName(file.name()) != nullptr || pool_.BuildFile(file) != nullptr;
      });
      ASSERT_LT(files.size(), before) << "a file lacks what it imports";
    }
  }

  InProcessServer server_;
  std::unique_ptr<typename Api::Service::Stub> stub_ = server_.Stub<typename Api::Service>();
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_ =
      stub_->ServerReflectionInfo(&context_);
  google::protobuf::DescriptorPool pool_;
};

using Apis = ::testing::Types<V1, V1Alpha>;
TYPED_TEST_SUITE(ReflectionTest, Apis);

TYPED_TEST(ReflectionTest, ListsTheServices) {
  typename TypeParam::Request request;
  request.set_host("example");
  request.set_list_services("*");
  const auto response = this->Ask(request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names,
              UnorderedElementsAre("owo.billing.v1.Billing", "owo.billing.v1.Metering",
                                   "owo.billing.v1.Customers", "owo.billing.v1.Catalog",
                                   "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                   "grpc.reflection.v1alpha.ServerReflection"));
  EXPECT_EQ(response.valid_host(), "example");
  EXPECT_EQ(response.original_request().list_services(), "*");
  for (const std::string& name : names) this->Learn(this->AskForSymbol(name));
  for (const std::string& name : names) EXPECT_NE(this->pool_.FindServiceByName(name), nullptr);
}

TYPED_TEST(ReflectionTest, ShowsTheCommentsOfEverythingInTheApi) {
  this->Learn(this->AskForSymbol("owo.billing.v1.Billing"));
  const auto comment = [](const auto* descriptor) {
    google::protobuf::SourceLocation location;
    EXPECT_TRUE(descriptor->GetSourceLocation(&location));
    return location.leading_comments;
  };
  const auto* const billing = this->pool_.FindServiceByName("owo.billing.v1.Billing");
  EXPECT_THAT(comment(billing), StartsWith(" What customers owe"));
  for (int i = 0; i < billing->method_count(); ++i) {
    EXPECT_NE(comment(billing->method(i)), "") << billing->method(i)->name();
    const auto* const request = billing->method(i)->input_type();
    EXPECT_NE(comment(request), "") << request->name();
    for (int j = 0; j < request->field_count(); ++j) {
      EXPECT_NE(comment(request->field(j)), "") << request->field(j)->full_name();
    }
  }
  EXPECT_THAT(comment(this->pool_.FindFieldByName("owo.billing.v1.UsageRequest.customer")),
              HasSubstr("1–254 bytes"));
}

TYPED_TEST(ReflectionTest, FindsMessagesMethodsFieldsAndEnumValues) {
  for (const char* symbol : {"owo.billing.v1.Billing.Usage", "owo.billing.v1.UsageRequest.customer",
                             "owo.billing.v1.INVOICE_STATUS_PAID", "owo.billing.v1.ErrorReason"}) {
    EXPECT_TRUE(this->AskForSymbol(symbol).has_file_descriptor_response()) << symbol;
  }
}

TYPED_TEST(ReflectionTest, KnowsWhatErrorDetailsConsistOf) {
  for (const char* symbol : {"google.rpc.Status", "google.rpc.ErrorInfo", "google.rpc.BadRequest",
                             "google.rpc.RetryInfo", "google.protobuf.Any",
                             "google.protobuf.Timestamp", "google.protobuf.FieldMask"}) {
    this->Learn(this->AskForSymbol(symbol));
    EXPECT_NE(this->pool_.FindMessageTypeByName(symbol), nullptr) << symbol;
  }
}

TYPED_TEST(ReflectionTest, GivesFilesByNameWithTheirImports) {
  typename TypeParam::Request request;
  request.set_file_by_filename("owo/billing/v1/billing.proto");
  this->Learn(this->Ask(request));
  EXPECT_NE(this->pool_.FindFileByName("owo/billing/v1/billing.proto"), nullptr);
  EXPECT_NE(this->pool_.FindFileByName("google/protobuf/timestamp.proto"), nullptr);
}

TYPED_TEST(ReflectionTest, SaysWhatIsNotThereAndGoesOn) {
  EXPECT_EQ(this->AskForSymbol("owo.billing.v1.Billing.Nope").error_response().error_code(), 5);
  typename TypeParam::Request request;
  request.set_file_by_filename("nope.proto");
  EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
  request.mutable_file_containing_extension()->set_containing_type("google.protobuf.Any");
  request.mutable_file_containing_extension()->set_extension_number(1);
  EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
  request.set_all_extension_numbers_of_type("nope");
  EXPECT_EQ(this->Ask(request).error_response().error_code(), 5);
  EXPECT_EQ(this->Ask({}).error_response().error_code(), 3);
  request.set_all_extension_numbers_of_type("google.protobuf.Any");
  EXPECT_EQ(this->Ask(request).all_extension_numbers_response().base_type_name(),
            "google.protobuf.Any");
  EXPECT_TRUE(this->AskForSymbol("owo.billing.v1.Billing").has_file_descriptor_response());
}

TYPED_TEST(ReflectionTest, AnOpenStreamDoesNotHoldUpTheServersEnd) {
  this->AskForSymbol("owo.billing.v1.Billing");
  const absl::Time before = absl::Now();
  this->server_.server().Shutdown(absl::Seconds(60));
  EXPECT_LT(absl::Now() - before, absl::Seconds(30));
  typename TypeParam::Response response;
  EXPECT_FALSE(this->stream_->Read(&response));
}

}  // namespace
}  // namespace owo::rpc
