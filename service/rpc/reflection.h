// Server reflection, for grpcurl, `buf curl` and other generic clients. Unlike the implementation
// in gRPC it includes the comments of the protos. Speaks grpc.reflection.v1 and v1alpha.
//
//   Reflection reflection({"owo.billing.v1.Billing"});
//   reflection.Register(builder);
//   …
//   reflection.Shutdown();   // refuses new streams; open ones end with the server

#ifndef OWO_SERVICE_RPC_REFLECTION_H_
#define OWO_SERVICE_RPC_REFLECTION_H_

#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "service/rpc/descriptors.h"

namespace owo::rpc {

// Thread-safe. Must outlive the server that it is registered with.
class Reflection {
 public:
  // `services`: full names; health and reflection are added automatically.
  explicit Reflection(std::vector<std::string> services);
  ~Reflection();

  void Register(grpc::ServerBuilder& builder);
  void Shutdown() { stopping_ = true; }

 private:
  template <typename Request, typename Response>
  class Stream;
  template <typename Base, typename Request, typename Response>
  class Service;

  template <typename Request, typename Response>
  void Answer(const Request& request, Response& response) const;

  const Descriptors descriptors_;
  std::vector<std::string> services_;
  std::vector<std::unique_ptr<grpc::Service>> protocols_;  // v1 and v1alpha
  std::atomic<bool> stopping_ = false;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_REFLECTION_H_
