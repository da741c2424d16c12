// Parses the bytes of a request, or describes what is wrong with them.
//
//   pb::UsageRequest request;
//   absl::Status parsed = ParseBytes(bytes, request);   // INVALID_REQUEST, names the field

#ifndef OWO_SERVICE_RPC_MESSAGE_BYTES_H_
#define OWO_SERVICE_RPC_MESSAGE_BYTES_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "absl/status/status.h"

namespace owo::rpc {

// Refuses bytes that protobuf does not parse, including strings that are not UTF-8.
absl::Status ParseBytes(std::string_view bytes, google::protobuf::Message& to);

// Returns why protobuf cannot parse `bytes` as this type. Names the first malformed field, as far
// as its tag can be read: "plans[0].features[2].feature_slug".
absl::Status MalformedBytes(std::string_view bytes, const google::protobuf::Descriptor& type);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_MESSAGE_BYTES_H_
