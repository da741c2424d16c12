// Server reflection, for grpcurl, `buf curl` and other clients that know nothing of this API.
// Unlike gRPC's own it shows the comments of the protos. Speaks grpc.reflection.v1 and v1alpha.
//
//   Reflection reflection({"owo.billing.v1.Billing"});
//   reflection.Register(builder);
//   …
//   reflection.Shutdown();   // ends its streams, which clients may keep open for long

#ifndef OWO_SERVICE_RPC_REFLECTION_H_
#define OWO_SERVICE_RPC_REFLECTION_H_

#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "service/rpc/descriptors.h"

namespace owo::rpc {

// Thread-safe. Outlives the server that it is registered with.
class Reflection {
 public:
  // `services`: full names; health and reflection are added.
  explicit Reflection(std::vector<std::string> services);
  ~Reflection();

  void Register(grpc::ServerBuilder& builder);
  void Shutdown();

 private:
  template <typename Request, typename Response>
  class Stream;
  template <typename Base, typename Request, typename Response>
  class Service;

  template <typename Request, typename Response>
  void Answer(const Request& request, Response& response) const;

  // False when the server is stopping.
  bool Open(grpc::CallbackServerContext* context);
  void Close(grpc::CallbackServerContext* context);

  const Descriptors descriptors_;
  std::vector<std::string> services_;
  std::vector<std::unique_ptr<grpc::Service>> protocols_;  // v1 and v1alpha

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<grpc::CallbackServerContext*> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_REFLECTION_H_
