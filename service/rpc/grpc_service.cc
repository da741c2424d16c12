#include "service/rpc/grpc_service.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#if __has_include(<grpcpp/impl/server_callback_handlers.h>)  // newer releases
#include <grpcpp/impl/server_callback_handlers.h>
#else
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#endif

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/rating/check.h"
#include "service/rpc/scopes.h"

namespace owo::rpc {
namespace {

using grpc::ByteBuffer;

class GrpcCall final : public grpc::ServerUnaryReactor, public Call {
 public:
  GrpcCall(const Method& method, const CallParts& parts, grpc::CallbackServerContext& context,
           ByteBuffer& request, ByteBuffer& response)
      : Call(method, parts), transport_(context), response_(response) {
    // Takes ownership of the request, so that it is freed before the answer is sent.
    ByteBuffer taken;
    taken.Swap(&request);
    grpc::Slice slice;  // shares the memory of the request if it is contiguous
    if (!taken.TrySingleSlice(&slice).ok() && !taken.DumpToSingleSlice(&slice).ok()) {
      slice = grpc::Slice();  // an empty request
    }
    Start(std::string_view(reinterpret_cast<const char*>(slice.begin()), slice.size()));
  }

  void OnDone() override { delete this; }
  void OnCancel() override {}

 private:
  // OnDone is short, so gRPC may call it inline instead of on another thread.
  bool InternalInlineable() override { return true; }

  void Send(grpc::Status status) override {
    if (status.ok()) {
      const grpc::Slice slice(response_bytes());
      response_message().SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
      response_ = ByteBuffer(&slice, 1);
    }
    ReleaseMessages();
    grpc::ServerUnaryReactor::Finish(std::move(status));
  }
  void Disconnect() override {
    if (parts().disconnect) parts().disconnect(transport_.peer());
  }
  bool IsCancelled() const override { return transport_.IsCancelled(); }
  storage::Micros Deadline() const override {
    const std::chrono::system_clock::time_point deadline = transport_.deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) return storage::kForever;
    return absl::ToUnixMicros(absl::FromChrono(deadline));
  }
  std::string_view Metadata(std::string_view key) const override {
    const auto& metadata = transport_.client_metadata();
    const auto found = metadata.find(grpc::string_ref(key.data(), key.size()));
    if (found == metadata.end()) return {};
    return {found->second.data(), found->second.size()};
  }

  grpc::CallbackServerContext& transport_;
  ByteBuffer& response_;
};

// Answers an RPC that the API has and this server does not implement.
void Unimplemented(Call& call) {
  call.Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "this server does not have that RPC"));
}

}  // namespace

void GrpcService::Serve(std::string_view service, std::vector<Method> methods) {
  namespace pb = google::protobuf;
  const pb::ServiceDescriptor* const descriptor =
      pb::DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  rating::Check(descriptor != nullptr, "a service is not in the API");
  methods_ = std::move(methods);
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const pb::MethodDescriptor& rpc = *descriptor->method(i);
    const auto served = [&rpc](const Method& method) { return method.name == rpc.name(); };
    if (std::ranges::any_of(methods_, served)) continue;
    pb::MessageFactory& factory = *pb::MessageFactory::generated_factory();
    methods_.push_back({.name = rpc.name(),
                        .request = factory.GetPrototype(rpc.input_type()),
                        .response = factory.GetPrototype(rpc.output_type()),
                        .run = Unimplemented});
  }
  rating::Check(methods_.size() == static_cast<size_t>(descriptor->method_count()),
                "a method is not in the API");
  for (Method& method : methods_) {
    method.metrics = CallMetrics(parts_.metrics, std::string(service), method.name);
    method.needs = NeedsOf(*descriptor->FindMethodByName(method.name));
    paths_.push_back(absl::StrCat("/", std::string(service), "/", method.name));
  }
  for (size_t i = 0; i < methods_.size(); ++i) Register(methods_[i], paths_[i]);
}

// Registers a method like the generated code of a raw callback method does.
void GrpcService::Register(const Method& method, const std::string& path) {
  const int index = static_cast<int>(&method - methods_.data());
  AddMethod(new grpc::internal::RpcServiceMethod(path.c_str(),
                                                 grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(
      index, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                 [this, &method](grpc::CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) -> grpc::ServerUnaryReactor* {
                   // The const_cast is safe: gRPC does not read the request again; it is const for
                   // handlers that receive messages.
                   return new GrpcCall(method, parts_, *context, *const_cast<ByteBuffer*>(request),
                                       *response);
                 }));
}

}  // namespace owo::rpc
