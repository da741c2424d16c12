// The HTTP/2 front as operators run it: nginx with deploy/front/nginx.conf, before a server that
// listens on a Unix socket.
//
//   FrontedServer fronted;                                  // in plain text
//   FrontedServer fronted({.tls_dir = certificates.path()}) // with TLS, as deployed
//   grpc::CreateChannel(fronted.endpoint(), …);

#ifndef OWO_TESTS_HOSTILE_FRONT_PROCESS_H_
#define OWO_TESTS_HOSTILE_FRONT_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/crash/child.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {

// Where nginx is; "" if it is not installed.
std::string NginxPath();

struct FrontOptions {
  // Directory with tls.crt, tls.key and ca.crt. Empty: plain text, so that a test can write frames.
  std::string tls_dir;
  // Replaces one text of nginx.conf by another.
  std::string replace;
  std::string replace_by;
};

// nginx, started by deploy/front/owo-billing-front. REQUIRES: NginxPath() is not empty.
class FrontProcess {
 public:
  FrontProcess(const std::string& server_socket, const FrontOptions& options);
  ~FrontProcess();
  FrontProcess(const FrontProcess&) = delete;
  FrontProcess& operator=(const FrontProcess&) = delete;

  const std::string& endpoint() const { return endpoint_; }  // "127.0.0.1:41234"
  // Of the master and the workers. Empty while it is not running.
  std::vector<pid_t> pids() const;

 private:
  const TempDir dir_;
  std::string endpoint_;
  std::unique_ptr<Child> child_;
};

// A server on a Unix socket, and the front before it.
class FrontedServer {
 public:
  explicit FrontedServer(const FrontOptions& options = {});

  const std::string& endpoint() const { return front_.endpoint(); }
  std::string server_endpoint() const { return "unix:" + dir_.path() + "/socket"; }
  ServerProcess& server() { return server_; }
  const FrontProcess& front() const { return front_; }

  static constexpr int kMemoryMib = 128;
  // With code, threads and libraries.
  static constexpr int kMemoryMibMax = kMemoryMib + 64;

 private:
  const TempDir dir_;
  ServerProcess server_;
  const FrontProcess front_;
};

// Resident memory of processes, in MiB: now, or at its highest.
int ResidentMib(const std::vector<pid_t>& pids);
int PeakMib(const std::vector<pid_t>& pids);

}  // namespace owo

#endif  // OWO_TESTS_HOSTILE_FRONT_PROCESS_H_
