#include "tests/client/test_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace owo::testing {

TestServer::TestServer() { Start(); }

void TestServer::Stop() { server_.reset(); }

void TestServer::Start() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(endpoint_, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&billing);
  builder.RegisterService(&metering);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) throw std::runtime_error("cannot listen on " + endpoint_);
  endpoint_ = absl::StrCat("127.0.0.1:", port);
}

grpc::Status ErrorStatus(grpc::StatusCode code, const std::string& reason,
                         const std::map<std::string, std::string>& metadata,
                         std::optional<absl::Duration> retry_delay) {
  google::rpc::ErrorInfo info;
  info.set_domain("billing.owo");
  info.set_reason(reason);
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  google::rpc::Status details;
  details.set_code(code);
  details.add_details()->PackFrom(info);
  if (retry_delay) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*retry_delay));
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>((*retry_delay % absl::Seconds(1)) / absl::Nanoseconds(1)));
    details.add_details()->PackFrom(retry);
  }
  return {code, "as scripted", details.SerializeAsString()};
}

}  // namespace owo::testing
