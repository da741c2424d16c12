#include "client/cpp/internal/caller.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace owo {
namespace {

// gRPC aborts the process on metadata that HTTP/2 cannot carry, so such keys are refused here.
absl::Status CheckKey(const std::string& key) {
  if (std::all_of(key.begin(), key.end(), absl::ascii_isprint)) return absl::OkStatus();
  return absl::InvalidArgumentError("`secret_key`: has characters that are not printable ASCII");
}

absl::Status CheckFile(const char* option, const std::string& path) {
  if (path.empty() || std::ifstream(path).good()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("`tls.", option, "`: cannot read \"", path, "\""));
}

absl::Status CheckTls(const TlsOptions& tls) {
  if (!tls.enabled) return absl::OkStatus();
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return absl::InvalidArgumentError("`tls.cert_file` and `tls.key_file`: want both or neither");
  }
  absl::Status status = CheckFile("ca_file", tls.ca_file);
  status.Update(CheckFile("cert_file", tls.cert_file));
  status.Update(CheckFile("key_file", tls.key_file));
  return status;
}

absl::Status CheckOptions(const std::string& key, const TlsOptions& tls) {
  absl::Status status = CheckKey(key);
  status.Update(CheckTls(tls));
  return status;
}

}  // namespace

Caller::Caller(const OwostackOptions& options)
    : timeout_(options.call_timeout),
      retry_(options.retry),
      secret_key_(absl::StripAsciiWhitespace(options.secret_key)),
      options_status_(CheckOptions(secret_key_, options.tls)) {}

absl::Status Caller::Prepare(grpc::ClientContext& context) const {
  if (options_status_.ok()) Prepare(absl::Now() + timeout_, context);
  return options_status_;
}

void Caller::Prepare(absl::Time deadline, grpc::ClientContext& context) const {
  context.set_deadline(absl::ToChronoTime(deadline));
  if (!secret_key_.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", secret_key_));
  }
}

}  // namespace owo
