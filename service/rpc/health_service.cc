#include "service/rpc/health_service.h"

#include <utility>

namespace owo::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {

absl::flat_hash_set<std::string> WithWhole(const std::vector<std::string>& services) {
  absl::flat_hash_set<std::string> names(services.begin(), services.end());
  names.insert("");
  return names;
}

}  // namespace

// Sends at most two messages: the current status, and NOT_SERVING when the server stops.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService& health, const std::string& service)
      : health_(health), known_(health.Knows(service)) {
    const absl::MutexLock lock(&health_.mutex_);
    health_.watchers_.insert(this);
    stopping_ = !health_.serving_;
    Write();
  }

  void Stop() ABSL_EXCLUSIVE_LOCKS_REQUIRED(health_.mutex_) {
    stopping_ = true;
    Continue();
  }

  void OnWriteDone(bool ok) override {
    const absl::MutexLock lock(&health_.mutex_);
    writing_ = false;
    if (!ok) return End(grpc::Status::CANCELLED);
    Continue();
  }

  void OnCancel() override {
    const absl::MutexLock lock(&health_.mutex_);
    if (!writing_) End(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    {
      const absl::MutexLock lock(&health_.mutex_);
      health_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  // Sends NOT_SERVING if the last message was SERVING, then ends the call. Does nothing until the
  // server stops.
  void Continue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(health_.mutex_) {
    if (writing_ || ended_ || !stopping_) return;
    if (known_ && response_.status() == HealthCheckResponse::SERVING) return Write();
    End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
  }

  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(health_.mutex_) {
    response_.set_status(!known_     ? HealthCheckResponse::SERVICE_UNKNOWN
                         : stopping_ ? HealthCheckResponse::NOT_SERVING
                                     : HealthCheckResponse::SERVING);
    writing_ = true;
    StartWrite(&response_);
  }

  void End(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(health_.mutex_) {
    if (ended_) return;
    ended_ = true;
    Finish(status);
  }

  HealthService& health_;
  const bool known_;
  HealthCheckResponse response_ ABSL_GUARDED_BY(health_.mutex_);
  bool writing_ ABSL_GUARDED_BY(health_.mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(health_.mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(health_.mutex_) = false;
};

HealthService::HealthService(const std::vector<std::string>& services,
                             std::function<bool()> writable)
    : services_(WithWhole(services)), writable_(std::move(writable)) {}

// No thread safety analysis: it cannot know that health_ of each watcher is this object.
void HealthService::Shutdown() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const absl::MutexLock lock(&mutex_);
  serving_ = false;
  for (Watcher* watcher : watchers_) watcher->Stop();
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const bool of_writes = request->service() == kWritesHealth;
  if (!of_writes && !Knows(request->service())) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service"));
    return reactor;
  }
  {
    const bool refused = of_writes && writable_ && !writable_();
    const absl::MutexLock lock(&mutex_);
    response->set_status(serving_ && !refused ? HealthCheckResponse::SERVING
                                              : HealthCheckResponse::NOT_SERVING);
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext* /*context*/, const HealthCheckRequest* request) {
  return new Watcher(*this, request->service());
}

}  // namespace owo::rpc
