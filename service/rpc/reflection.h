// Server reflection, for grpcurl, `buf curl` and other generic clients. It shows the descriptors
// that the build makes of proto/, with comments. docs/decisions/0012-… says why it is not the one
// of gRPC.
//
//   Reflection reflection({"owo.billing.v1.Billing"}, {.guard = guard});
//   builder.RegisterService(&reflection);

#ifndef OWO_SERVICE_RPC_REFLECTION_H_
#define OWO_SERVICE_RPC_REFLECTION_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/service_type.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace grpc::reflection::v1 {
class ServerReflectionRequest;
class ServerReflectionResponse;
}  // namespace grpc::reflection::v1

namespace owo::rpc {

// The service grpc.reflection.v1.ServerReflection. Older clients are answered as v1alpha, whose
// messages have other names and the same bytes. Streams are bounded in number, and hold nothing up:
// those that are open end with their connection.
//
// Thread-safe. Must outlive the server that it is registered with.
class Reflection final : public grpc::Service {
 public:
  // Open streams; others are refused with RESOURCE_EXHAUSTED. Each takes up to 0.3 MiB while its
  // client does not read.
  static constexpr int kStreamsMax = 32;
  // Refused streams whose error has not been sent; others are canceled. Each takes up to 16 KiB
  // while its client does not read; a canceled one takes no more than the bytes of a reset.
  static constexpr int kRefusedMax = 100;
  // Bytes of a request; a longer one ends its stream with INVALID_ARGUMENT.
  static constexpr size_t kRequestBytesMax = 1024;

  struct Options {
    // Decides whether a stream is answered, by the value of its metadata `authorization` ("" if
    // there is none). Empty: every stream is.
    std::function<absl::Status(std::string_view authorization)> guard;
    int refused_max = kRefusedMax;
  };

  // `services`: the full names of the services to list; health and reflection are added.
  Reflection(std::vector<std::string> services, Options options);
  explicit Reflection(std::vector<std::string> services);

 private:
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
  class Stream;

  void Register(int index, const char* path);
  void Answer(const Request& request, Response& response) const;

  google::protobuf::DescriptorPool pool_;
  std::vector<std::string> services_;
  const Options options_;
  std::atomic<int> open_ = 0;
  std::atomic<int> refused_ = 0;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_REFLECTION_H_
