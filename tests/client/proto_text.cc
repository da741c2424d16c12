#include "tests/client/proto_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <stdexcept>

namespace owo::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fields of our own messages only: a timestamp without nanoseconds is complete.
bool IsMessage(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !field.is_map() &&
         field.message_type()->file()->package() == "owo.billing.v1";
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                             : reflection.HasField(message, &field);
}

// A field of a repeated message counts as set if one element has it, because some fields exclude
// others.
void AddUnset(const std::vector<const Message*>& messages, const std::string& path,
              std::vector<std::string>& unset) {
  const auto& descriptor = *messages.front()->GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    const bool is_set = std::any_of(messages.begin(), messages.end(),
                                    [&](const Message* m) { return IsSet(*m, field); });
    if (!is_set) unset.push_back(path + field.name());
    if (!is_set || !IsMessage(field)) continue;
    std::vector<const Message*> inner;
    for (const Message* message : messages) {
      const Reflection& reflection = *message->GetReflection();
      if (!field.is_repeated()) inner.push_back(&reflection.GetMessage(*message, &field));
      for (int j = 0; field.is_repeated() && j < reflection.FieldSize(*message, &field); ++j) {
        inner.push_back(&reflection.GetRepeatedMessage(*message, &field, j));
      }
    }
    AddUnset(inner, path + field.name() + ".", unset);
  }
}

}  // namespace

void ParseText(const std::string& text, Message& message) {
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    throw std::invalid_argument("not a " + message.GetTypeName() + ": " + text);
  }
}

std::vector<std::string> UnsetFields(const Message& message) {
  std::vector<std::string> unset;
  AddUnset({&message}, "", unset);
  return unset;
}

}  // namespace owo::testing
