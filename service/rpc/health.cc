#include "service/rpc/health.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "service/rating/check.h"

namespace owo::rpc {

void Health::Enable() { grpc::EnableDefaultHealthCheckService(true); }

void Health::Attach(grpc::Server& server, const std::vector<std::string>& services) {
  const absl::MutexLock lock(&mutex_);
  service_ = server.GetHealthCheckService();
  rating::Check(service_ != nullptr, "the server has no health service");
  for (const std::string& name : services) service_->SetServingStatus(name, true);
  service_->SetServingStatus(std::string(kWritesHealth), writable_);
}

void Health::Detach() {
  const absl::MutexLock lock(&mutex_);
  service_ = nullptr;
}

void Health::SetWritable(bool writable) {
  const absl::MutexLock lock(&mutex_);
  writable_ = writable;
  if (service_ != nullptr) service_->SetServingStatus(std::string(kWritesHealth), writable);
}

void Health::Shutdown() {
  const absl::MutexLock lock(&mutex_);
  if (service_ != nullptr) service_->Shutdown();
}

absl::Status CheckHealth(const std::string& endpoint, absl::Duration timeout,
                         const std::string& service) {
  namespace health = grpc::health::v1;
  const auto stub =
      health::Health::NewStub(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  health::HealthCheckRequest request;
  request.set_service(service);
  health::HealthCheckResponse response;
  const grpc::Status status = stub->Check(&context, request, &response);
  if (!status.ok()) {
    return absl::UnavailableError(absl::StrCat(endpoint, ": ", status.error_message()));
  }
  if (response.status() == health::HealthCheckResponse::SERVING) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      endpoint, ": ", health::HealthCheckResponse::ServingStatus_Name(response.status())));
}

}  // namespace owo::rpc
