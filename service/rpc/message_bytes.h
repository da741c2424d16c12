// Parses the bytes of a request, or describes what is wrong with them.
//
//   pb::UsageRequest request;
//   std::optional<size_t> memory = MemoryOf(bytes, *request.GetDescriptor());   // before parsing
//   absl::Status parsed = ParseBytes(bytes, request);   // INVALID_REQUEST, names the field

#ifndef OWO_SERVICE_RPC_MESSAGE_BYTES_H_
#define OWO_SERVICE_RPC_MESSAGE_BYTES_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace owo::rpc {

// The most nested messages and fields that a request may have, at all depths. A nested message of
// two bytes takes more than a hundred bytes of memory, so the size of a request does not bound it.
inline constexpr size_t kMessagesMax = 200'000;
inline constexpr size_t kFieldsMax = 1'000'000;

// About how much memory the bytes of a request take, in bytes: as a message of this type, and as
// the values that are made from it and kept until the call is answered. Takes about a tenth of the
// time of parsing. nullopt: they have more than kMessagesMax nested messages or kFieldsMax fields.
std::optional<size_t> MemoryOf(std::string_view bytes, const google::protobuf::Descriptor& type);
// INVALID_REQUEST, for bytes without MemoryOf().
absl::Status TooManyFields();

// Whether the bytes are a message of this type with more than `fields_max` fields, at all depths.
// Takes the time of counting up to `fields_max`, and if there are more, about that of parsing.
bool HasMoreFields(std::string_view bytes, const google::protobuf::Descriptor& type,
                   size_t fields_max);

// Refuses bytes that protobuf does not parse, including strings that are not UTF-8.
absl::Status ParseBytes(std::string_view bytes, google::protobuf::Message& to);

// Returns why protobuf cannot parse `bytes` as this type. Names the first malformed field, as far
// as its tag can be read: "plans[0].features[2].feature_slug".
absl::Status MalformedBytes(std::string_view bytes, const google::protobuf::Descriptor& type);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_MESSAGE_BYTES_H_
