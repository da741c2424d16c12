#include "service/rpc/reflection.h"

#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace owo::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

template <typename Response>
void NotFound(const std::string& what, Response& response) {
  response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
  response.mutable_error_response()->set_error_message("there is no " + what);
}

template <typename Response>
void ShowFile(const Descriptors& descriptors, const FileDescriptor* file, const std::string& what,
              Response& response) {
  if (file == nullptr) return NotFound(what, response);
  for (std::string& bytes : descriptors.WithImports(*file)) {
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(std::move(bytes));
  }
}

const FileDescriptor* FileOfExtension(const Descriptors& descriptors, const std::string& type,
                                      int number) {
  const Descriptor* const extended = descriptors.pool().FindMessageTypeByName(type);
  if (extended == nullptr) return nullptr;
  const FieldDescriptor* const extension =
      descriptors.pool().FindExtensionByNumber(extended, number);
  return extension == nullptr ? nullptr : extension->file();
}

template <typename Response>
void ShowExtensions(const Descriptors& descriptors, const std::string& type, Response& response) {
  const Descriptor* const extended = descriptors.pool().FindMessageTypeByName(type);
  if (extended == nullptr) return NotFound("message type " + type, response);
  response.mutable_all_extension_numbers_response()->set_base_type_name(type);
  std::vector<const FieldDescriptor*> extensions;
  descriptors.pool().FindAllExtensions(extended, &extensions);
  for (const FieldDescriptor* extension : extensions) {
    response.mutable_all_extension_numbers_response()->add_extension_number(extension->number());
  }
}

}  // namespace

template <typename Request, typename Response>
void Reflection::Answer(const Request& request, Response& response) const {
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const google::protobuf::DescriptorPool& pool = descriptors_.pool();
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return ShowFile(descriptors_, pool.FindFileByName(request.file_by_filename()),
                      "file " + request.file_by_filename(), response);
    case Request::kFileContainingSymbol:
      return ShowFile(descriptors_, pool.FindFileContainingSymbol(request.file_containing_symbol()),
                      "symbol " + request.file_containing_symbol(), response);
    case Request::kFileContainingExtension: {
      const auto& extension = request.file_containing_extension();
      return ShowFile(
          descriptors_,
          FileOfExtension(descriptors_, extension.containing_type(), extension.extension_number()),
          "such extension of " + extension.containing_type(), response);
    }
    case Request::kAllExtensionNumbersOfType:
      return ShowExtensions(descriptors_, request.all_extension_numbers_of_type(), response);
    case Request::kListServices:
      for (const std::string& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      return;
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
  response.mutable_error_response()->set_error_message("the request asks for nothing");
}

// Answers requests one after another, until the client or the server ends the stream.
template <typename Request, typename Response>
class Reflection::Stream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit Stream(Reflection& reflection) : reflection_(reflection) {
    if (!reflection_.stopping_) {
      this->StartRead(&request_);
    } else {
      this->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::OK);
    response_.Clear();
    reflection_.Answer(request_, response_);
    this->StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::CANCELLED);
    this->StartRead(&request_);
  }

  void OnDone() override { delete this; }

 private:
  Reflection& reflection_;
  Request request_;
  Response response_;
};

template <typename Base, typename Request, typename Response>
class Reflection::Service final : public Base {
 public:
  explicit Service(Reflection& reflection) : reflection_(reflection) {}

  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* /*context*/) override {
    return new Stream<Request, Response>(reflection_);
  }

 private:
  Reflection& reflection_;
};

Reflection::Reflection(std::vector<std::string> services) : services_(std::move(services)) {
  namespace v1 = grpc::reflection::v1;
  namespace v1alpha = grpc::reflection::v1alpha;
  services_.emplace_back(grpc::health::v1::Health::service_full_name());
  services_.emplace_back(v1::ServerReflection::service_full_name());
  services_.emplace_back(v1alpha::ServerReflection::service_full_name());
  using V1 = Service<v1::ServerReflection::CallbackService, v1::ServerReflectionRequest,
                     v1::ServerReflectionResponse>;
  using V1Alpha = Service<v1alpha::ServerReflection::CallbackService,
                          v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>;
  protocols_.push_back(std::make_unique<V1>(*this));
  protocols_.push_back(std::make_unique<V1Alpha>(*this));
}

Reflection::~Reflection() = default;

void Reflection::Register(grpc::ServerBuilder& builder) {
  for (const auto& protocol : protocols_) builder.RegisterService(protocol.get());
}

}  // namespace owo::rpc
