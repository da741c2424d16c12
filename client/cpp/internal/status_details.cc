#include "client/cpp/internal/status_details.h"

#include "google/rpc/status.pb.h"

namespace owo {

absl::Status FromGrpc(const grpc::Status& status) {
  // The two enums have the same numbers.
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  // Details are optional: if they are missing or damaged, code and message remain valid.
  if (!details.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace owo
