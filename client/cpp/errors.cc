#include "client/cpp/errors.h"

#include "client/cpp/internal/status_details.h"
#include "google/rpc/error_details.pb.h"

namespace owo {
namespace {

using google::rpc::ErrorInfo;

// Intermediaries, for example a proxy, may return reasons in domains of their own.
constexpr char kDomain[] = "billing.owo";

ErrorInfo InfoOf(const absl::Status& status) {
  std::optional<ErrorInfo> info = Detail<ErrorInfo>(status);
  return info.has_value() && info->domain() == kDomain ? *std::move(info) : ErrorInfo();
}

}  // namespace

std::string ErrorReason(const absl::Status& status) { return InfoOf(status).reason(); }

std::map<std::string, std::string> ErrorMetadata(const absl::Status& status) {
  const ErrorInfo info = InfoOf(status);
  return {info.metadata().begin(), info.metadata().end()};
}

absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       const std::map<std::string, std::string>& metadata) {
  ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(reason.data(), reason.size());
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  absl::Status status(code, message);
  SetDetail(info, status);
  return status;
}

}  // namespace owo
