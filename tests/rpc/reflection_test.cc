// What a client without the protos learns about the API from the server.

#include "service/rpc/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "tests/support/server.h"

namespace owo::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// The two versions of the protocol, whose messages have the same bytes.
class ReflectionTest : public ::testing::TestWithParam<std::string> {
 protected:
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
  using Stream = grpc::ClientReaderWriter<Request, Response>;

  std::unique_ptr<Stream> Open(grpc::ClientContext& context) {
    const grpc::internal::RpcMethod method(path_.c_str(),
                                           grpc::internal::RpcMethod::BIDI_STREAMING);
    return std::unique_ptr<Stream>(
        grpc::internal::ClientReaderWriterFactory<Request, Response>::Create(channel_.get(), method,
                                                                             &context));
  }
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
  // Adds the files of an answer to the pool, each after its imports.
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

  const std::string path_ =
      "/grpc.reflection." + GetParam() + ".ServerReflection/ServerReflectionInfo";
  InProcessServer server_;
  std::shared_ptr<grpc::Channel> channel_ = server_.NewChannel();
  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_ = Open(context_);
  google::protobuf::DescriptorPool pool_;
};

INSTANTIATE_TEST_SUITE_P(Versions, ReflectionTest, ::testing::Values("v1", "v1alpha"),
                         [](const auto& version) { return version.param; });

TEST_P(ReflectionTest, ListsTheServices) {
  Request request;
  request.set_host("example");
  request.set_list_services("*");
  const auto response = Ask(request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, UnorderedElementsAre("owo.billing.v1.Billing", "owo.billing.v1.Metering",
                                          "owo.billing.v1.Customers", "owo.billing.v1.Catalog",
                                          "owo.billing.v1.Admin", "grpc.health.v1.Health",
                                          "grpc.reflection.v1.ServerReflection"));
  EXPECT_EQ(response.valid_host(), "example");
  EXPECT_EQ(response.original_request().list_services(), "*");
  for (const std::string& name : names) Learn(AskForSymbol(name));
  for (const std::string& name : names) EXPECT_NE(pool_.FindServiceByName(name), nullptr);
}

TEST_P(ReflectionTest, ShowsTheCommentsOfEverythingInTheApi) {
  Learn(AskForSymbol("owo.billing.v1.Billing"));
  const auto comment = [](const auto* descriptor) {
    google::protobuf::SourceLocation location;
    EXPECT_TRUE(descriptor->GetSourceLocation(&location));
    return location.leading_comments;
  };
  const auto* const billing = pool_.FindServiceByName("owo.billing.v1.Billing");
  EXPECT_THAT(comment(billing), StartsWith(" What customers owe"));
  for (int i = 0; i < billing->method_count(); ++i) {
    EXPECT_NE(comment(billing->method(i)), "") << billing->method(i)->name();
    const auto* const request = billing->method(i)->input_type();
    EXPECT_NE(comment(request), "") << request->name();
    for (int j = 0; j < request->field_count(); ++j) {
      EXPECT_NE(comment(request->field(j)), "") << request->field(j)->full_name();
    }
  }
  EXPECT_THAT(comment(pool_.FindFieldByName("owo.billing.v1.UsageRequest.customer")),
              HasSubstr("1–254 bytes"));
}

TEST_P(ReflectionTest, FindsMessagesMethodsFieldsAndEnumValues) {
  for (const char* symbol : {"owo.billing.v1.Billing.Usage", "owo.billing.v1.UsageRequest.customer",
                             "owo.billing.v1.INVOICE_STATUS_PAID", "owo.billing.v1.ErrorReason"}) {
    EXPECT_TRUE(AskForSymbol(symbol).has_file_descriptor_response()) << symbol;
  }
}

TEST_P(ReflectionTest, KnowsWhatErrorDetailsConsistOf) {
  for (const char* symbol : {"google.rpc.Status", "google.rpc.ErrorInfo", "google.rpc.BadRequest",
                             "google.rpc.RetryInfo", "google.protobuf.Any",
                             "google.protobuf.Timestamp", "google.protobuf.FieldMask"}) {
    Learn(AskForSymbol(symbol));
    EXPECT_NE(pool_.FindMessageTypeByName(symbol), nullptr) << symbol;
  }
}

TEST_P(ReflectionTest, GivesFilesByNameWithTheirImports) {
  Request request;
  request.set_file_by_filename("owo/billing/v1/billing.proto");
  Learn(Ask(request));
  EXPECT_NE(pool_.FindFileByName("owo/billing/v1/billing.proto"), nullptr);
  EXPECT_NE(pool_.FindFileByName("google/protobuf/timestamp.proto"), nullptr);
}

