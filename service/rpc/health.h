// Health of the server, by gRPC's own service grpc.health.v1. The server as a whole and each
// service of the API are SERVING until Shutdown(). A separate name, "writes", says whether writes
// are accepted, which they are not while the disk is full.
//
//   Health health;
//   store = Open({.on_writable = [&](bool is) { health.SetWritable(is); }});
//   Health::Enable();                               // before the server is built
//   health.Attach(*server, {"owo.billing.v1.Billing"});
//   health.Shutdown();                              // NOT_SERVING, also to open Watch calls
//
// A probe:
//
//   absl::Status status = CheckHealth("127.0.0.1:50051", absl::Seconds(2));   // OK: it serves

#ifndef OWO_SERVICE_RPC_HEALTH_H_
#define OWO_SERVICE_RPC_HEALTH_H_

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace owo::rpc {

// The name whose health says whether writes are accepted.
inline constexpr std::string_view kWritesHealth = "writes";

// Thread-safe, except for Enable(). Until Attach() and after Detach() only SetWritable() has an
// effect, on a later Attach().
class Health {
 public:
  // Adds the health service to every server of this process that is built from now on.
  static void Enable();

  // REQUIRES: Enable() was called before `server` was built; Detach() is called before it is
  // destroyed.
  void Attach(grpc::Server& server, const std::vector<std::string>& services);
  void Detach();

  void SetWritable(bool writable);
  void Shutdown();

 private:
  absl::Mutex mutex_;
  grpc::HealthCheckServiceInterface* service_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool writable_ ABSL_GUARDED_BY(mutex_) = true;
};

// How a probe reaches a server that serves TLS. Paths of PEM files.
struct HealthTls {
  std::string ca;           // of the server's certificate; "": without TLS
  std::string cert;         // to show to a server with a client CA; "": none
  std::string key;          // of `cert`
  std::string server_name;  // in the server's certificate; "": the host of the endpoint
};

// Asks a server for its health, as probes do. Returns UNAVAILABLE, with the answer or error of the
// server in the message, if it is not SERVING. `service` "" is the server as a whole.
// INVALID_ARGUMENT if a file of `tls` cannot be read.
absl::Status CheckHealth(const std::string& endpoint, absl::Duration timeout,
                         const std::string& service = "", const HealthTls& tls = {});

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_HEALTH_H_
