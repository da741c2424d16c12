// A service of the API as gRPC serves it: the methods of a table, each of which takes and gives
// bytes. gRPC itself would answer bytes that are not a request with UNIMPLEMENTED.

#ifndef OWO_SERVICE_RPC_GRPC_SERVICE_H_
#define OWO_SERVICE_RPC_GRPC_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <string>
#include <string_view>
#include <vector>

#include "service/rpc/call.h"

namespace owo::rpc {

// Thread-safe once made. Outlives the server that it is registered with.
class GrpcService : public grpc::Service {
 public:
  const std::vector<Method>& methods() const { return methods_; }

 protected:
  explicit GrpcService(CallsInFlight& in_flight) : in_flight_(in_flight) {}

  // Serves every RPC of the service. One that has no method in the table answers UNIMPLEMENTED.
  // Called once, by the constructor of the service.
  void Serve(std::string_view service, std::vector<Method> methods);

 private:
  void Register(const Method& method, const std::string& path);

  CallsInFlight& in_flight_;
  std::vector<Method> methods_;
  std::vector<std::string> paths_;  // of the methods: "/owo.billing.v1.Billing/Usage"
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_GRPC_SERVICE_H_
