#include "tests/end_to_end/generic_client.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <fstream>
#include <future>
#include <stdexcept>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"

namespace owo {
namespace {

namespace reflection = ::grpc::reflection::v1;
using google::protobuf::Descriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::Message;

constexpr std::chrono::seconds kTimeout(60);  // more than any call takes

reflection::ServerReflectionResponse Ask(const std::shared_ptr<grpc::Channel>& channel,
                                         const reflection::ServerReflectionRequest& request) {
  const auto stub = reflection::ServerReflection::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  const auto stream = stub->ServerReflectionInfo(&context);
  reflection::ServerReflectionResponse response;
  const bool answered = stream->Write(request) && stream->WritesDone() && stream->Read(&response);
  const grpc::Status status = stream->Finish();
  if (!answered || !status.ok()) throw std::runtime_error(status.error_message());
  return response;
}

void Check(const google::protobuf::util::Status& status, const std::string& what) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(what, ": ", status.ToString()));
}

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  Check(google::protobuf::util::MessageToJsonString(message, &json, options),
        message.GetTypeName());
  return json;
}

void Parse(const grpc::ByteBuffer& buffer, Message& message) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok() ||
      !message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    throw std::runtime_error("the answer is no " + message.GetTypeName());
  }
}

std::unique_ptr<google::protobuf::DescriptorDatabase> FilesOf(const std::string& descriptor_set) {
  std::ifstream file(descriptor_set, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromIstream(&file)) throw std::runtime_error("no descriptors: " + descriptor_set);
  auto files = std::make_unique<google::protobuf::SimpleDescriptorDatabase>();
  for (const FileDescriptorProto& one : set.file()) files->Add(one);
  return files;
}

}  // namespace

// The files of the server, fetched when they are first looked for.
class GenericClient::ServerFiles : public google::protobuf::DescriptorDatabase {
 public:
  explicit ServerFiles(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  bool FindFileByName(const std::string& name, FileDescriptorProto* file) override {
    reflection::ServerReflectionRequest request;
    request.set_file_by_filename(name);
    return files_.FindFileByName(name, file) ||
           (Fetch(request) && files_.FindFileByName(name, file));
  }
  bool FindFileContainingSymbol(const std::string& symbol, FileDescriptorProto* file) override {
    reflection::ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    return files_.FindFileContainingSymbol(symbol, file) ||
           (Fetch(request) && files_.FindFileContainingSymbol(symbol, file));
  }
  bool FindFileContainingExtension(const std::string&, int, FileDescriptorProto*) override {
    return false;
  }

 private:
  bool Fetch(const reflection::ServerReflectionRequest& request) {
    const auto response = Ask(channel_, request);
    if (!response.has_file_descriptor_response()) return false;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      FileDescriptorProto file;
      FileDescriptorProto known;
      if (!file.ParseFromString(bytes)) throw std::runtime_error("a file that does not parse");
      if (!files_.FindFileByName(file.name(), &known)) files_.Add(file);
    }
    return true;
  }

  const std::shared_ptr<grpc::Channel> channel_;
  google::protobuf::SimpleDescriptorDatabase files_;
};

struct GenericClient::Connection {
  explicit Connection(const std::string& endpoint)
      : channel(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials())),
        files(std::make_unique<ServerFiles>(channel)) {}
  Connection(const std::string& endpoint, const std::string& descriptor_set)
      : channel(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials())),
        files(FilesOf(descriptor_set)) {}

  const google::protobuf::MethodDescriptor& Method(const std::string& name) const {
    const auto* const method = pool.FindMethodByName(absl::StrReplaceAll(name, {{"/", "."}}));
    if (method == nullptr) throw std::runtime_error("the server has no " + name);
    return *method;
  }

  std::unique_ptr<Message> New(const Descriptor& type) {
    return std::unique_ptr<Message>(factory.GetPrototype(&type)->New());
  }

  Json Details(const std::string& bytes) {
    if (bytes.empty()) return Json();
    const Descriptor* const type = pool.FindMessageTypeByName("google.rpc.Status");
    if (type == nullptr) throw std::runtime_error("the descriptors lack google.rpc.Status");
    const auto details = New(*type);
    if (!details->ParseFromString(bytes)) throw std::runtime_error("details that do not parse");
    return Json(ToJson(*details));
  }

  const std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub{channel};
  const std::unique_ptr<google::protobuf::DescriptorDatabase> files;
  google::protobuf::DescriptorPool pool{files.get()};
  google::protobuf::DynamicMessageFactory factory{&pool};
};

std::string Answer::Detail(const std::string& type, std::string_view path) const {
  for (int i = 0; i < details.Size("details"); ++i) {
    const std::string at = absl::StrCat("details.", i, ".");
    if (absl::EndsWith(details[at + "@type"], "/" + type)) {
      return details[at + std::string(path)];
    }
  }
  return "";
}

GenericClient::GenericClient(const std::string& endpoint)
    : connection_(std::make_unique<Connection>(endpoint)) {}

GenericClient::GenericClient(const std::string& endpoint, const std::string& descriptor_set)
    : connection_(std::make_unique<Connection>(endpoint, descriptor_set)) {}

GenericClient::~GenericClient() = default;

std::vector<std::string> GenericClient::Services() {
  reflection::ServerReflectionRequest request;
  request.set_list_services("*");
  const auto response = Ask(connection_->channel, request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  return names;
}

std::vector<std::string> GenericClient::Methods(const std::string& service) {
  const auto* const descriptor = connection_->pool.FindServiceByName(service);
  if (descriptor == nullptr) throw std::runtime_error("the server has no " + service);
  std::vector<std::string> names;
  for (int i = 0; i < descriptor->method_count(); ++i) {
    names.push_back(absl::StrCat(service, "/", descriptor->method(i)->name()));
  }
  return names;
}

const google::protobuf::DescriptorPool& GenericClient::pool() const { return connection_->pool; }

std::string GenericClient::Encode(const std::string& method, const std::string& request) {
  const auto message = connection_->New(*connection_->Method(method).input_type());
  Check(google::protobuf::util::JsonStringToMessage(request, message.get()), request);
  return message->SerializeAsString();
}

Answer GenericClient::Call(const std::string& method, const std::string& request,
                           const CallOptions& options) {
  std::string bytes = Encode(method, request);
  if (options.padding > 0) {
    constexpr int kUnknownField = 100'000;
    google::protobuf::UnknownFieldSet padding;
    padding.AddLengthDelimited(kUnknownField, std::string(options.padding, 'x'));
    std::string more;
    padding.SerializeToString(&more);
    bytes += more;
  }
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + options.timeout);
  std::promise<grpc::Status> promise;
  connection_->stub.UnaryCall(&context, "/" + method, {}, &sent, &received,
                              [&promise](grpc::Status status) { promise.set_value(status); });
  const grpc::Status status = promise.get_future().get();

  const auto code = static_cast<absl::StatusCode>(status.error_code());
  Answer answer{.code = status.ok() ? "OK" : absl::StatusCodeToString(code),
                .message = status.error_message(),
                .details = connection_->Details(status.error_details())};
  if (status.ok()) {
    const auto response = connection_->New(*connection_->Method(method).output_type());
    Parse(received, *response);
    answer.body = Json(ToJson(*response));
  }
  return answer;
}

}  // namespace owo
