// The whole server in the test process, on a free port, with its own directory.
//
//   InProcessServer server;
//   auto billing = server.Stub<owo::billing::v1::Billing>();
//   server.Restart();   // stops, and serves the same data again

#ifndef OWO_TESTS_SUPPORT_SERVER_H_
#define OWO_TESTS_SUPPORT_SERVER_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "service/server.h"
#include "tests/support/temp_dir.h"

namespace owo {

class InProcessServer {
 public:
  // Address and directory in `options` are replaced.
  explicit InProcessServer(service::ServerOptions options = {});

  service::Server& server() { return *server_; }
  std::string address() const { return server_->address(); }
  const std::string& data_dir() const { return dir_.path(); }

  void Restart();

  std::shared_ptr<grpc::Channel> NewChannel() const;
  template <typename Service>
  std::unique_ptr<typename Service::Stub> Stub() const {
    return Service::NewStub(NewChannel());
  }

 private:
  const TempDir dir_;
  service::ServerOptions options_;
  std::unique_ptr<service::Server> server_;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_SERVER_H_
