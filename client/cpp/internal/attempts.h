// Asynchronous calls over gRPC: one attempt each, answered by a callback.
//
//   Attempts attempts(caller);  // declared after the channel and stubs: destroyed before them
//   attempts.Start<v1::TrackBatchResponse>(
//       [&](auto&&... arguments) { stub.async()->TrackBatch(arguments...); }, request, done);
//
// Thread-safe. The destructor cancels the calls in flight and waits until gRPC has released them.
// Each of them holds the channel: if a thread of gRPC released the last reference to a channel, the
// thread would wait for itself.

#ifndef OWO_CLIENT_CPP_INTERNAL_ATTEMPTS_H_
#define OWO_CLIENT_CPP_INTERNAL_ATTEMPTS_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/cpp/internal/caller.h"
#include "client/cpp/internal/status_details.h"

namespace owo {

class Attempts {
 public:
  // REQUIRES: `caller` outlives it.
  explicit Attempts(const Caller& caller) : caller_(caller) {}
  ~Attempts();
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  // `start` takes the arguments of an asynchronous function of a stub. `done` is called exactly
  // once, on any thread.
  template <typename Response, typename Request, typename Function>
  void Start(const Function& start, Request request,
             std::function<void(absl::StatusOr<Response>)> done) {
    const auto context = std::make_shared<grpc::ClientContext>();
    if (absl::Status status = caller_.Prepare(*context); !status.ok()) return done(status);
    struct Messages {
      Request request;
      Response response;
    };
    auto messages = std::make_shared<Messages>();
    messages->request = std::move(request);
    Begin(context);
    start(
        context.get(), &messages->request, &messages->response,
        [this, key = context.get(), messages, done = std::move(done)](const grpc::Status& status) {
          End(key);  // `this` may be destroyed after this line
          if (!status.ok()) return done(FromGrpc(status));
          done(std::move(messages->response));
        });
  }

 private:
  void Begin(const std::shared_ptr<grpc::ClientContext>& context);
  void End(const grpc::ClientContext* context);

  const Caller& caller_;
  absl::Mutex mutex_;
  std::map<const grpc::ClientContext*, std::shared_ptr<grpc::ClientContext>> in_flight_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_ATTEMPTS_H_
