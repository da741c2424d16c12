// Asks a server whether it is healthy, as probes do.
//
//   absl::Status status = CheckHealth("127.0.0.1:50051", absl::Seconds(2));   // OK: it serves

#ifndef OWO_SERVICE_RPC_HEALTH_CLIENT_H_
#define OWO_SERVICE_RPC_HEALTH_CLIENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace owo::rpc {

// Returns UNAVAILABLE, with the answer or error of the server in the message, if it is not serving.
// `service` "" is the server as a whole.
absl::Status CheckHealth(const std::string& endpoint, absl::Duration timeout,
                         const std::string& service = "");

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_HEALTH_CLIENT_H_
