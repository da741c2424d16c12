#include "service/rpc/reflection.h"

#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/server_callback.h>

#if __has_include(<grpcpp/impl/server_callback_handlers.h>)  // newer releases
#include <grpcpp/impl/server_callback_handlers.h>
#else
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#endif

#include <set>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "service/rating/check.h"
#include "service/rpc/errors.h"

// A serialized FileDescriptorSet: descriptor_set.cc.
extern "C" const char owo_descriptor_set[];
extern "C" const char owo_descriptor_set_end[];

namespace owo::rpc {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using Files = grpc::reflection::v1::FileDescriptorResponse;

// Adds a file, after it what it imports, and each file once.
void AddWithImports(const FileDescriptor& file, std::set<const FileDescriptor*>& added,
                    Files& files) {
  if (!added.insert(&file).second) return;
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  file.CopyJsonNameTo(&proto);
  file.CopySourceCodeInfoTo(&proto);
  files.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddWithImports(*file.dependency(i), added, files);
  }
}

std::string_view AuthorizationOf(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return {};
  return {found->second.data(), found->second.size()};
}

}  // namespace

// Answers requests one after another, until the client or the server ends the stream.
class Reflection::Stream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  Stream(Reflection& reflection, grpc::CallbackServerContext& context) : reflection_(reflection) {
    absl::Status guarded;
    if (reflection.options_.guard) guarded = reflection.options_.guard(AuthorizationOf(context));
    if (guarded.ok() && Take(reflection.open_, kStreamsMax)) {
      StartRead(&request_);
    } else if (Take(reflection.refused_, reflection.options_.refused_max)) {
      Finish(ToGrpc(guarded.ok() ? Overloaded() : guarded));
    } else {
      context.TryCancel();
      Finish(grpc::Status::CANCELLED);
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    if (request_.ByteSizeLong() > kRequestBytesMax) {
      return Finish({grpc::StatusCode::INVALID_ARGUMENT, "the request is longer than 1,024 bytes"});
    }
    response_.Clear();
    reflection_.Answer(request_, response_);
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&request_);
  }

  void OnDone() override {
    if (taken_ != nullptr) --*taken_;
    delete this;
  }

 private:
  // Counts the stream among `streams` until it is done. Returns false if there are `max` already.
  bool Take(std::atomic<int>& streams, int max) {
    if (++streams > max) {
      --streams;
      return false;
    }
    taken_ = &streams;
    return true;
  }

  Reflection& reflection_;
  std::atomic<int>* taken_ = nullptr;
  Request request_;
  Response response_;
};

Reflection::Reflection(std::vector<std::string> services)
    : Reflection(std::move(services), Options()) {}

Reflection::Reflection(std::vector<std::string> services, Options options)
    : services_(std::move(services)), options_(std::move(options)) {
  services_.emplace_back(grpc::health::v1::Health::service_full_name());
  services_.emplace_back(grpc::reflection::v1::ServerReflection::service_full_name());
  Register(0, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  Register(1, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  google::protobuf::FileDescriptorSet set;
  const bool parsed = set.ParseFromArray(
      owo_descriptor_set, static_cast<int>(owo_descriptor_set_end - owo_descriptor_set));
  rating::Check(parsed, "the descriptor set does not parse");
  for (const FileDescriptorProto& file : set.file()) {  // each after its imports
    rating::Check(pool_.BuildFile(file) != nullptr, "a descriptor does not build");
  }
}

// Registers a method like the generated code of a callback method does.
void Reflection::Register(int index, const char* path) {
  using grpc::internal::RpcMethod;
  AddMethod(new grpc::internal::RpcServiceMethod(path, RpcMethod::BIDI_STREAMING, nullptr));
  MarkMethodCallback(index, new grpc::internal::CallbackBidiHandler<Request, Response>(
                                [this](grpc::CallbackServerContext* context) {
                                  return new Stream(*this, *context);
                                }));
}

void Reflection::Answer(const Request& request, Response& response) const {
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const auto show = [&response](const FileDescriptor* file) {
    if (file == nullptr) {
      response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
      response.mutable_error_response()->set_error_message("the server does not know it");
      return;
    }
    std::set<const FileDescriptor*> added;
    AddWithImports(*file, added, *response.mutable_file_descriptor_response());
  };
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return show(pool_.FindFileByName(request.file_by_filename()));
    case Request::kFileContainingSymbol:
      return show(pool_.FindFileContainingSymbol(request.file_containing_symbol()));
    case Request::kListServices:
      for (const std::string& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      return;
    case Request::kAllExtensionNumbersOfType: {
      const auto* const type = pool_.FindMessageTypeByName(request.all_extension_numbers_of_type());
      if (type == nullptr) return show(nullptr);
      auto& numbers = *response.mutable_all_extension_numbers_response();
      numbers.set_base_type_name(type->full_name());
      std::vector<const google::protobuf::FieldDescriptor*> extensions;
      pool_.FindAllExtensions(type, &extensions);
      for (const auto* const extension : extensions) {
        numbers.add_extension_number(extension->number());
      }
      return;
    }
    case Request::kFileContainingExtension: {
      const auto& wanted = request.file_containing_extension();
      const auto* const type = pool_.FindMessageTypeByName(wanted.containing_type());
      const auto* const extension =
          type == nullptr ? nullptr : pool_.FindExtensionByNumber(type, wanted.extension_number());
      return show(extension == nullptr ? nullptr : extension->file());
    }
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
  response.mutable_error_response()->set_error_message("the request asks for nothing");
}

}  // namespace owo::rpc
