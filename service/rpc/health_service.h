// grpc.health.v1: whether the server and each of its services can be called. Health is about being
// called at all, so all services are alike: serving until Shutdown(). Whether writes are taken,
// which they are not while the disk is full, Check says of a service of its own, "writes".
//
//   HealthService health({"owo.billing.v1.Billing"},     // and "", the server as a whole
//                        [&] { return store.Writable().ok(); });
//   health.Shutdown();                                   // NOT_SERVING; ends what watches

#ifndef OWO_SERVICE_RPC_HEALTH_SERVICE_H_
#define OWO_SERVICE_RPC_HEALTH_SERVICE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace owo::rpc {

// The service whose health is whether writes are taken.
inline constexpr std::string_view kWritesHealth = "writes";

// Thread-safe. Outlives the server that it is registered with.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  // `writable` takes no time, and may be empty: then all writes are taken.
  explicit HealthService(const std::vector<std::string>& services,
                         std::function<bool()> writable = nullptr);

  void Shutdown();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  bool Knows(const std::string& service) const { return services_.contains(service); }

  const absl::flat_hash_set<std::string> services_;
  const std::function<bool()> writable_;

  absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = true;
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_HEALTH_SERVICE_H_
