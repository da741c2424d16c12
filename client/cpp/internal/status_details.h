// Access to the google.rpc details of a failure, which are stored as payloads of its absl::Status.
//
//   std::optional<google::rpc::ErrorInfo> info = Detail<google::rpc::ErrorInfo>(status);

#ifndef OWO_CLIENT_CPP_INTERNAL_STATUS_DETAILS_H_
#define OWO_CLIENT_CPP_INTERNAL_STATUS_DETAILS_H_

#include <grpcpp/support/status.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace owo {

template <typename Message>
std::string DetailUrl() {
  return absl::StrCat("type.googleapis.com/", Message::descriptor()->full_name());
}

template <typename Message>
std::optional<Message> Detail(const absl::Status& status) {
  const auto payload = status.GetPayload(DetailUrl<Message>());
  if (!payload.has_value()) return std::nullopt;
  Message message;
  if (!message.ParseFromString(static_cast<std::string>(*payload))) return std::nullopt;
  return message;
}

template <typename Message>
void SetDetail(const Message& message, absl::Status& status) {
  status.SetPayload(DetailUrl<Message>(), absl::Cord(message.SerializeAsString()));
}

// Converts a status, with its details from grpc-status-details-bin.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_STATUS_DETAILS_H_
