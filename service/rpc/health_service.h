// grpc.health.v1: the health of the server and each of its services. All services of the API have
// the same health: SERVING until Shutdown(). A separate service, "writes", reports in Check whether
// writes are accepted, which they are not while the disk is full.
//
//   HealthService health({"owo.billing.v1.Billing"},     // and "", the server as a whole
//                        [&] { return store.Writable().ok(); });
//   health.Shutdown();                                   // NOT_SERVING; ends all Watch calls

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

// The service that reports whether writes are accepted.
inline constexpr std::string_view kWritesHealth = "writes";

// Thread-safe. Must outlive the server that it is registered with.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  // `writable` must return quickly; if it is empty, writes are always accepted.
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
