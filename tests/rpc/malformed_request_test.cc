// Bytes that are not a valid request, sent to every RPC of the API over the network.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "tests/support/server.h"

namespace owo::rpc {
namespace {

namespace pb = ::owo::billing::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr int kDepthMax = 5;  // no message of the API is nested deeper

// Encodes a length-delimited field.
std::string Wire(int number, const std::string& value) {
  std::string bytes;
  for (uint32_t rest :
       {static_cast<uint32_t>(number) << 3 | 2, static_cast<uint32_t>(value.size())}) {
    for (; rest > 127; rest >>= 7) bytes += static_cast<char>(rest | 128);
    bytes += static_cast<char>(rest);
  }
  return bytes + value;
}

using Wrap = std::function<std::string(const std::string&)>;

// Calls visit(path, bytes) for each text field of a message, including nested messages and maps.
// `bytes` encode a message in which only that field is set, to `value`.
void ForEachText(const Descriptor& type, const std::string& value, const std::string& path,
                 const Wrap& wrap, int depth,
                 const std::function<void(const std::string&, const std::string&)>& visit) {
  for (int i = 0; i < type.field_count() && depth <= kDepthMax; ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool in_map = type.options().map_entry();
    const std::string at = in_map
                               ? path
                               : absl::StrCat(path, path.empty() ? "" : ".", field.name(),
                                              field.is_repeated() && !field.is_map() ? "[0]" : "");
    if (field.type() == FieldDescriptor::TYPE_STRING) visit(at, wrap(Wire(field.number(), value)));
    if (field.type() != FieldDescriptor::TYPE_MESSAGE) continue;
    const Wrap inside = [&](const std::string& bytes) { return wrap(Wire(field.number(), bytes)); };
    ForEachText(*field.message_type(), value, at, inside, depth + 1, visit);
  }
}

class MalformedRequestTest : public ::testing::Test {
 protected:
  MalformedRequestTest() { ::testing::internal::CaptureStderr(); }
  ~MalformedRequestTest() override {
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "callers can write to the log";
  }

  static std::vector<const MethodDescriptor*> Methods() {
    std::vector<const MethodDescriptor*> methods;
    for (const auto* file :
         {pb::UsageRequest::descriptor()->file(), pb::TrackRequest::descriptor()->file(),
          pb::GetCustomerRequest::descriptor()->file(), pb::GetPlanRequest::descriptor()->file()}) {
      for (int i = 0; i < file->service_count(); ++i) {
        for (int k = 0; k < file->service(i)->method_count(); ++k) {
          methods.push_back(file->service(i)->method(k));
        }
      }
    }
    return methods;
  }

  grpc::Status Send(const MethodDescriptor& method, const std::string& bytes) {
    grpc::ClientContext context;
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub_.UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()),
                    {}, &request, &response, [&](grpc::Status s) {
                      status = std::move(s);
                      done.Notify();
                    });
    done.WaitForNotification();
    return status;
  }

  // Expects INVALID_ARGUMENT and INVALID_REQUEST, with a violation of `field`; "*": of any field.
  void ExpectRefused(const MethodDescriptor& method, const std::string& bytes,
                     const std::string& field) {
    const grpc::Status status = Send(method, bytes);
    SCOPED_TRACE(absl::StrCat(method.full_name(), " ", field, ": ", status.error_message()));
    ASSERT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    google::rpc::Status details;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    ASSERT_EQ(details.details_size(), 2);
    google::rpc::ErrorInfo info;
    ASSERT_TRUE(details.details(0).UnpackTo(&info));
    EXPECT_EQ(info.reason(), "INVALID_REQUEST");
    google::rpc::BadRequest bad;
    ASSERT_TRUE(details.details(1).UnpackTo(&bad));
    ASSERT_EQ(bad.field_violations_size(), 1);
    EXPECT_NE(bad.field_violations(0).description(), "");
    if (field != "*") {
      EXPECT_EQ(bad.field_violations(0).field(), field);
    }
  }

  InProcessServer server_;
  grpc::GenericStub stub_{
      grpc::CreateChannel(server_.address(), grpc::InsecureChannelCredentials())};
};

TEST_F(MalformedRequestTest, TextThatIsNotUtf8IsRefusedByItsField) {
  int fields = 0;
  for (const MethodDescriptor* method : Methods()) {
    ForEachText(
        *method->input_type(), "a\xc3(", "", [](const std::string& b) { return b; }, 0,
        [&](const std::string& path, const std::string& bytes) {
          ExpectRefused(*method, bytes, path);
          ++fields;
        });
  }
  EXPECT_GT(fields, 80);
}

TEST_F(MalformedRequestTest, WireDataThatIsCutOffOrBrokenIsRefused) {
  for (const MethodDescriptor* method : Methods()) {
    ForEachText(
        *method->input_type(), "abc", "", [](const std::string& b) { return b; }, 0,
        [&](const std::string& path, const std::string& bytes) {
          if (path.find('.') != std::string::npos) return;
          ExpectRefused(*method, bytes.substr(0, bytes.size() - 1), "*");
        });
    for (const std::string bytes : {"\xff\xff\xff\xff garbage", "\x0a\x7f", "\x0b", "\x0f\x01",
                                    "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"}) {
      ExpectRefused(*method, bytes, "*");
    }
    ExpectRefused(*method, std::string(3, '\0'), "*");
  }
}

// Protobuf treats a field of a wrong type as unknown. The answer then names the missing field.
TEST_F(MalformedRequestTest, FieldsOfAWrongTypeNeverLookLikeAnRpcThatIsMissing) {
  for (const MethodDescriptor* method : Methods()) {
    if (Send(*method, "").error_code() == grpc::StatusCode::UNIMPLEMENTED) continue;
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const int number = method->input_type()->field(i)->number();
      for (const std::string& bytes :
           {std::string{static_cast<char>(number << 3), 1},
            std::string{static_cast<char>(number << 3 | 5), 0, 0, 0, 0}, Wire(number, "")}) {
        const grpc::StatusCode code = Send(*method, bytes).error_code();
        EXPECT_TRUE(code == grpc::StatusCode::OK || code == grpc::StatusCode::INVALID_ARGUMENT)
            << method->full_name() << " " << number << ": " << code;
      }
    }
  }
}

TEST_F(MalformedRequestTest, RandomBytesAreAnsweredByWhetherTheyParse) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (const MethodDescriptor* method : Methods()) {
    const google::protobuf::Message& prototype =
        *google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type());
    for (int i = 0; i < 50; ++i) {
      std::string bytes(random() % 40, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : 10);
      const std::unique_ptr<google::protobuf::Message> message(prototype.New());
      if (message->ParseFromString(bytes)) {
        const grpc::StatusCode code = Send(*method, bytes).error_code();
        EXPECT_NE(code, grpc::StatusCode::INTERNAL) << method->full_name();
      } else {
        ExpectRefused(*method, bytes, "*");
      }
    }
  }
}

}  // namespace
}  // namespace owo::rpc
