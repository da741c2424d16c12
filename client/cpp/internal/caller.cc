#include "client/cpp/internal/caller.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace owo {
namespace {

// gRPC aborts the process on metadata that HTTP/2 cannot carry, so such keys are refused here.
absl::Status CheckKey(const std::string& key) {
  if (std::all_of(key.begin(), key.end(), absl::ascii_isprint)) return absl::OkStatus();
  return absl::InvalidArgumentError("`secret_key`: has characters that are not printable ASCII");
}

}  // namespace

Caller::Caller(const OwostackOptions& options)
    : timeout_(options.call_timeout),
      retry_(options.retry),
      secret_key_(absl::StripAsciiWhitespace(options.secret_key)),
      key_status_(CheckKey(secret_key_)) {}

absl::Status Caller::Prepare(grpc::ClientContext& context) const {
  if (key_status_.ok()) Prepare(absl::Now() + timeout_, context);
  return key_status_;
}

void Caller::Prepare(absl::Time deadline, grpc::ClientContext& context) const {
  context.set_deadline(absl::ToChronoTime(deadline));
  if (!secret_key_.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", secret_key_));
  }
}

}  // namespace owo
