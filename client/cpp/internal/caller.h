// One call over gRPC: its deadline, its metadata and its attempts.
//
//   Caller caller(options);
//   absl::StatusOr<v1::UsageResponse> response =
//       caller.Call(*stub, &v1::Billing::Stub::Usage, request);
//
// Thread-safe.

#ifndef OWO_CLIENT_CPP_INTERNAL_CALLER_H_
#define OWO_CLIENT_CPP_INTERNAL_CALLER_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "client/cpp/internal/retry.h"
#include "client/cpp/internal/status_details.h"
#include "client/cpp/options.h"

namespace owo {

// A blocking function of a generated stub.
template <typename Stub, typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

class Caller {
 public:
  // Strips white space around the secret key, such as the newline at the end of a file.
  explicit Caller(const OwostackOptions& options);

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub, Method<Stub, Request, Response> method,
                                const Request& request) const {
    if (!options_status_.ok()) return options_status_;
    const absl::Time deadline = absl::Now() + timeout_;
    Response response;
    const absl::Status status = CallWithRetries(retry_, deadline, [&] {
      grpc::ClientContext context;  // a context is valid for one attempt only
      Prepare(deadline, context);
      return FromGrpc((stub.*method)(&context, request, &response));
    });
    if (!status.ok()) return status;
    return response;
  }

  // Sets deadline and metadata of a single attempt that the caller makes itself. INVALID_ARGUMENT
  // if the secret key cannot be sent, or a file of TLS cannot be read.
  absl::Status Prepare(grpc::ClientContext& context) const;

 private:
  void Prepare(absl::Time deadline, grpc::ClientContext& context) const;

  const absl::Duration timeout_;
  const RetryOptions retry_;
  const std::string secret_key_;
  const absl::Status options_status_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_CALLER_H_
