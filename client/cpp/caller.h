// One call over gRPC: its deadline, its metadata and its attempts.
//
//   Caller caller(options);
//   absl::StatusOr<v1::UsageResponse> response =
//       caller.Call(*stub, &v1::Billing::Stub::Usage, request);
//
// Thread-safe.

#ifndef OWO_CLIENT_CPP_CALLER_H_
#define OWO_CLIENT_CPP_CALLER_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "client/cpp/options.h"
#include "client/cpp/retry.h"
#include "client/cpp/status_details.h"

namespace owo {

// A blocking function of a generated stub.
template <typename Stub, typename Request, typename Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

class Caller {
 public:
  // White space around the secret key, such as the line end of a file, is not part of it.
  explicit Caller(const OwostackOptions& options);

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub, Method<Stub, Request, Response> method,
                                const Request& request) const {
    if (!key_status_.ok()) return key_status_;
    const absl::Time deadline = absl::Now() + timeout_;
    Response response;
    const absl::Status status = CallWithRetries(retry_, deadline, [&] {
      grpc::ClientContext context;  // good for one attempt only
      Prepare(deadline, context);
      return FromGrpc((stub.*method)(&context, request, &response));
    });
    if (!status.ok()) return status;
    return response;
  }

  // Starts one attempt. `start` has the arguments of an asynchronous function of a stub; `done` is
  // called once, on any thread.
  template <typename Response, typename Request, typename Start>
  void StartAttempt(const Start& start, Request request,
                    std::function<void(absl::StatusOr<Response>)> done) const {
    if (!key_status_.ok()) return done(key_status_);
    struct Attempt {
      grpc::ClientContext context;
      Request request;
      Response response;
    };
    auto attempt = std::make_shared<Attempt>();
    attempt->request = std::move(request);
    Prepare(absl::Now() + timeout_, attempt->context);
    start(&attempt->context, &attempt->request, &attempt->response,
          [attempt, done = std::move(done)](const grpc::Status& status) {
            if (!status.ok()) return done(FromGrpc(status));
            done(std::move(attempt->response));
          });
  }

 private:
  void Prepare(absl::Time deadline, grpc::ClientContext& context) const;

  const absl::Duration timeout_;
  const RetryOptions retry_;
  const std::string secret_key_;
  const absl::Status key_status_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_CALLER_H_
