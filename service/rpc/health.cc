#include "service/rpc/health.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "service/rating/check.h"
#include "storage/util/try.h"

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

namespace {

// Reads a file into `text`; nothing if there is no path.
absl::Status ReadPem(const std::string& path, std::string& text) {
  if (path.empty()) return absl::OkStatus();
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (in) bytes << in.rdbuf();
  if (!in || !bytes) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  text = bytes.str();
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const std::string& endpoint,
                                                         const HealthTls& tls) {
  if (tls.ca.empty()) return grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials());
  grpc::SslCredentialsOptions options;
  OWO_RETURN_IF_ERROR(ReadPem(tls.ca, options.pem_root_certs));
  OWO_RETURN_IF_ERROR(ReadPem(tls.cert, options.pem_cert_chain));
  OWO_RETURN_IF_ERROR(ReadPem(tls.key, options.pem_private_key));
  grpc::ChannelArguments arguments;
  if (!tls.server_name.empty()) arguments.SetSslTargetNameOverride(tls.server_name);
  return grpc::CreateCustomChannel(endpoint, grpc::SslCredentials(options), arguments);
}

}  // namespace

absl::Status CheckHealth(const std::string& endpoint, absl::Duration timeout,
                         const std::string& service, const HealthTls& tls) {
  namespace health = grpc::health::v1;
  OWO_TRY(const std::shared_ptr<grpc::Channel> channel, ChannelTo(endpoint, tls));
  const auto stub = health::Health::NewStub(channel);
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
