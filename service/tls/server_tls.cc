#include "service/tls/server_tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "absl/time/clock.h"
#include "storage/util/try.h"

namespace owo::tls {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsServerCredentialsOptions;

// How often gRPC reads the files in memory, in seconds; the least that it allows.
constexpr unsigned kProviderPeriodSeconds = 1;

telemetry::Gauge& ExpiryGauge(telemetry::MetricsSink& metrics, const char* certificate) {
  return metrics.GetGauge({.name = "owo_tls_not_after_timestamp_seconds",
                           .help = "When the certificate in use expires, in Unix time; 0: there is "
                                   "none. Of CAs, the one that expires first."},
                          {{"certificate", certificate}});
}

bool AreSame(const std::optional<absl::StatusOr<TlsTexts>>& a, const absl::StatusOr<TlsTexts>& b) {
  if (!a.has_value() || a->ok() != b.ok()) return false;
  return b.ok() ? **a == *b : a->status() == b.status();
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const std::string& identity,
                                                         const std::string& client_ca) {
  // One file has the key and the certificate, so that gRPC never sees the key of one pair with the
  // certificate of another.
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      identity, identity, client_ca, kProviderPeriodSeconds));
  options.watch_identity_key_cert_pairs();
  if (!client_ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Open(const TlsOptions& options,
                                                           telemetry::LogSink& log,
                                                           telemetry::MetricsSink& metrics) {
  OWO_TRY(TlsTexts texts, ReadTlsFiles(options.files));
  OWO_TRY(const TlsMaterial material, CheckTls(texts, absl::Now()));
  auto tls = std::unique_ptr<ServerTls>(new ServerTls(options, std::move(texts), log, metrics));
  OWO_RETURN_IF_ERROR(tls->Start(material));
  return tls;
}

ServerTls::ServerTls(const TlsOptions& options, TlsTexts texts, telemetry::LogSink& log,
                     telemetry::MetricsSink& metrics)
    : options_(options),
      log_(log),
      reloads_(metrics.GetCounter({.name = "owo_tls_reloads_total",
                                   .help = "Times that changed TLS files were taken into use."},
                                  {})),
      reload_failures_(metrics.GetCounter(
          {.name = "owo_tls_reload_failures_total",
           .help = "Times that changed TLS files could not be used, and the old ones were kept."},
          {})),
      cert_not_after_(ExpiryGauge(metrics, "server")),
      client_ca_not_after_(ExpiryGauge(metrics, "client_ca")),
      in_use_(std::move(texts)) {}

absl::Status ServerTls::Start(const TlsMaterial& material) {
  OWO_TRY(identity_, MemoryFile::Make("tls-identity", material.identity));
  if (!material.client_ca.empty()) {
    OWO_TRY(client_ca_, MemoryFile::Make("tls-client-ca", material.client_ca));
  }
  ShowExpiry(material);
  credentials_ =
      MakeCredentials(identity_->path(), client_ca_ == nullptr ? "" : client_ca_->path());
  watcher_.emplace("tls-files", [this] { Watch(); });
  return absl::OkStatus();
}

ServerTls::~ServerTls() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  watcher_.reset();
}

void ServerTls::Watch() {
  while (!AwaitStop()) CheckFiles();
}

bool ServerTls::AwaitStop() {
  const absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.check_every);
}

void ServerTls::CheckFiles() {
  const absl::StatusOr<TlsTexts> texts = ReadTlsFiles(options_.files);
  if (texts.ok() && *texts == in_use_) {
    suspect_.reset();
    rejected_.reset();
    return;
  }
  if (!texts.ok()) return Reject(texts.status(), texts);
  const absl::StatusOr<TlsMaterial> material = CheckTls(*texts, absl::Now());
  if (!material.ok()) return Reject(material.status(), texts);
  if (const absl::Status used = Use(*material); !used.ok()) return Reject(used, texts);
  in_use_ = *texts;
  suspect_.reset();
  rejected_.reset();
  log_.Info("the TLS files changed and are in use",
            {{"certificate", options_.files.cert},
             {"not_after", absl::FormatTime(material->cert_not_after, absl::UTCTimeZone())}});
  reloads_.Add(1);
}

absl::Status ServerTls::Use(const TlsMaterial& material) {
  if (client_ca_ != nullptr) OWO_RETURN_IF_ERROR(client_ca_->Replace(material.client_ca));
  OWO_RETURN_IF_ERROR(identity_->Replace(material.identity));
  ShowExpiry(material);
  return absl::OkStatus();
}

void ServerTls::ShowExpiry(const TlsMaterial& material) {
  cert_not_after_.Add(absl::ToInt64Seconds(material.cert_not_after - shown_cert_));
  shown_cert_ = material.cert_not_after;
  if (material.client_ca.empty()) return;
  client_ca_not_after_.Add(absl::ToInt64Seconds(material.client_ca_not_after - shown_client_ca_));
  shown_client_ca_ = material.client_ca_not_after;
}

// Reports files that cannot be used, once for each change, if they are the same in two checks:
// certificate and key are not replaced at the same moment.
void ServerTls::Reject(const absl::Status& why, const absl::StatusOr<TlsTexts>& texts) {
  if (AreSame(rejected_, texts)) return;
  if (!AreSame(suspect_, texts)) {
    suspect_ = texts;
    return;
  }
  rejected_ = texts;
  log_.Error("the TLS files changed and cannot be used, so the old ones stay in use",
             {{"error", std::string(why.message())}});
  reload_failures_.Add(1);
}

}  // namespace owo::tls
