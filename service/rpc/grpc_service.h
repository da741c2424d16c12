// A service of the API on gRPC: a table of methods that receive and return bytes. Parsing is not
// left to gRPC, which would answer malformed requests with UNIMPLEMENTED.

#ifndef OWO_SERVICE_RPC_GRPC_SERVICE_H_
#define OWO_SERVICE_RPC_GRPC_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <string>
#include <string_view>
#include <vector>

#include "service/rpc/call.h"

namespace owo::rpc {

// Thread-safe after construction. Must outlive the server that it is registered with.
class GrpcService : public grpc::Service {
 public:
  const std::vector<Method>& methods() const { return methods_; }

 protected:
  explicit GrpcService(const CallParts& parts) : parts_(parts) {}

  // Registers every RPC of the service. RPCs without a method in the table answer UNIMPLEMENTED.
  // Must be called once, by the constructor of the derived class.
  void Serve(std::string_view service, std::vector<Method> methods);

 private:
  void Register(const Method& method, const std::string& path);

  const CallParts parts_;
  std::vector<Method> methods_;
  std::vector<std::string> paths_;  // of the methods: "/owo.billing.v1.Billing/Usage"
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_GRPC_SERVICE_H_
