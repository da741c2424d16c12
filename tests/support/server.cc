#include "tests/support/server.h"

#include <grpcpp/create_channel.h>

#include <stdexcept>
#include <utility>

namespace owo {

InProcessServer::InProcessServer(service::ServerOptions options) : options_(std::move(options)) {
  options_.listen = "127.0.0.1:0";
  options_.store = dir_.path();
  Restart();
}

void InProcessServer::Restart() {
  server_.reset();
  absl::StatusOr<std::unique_ptr<service::Server>> server = service::Server::Start(options_);
  if (!server.ok()) throw std::runtime_error(server.status().ToString());
  server_ = *std::move(server);
}

std::shared_ptr<grpc::Channel> InProcessServer::NewChannel() const {
  return grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
}

}  // namespace owo
