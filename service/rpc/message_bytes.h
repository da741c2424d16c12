// From the bytes of a request to its message, or to what is wrong with the bytes.
//
//   pb::UsageRequest request;
//   absl::Status parsed = ParseBytes(bytes, request);   // INVALID_REQUEST, names the field

#ifndef OWO_SERVICE_RPC_MESSAGE_BYTES_H_
#define OWO_SERVICE_RPC_MESSAGE_BYTES_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "absl/status/status.h"

namespace owo::rpc {

// Refuses what protobuf does not parse, strings that are not UTF-8 among them.
absl::Status ParseBytes(std::string_view bytes, google::protobuf::Message& to);

// Why `bytes`, which protobuf has refused, are not a message of this type. Names the first field
// that is wrong, as far as its tag can be read: "plans[0].features[2].feature_slug".
absl::Status MalformedBytes(std::string_view bytes, const google::protobuf::Descriptor& type);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_MESSAGE_BYTES_H_
