// TLS for a gRPC server, from files that are read again when they change.
//
//   OWO_TRY(const auto tls, ServerTls::Open({.files = {.cert = "tls.crt", .key = "tls.key"}},
//                                           log, metrics));
//   builder.AddListeningPort(address, tls->credentials());
//
// A change is found by its content: it does not matter whether a file was written again, renamed or
// reached through another symbolic link. Files that are not fit to be used, such as a certificate
// without its key, change nothing: the server goes on with what it has.

#ifndef OWO_SERVICE_TLS_SERVER_TLS_H_
#define OWO_SERVICE_TLS_SERVER_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/telemetry/log_sink.h"
#include "service/telemetry/metrics_sink.h"
#include "service/tls/memory_file.h"
#include "service/tls/tls_files.h"
#include "storage/util/thread.h"

namespace owo::tls {

struct TlsOptions {
  // With a client CA, clients must show a certificate that it issued, directly or not.
  TlsFiles files;
  // How often the files are read. A new certificate is used for new connections up to a second
  // after it was found.
  absl::Duration check_every = absl::Seconds(1);

  bool enabled() const { return !files.cert.empty(); }
};

// Has a thread of its own. Thread-safe.
class ServerTls {
 public:
  // INVALID_ARGUMENT if the files cannot be used. `log` and `metrics` must outlive the result.
  static absl::StatusOr<std::unique_ptr<ServerTls>> Open(const TlsOptions& options,
                                                         telemetry::LogSink& log,
                                                         telemetry::MetricsSink& metrics);
  ~ServerTls();
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  // For TLS 1.2 and 1.3, with ALPN "h2". Servers built with them must be destroyed before this.
  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

 private:
  ServerTls(const TlsOptions& options, TlsTexts texts, telemetry::LogSink& log,
            telemetry::MetricsSink& metrics);
  absl::Status Start(const TlsMaterial& material);
  absl::Status Use(const TlsMaterial& material);
  void ShowExpiry(const TlsMaterial& material);
  void Watch();
  // Waits for the next check. Returns true if the watcher must end.
  bool AwaitStop();
  void CheckFiles();
  void Reject(const absl::Status& why, const absl::StatusOr<TlsTexts>& texts);

  const TlsOptions options_;
  telemetry::LogSink& log_;
  telemetry::Counter& reloads_;
  telemetry::Counter& reload_failures_;
  telemetry::Gauge& cert_not_after_;
  telemetry::Gauge& client_ca_not_after_;

  // Of the watching thread, once it runs.
  TlsTexts in_use_;
  absl::Time shown_cert_ = absl::UnixEpoch();
  absl::Time shown_client_ca_ = absl::UnixEpoch();
  std::optional<absl::StatusOr<TlsTexts>> suspect_;   // seen once; a change may be half done
  std::optional<absl::StatusOr<TlsTexts>> rejected_;  // reported
  std::unique_ptr<MemoryFile> identity_;
  std::unique_ptr<MemoryFile> client_ca_;  // null: clients show no certificate

  std::shared_ptr<grpc::ServerCredentials> credentials_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Thread> watcher_;  // last: uses all of the above
};

}  // namespace owo::tls

#endif  // OWO_SERVICE_TLS_SERVER_TLS_H_