TEST_P(ReflectionTest, SaysWhatIsNotThereAndGoesOn) {
  EXPECT_EQ(AskForSymbol("owo.billing.v1.Billing.Nope").error_response().error_code(), 5);
  Request request;
  request.set_file_by_filename("nope.proto");
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  request.mutable_file_containing_extension()->set_containing_type("google.protobuf.Any");
  request.mutable_file_containing_extension()->set_extension_number(1);
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  request.set_all_extension_numbers_of_type("nope");
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
  EXPECT_EQ(Ask({}).error_response().error_code(), 3);
  request.set_all_extension_numbers_of_type("google.protobuf.Any");
  EXPECT_EQ(Ask(request).all_extension_numbers_response().base_type_name(), "google.protobuf.Any");
  EXPECT_TRUE(AskForSymbol("owo.billing.v1.Billing").has_file_descriptor_response());
}

TEST_P(ReflectionTest, AnswersEachRequestAlone) {
  const size_t bytes = AskForSymbol("owo.billing.v1.Billing").ByteSizeLong();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(AskForSymbol("owo.billing.v1.Billing").ByteSizeLong(), bytes);
  }
}

// The options that say what an RPC needs.
TEST_P(ReflectionTest, FindsExtensions) {
  constexpr char kOptions[] = "google.protobuf.MethodOptions";
  Request request;
  request.set_all_extension_numbers_of_type(kOptions);
  const Response all = Ask(request);
  EXPECT_EQ(all.all_extension_numbers_response().base_type_name(), kOptions);
  EXPECT_THAT(all.all_extension_numbers_response().extension_number(),
              testing::UnorderedElementsAre(50501, 50502));
  request.mutable_file_containing_extension()->set_containing_type(kOptions);
  request.mutable_file_containing_extension()->set_extension_number(50501);
  const Response response = Ask(request);
  ASSERT_TRUE(response.has_file_descriptor_response());
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(file.ParseFromString(response.file_descriptor_response().file_descriptor_proto(0)));
  EXPECT_EQ(file.name(), "owo/billing/v1/access.proto");
  request.mutable_file_containing_extension()->set_extension_number(7);
  EXPECT_EQ(Ask(request).error_response().error_code(), 5);
}

TEST_P(ReflectionTest, OpenStreamsAndTheirRequestsAreBounded) {
  struct Other {
    grpc::ClientContext context;
    std::unique_ptr<Stream> stream;
  };
  AskForSymbol("google.protobuf.Any");
  Request request;
  request.set_file_containing_symbol("google.protobuf.Any");
  Response response;
  std::vector<std::unique_ptr<Other>> others;
  for (int i = 1; i < Reflection::kStreamsMax; ++i) {
    Other& other = *others.emplace_back(std::make_unique<Other>());
    other.stream = Open(other.context);
    ASSERT_TRUE(other.stream->Write(request) && other.stream->Read(&response)) << i;
  }
  grpc::ClientContext context;
  const auto refused = Open(context);
  EXPECT_FALSE(refused->Read(&response));
  const grpc::Status status = refused->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_details(), HasSubstr("google.rpc.RetryInfo"));

  request.set_file_containing_symbol(std::string(Reflection::kRequestBytesMax + 1, 'x'));
  EXPECT_TRUE(stream_->Write(request));
  EXPECT_FALSE(stream_->Read(&response));
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request.set_file_containing_symbol("google.protobuf.Any");
  // The place of the stream that ended is free a moment later.
  bool taken = false;
  for (const absl::Time end = absl::Now() + absl::Seconds(30); !taken && absl::Now() < end;) {
    grpc::ClientContext again;
    const auto stream = Open(again);
    taken = stream->Write(request) && stream->Read(&response);
    again.TryCancel();
    stream->Finish();
  }
  EXPECT_TRUE(taken);
}

// Refused streams wait for clients that do not read; beyond a bound they are canceled instead.
TEST_P(ReflectionTest, WhereTooManyRefusedStreamsWaitAStreamIsCanceled) {
  Reflection reflection({"owo.billing.v1.Billing"}, {.refused_max = 0});
  grpc::ServerBuilder builder;
  builder.RegisterService(&reflection);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  channel_ =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  Request request;
  request.set_file_containing_symbol("google.protobuf.Any");
  Response response;
  std::array<grpc::ClientContext, Reflection::kStreamsMax> contexts;
  std::vector<std::unique_ptr<Stream>> open;
  for (grpc::ClientContext& context : contexts) {
    open.push_back(Open(context));
    ASSERT_TRUE(open.back()->Write(request) && open.back()->Read(&response)) << open.size();
  }
  grpc::ClientContext context;
  const auto canceled = Open(context);
  EXPECT_FALSE(canceled->Read(&response));
  EXPECT_EQ(canceled->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(open[0]->Write(request) && open[0]->Read(&response));
  for (grpc::ClientContext& each : contexts) each.TryCancel();
  for (const auto& stream : open) stream->Finish();
}

TEST_P(ReflectionTest, AnOpenStreamDoesNotHoldUpTheServersEnd) {
  AskForSymbol("owo.billing.v1.Billing");
  const absl::Time before = absl::Now();
  server_.server().Shutdown(absl::Seconds(60));
  EXPECT_LT(absl::Now() - before, absl::Seconds(30));
  Response response;
  EXPECT_FALSE(stream_->Read(&response));
}

}  // namespace
}  // namespace owo::rpc
