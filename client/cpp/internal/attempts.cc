#include "client/cpp/internal/attempts.h"

namespace owo {

Attempts::~Attempts() {
  const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return in_flight_.empty(); };
  std::map<const grpc::ClientContext*, std::shared_ptr<grpc::ClientContext>> in_flight;
  {
    const absl::MutexLock lock(&mutex_);
    in_flight = in_flight_;
  }
  // Called without the lock, because gRPC may run the callback synchronously.
  for (const auto& [key, context] : in_flight) context->TryCancel();
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&none));
}

void Attempts::Begin(const std::shared_ptr<grpc::ClientContext>& context) {
  const absl::MutexLock lock(&mutex_);
  in_flight_.emplace(context.get(), context);
}

void Attempts::End(const grpc::ClientContext* context) {
  const absl::MutexLock lock(&mutex_);
  in_flight_.erase(context);
}

}  // namespace owo
