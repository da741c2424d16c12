// A server that parses batches of events and drops them. It shows what receiving events costs
// without any processing. It has the same message limit as the service.

#include <grpcpp/grpcpp.h>

#include <csignal>
#include <iostream>

#include "owo/billing/v1/metering.grpc.pb.h"

namespace owo::bench {
namespace {

namespace pb = owo::billing::v1;

constexpr int kMessageBytesMax = 4 << 20;

class DroppingMetering final : public pb::Metering::CallbackService {
 public:
  // The answer has no counts, because nothing was recorded.
  grpc::ServerUnaryReactor* TrackBatch(grpc::CallbackServerContext* context,
                                       const pb::TrackBatchRequest*,
                                       pb::TrackBatchResponse*) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int Serve() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  DroppingMetering metering;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&metering);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "drop-server listening on 127.0.0.1:" << port << std::endl;
  int number = 0;
  sigwait(&ends, &number);
  return 0;
}

}  // namespace
}  // namespace owo::bench

int main() { return owo::bench::Serve(); }
