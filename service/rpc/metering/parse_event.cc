#include "service/rpc/metering/parse_event.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/str_cat.h"
#include "service/rating/bounds.h"

namespace owo::rpc {
namespace {

constexpr DecimalBounds kQuantity = {-rating::kQuantityMax, rating::kQuantityMax,
                                     "a magnitude of at most 10^12"};
constexpr Length kEventId = {0, 128};
constexpr size_t kPropertiesMax = 20;
constexpr size_t kPropertyMax = 256;

}  // namespace

// The properties are stored as a serialized UsageEvent that has no other fields.
std::string PackedProperties(Fields& fields, const Fields::TextMap& properties) {
  fields.CheckMap("properties", properties, kPropertiesMax, kPropertyMax);
  pb::UsageEvent event;
  *event.mutable_properties() = properties;
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    event.SerializeToCodedStream(&out);
  }
  return bytes;
}

rating::Decimal EventQuantity(Fields& fields, std::string_view text) {
  if (!text.empty()) return fields.Decimal("quantity", text, kQuantity);
  fields.Wrong("quantity", "required: want a decimal number such as \"1\" or \"0.25\"");
  return {};
}

void SetEventId(Fields& fields, std::string_view id, ledger::UsageEvent& event) {
  fields.CheckOpaque("event_id", id, kEventId);
  if (!id.empty()) event.SetId(id);
}

bool RecordAlways(Fields& fields, pb::Enforcement enforcement) {
  if (enforcement != pb::ENFORCEMENT_UNSPECIFIED && enforcement != pb::ENFORCEMENT_RECORD_ALWAYS) {
    fields.Wrong("enforcement", absl::StrCat("got ", static_cast<int>(enforcement),
                                             ", want a value of Enforcement"));
  }
  return enforcement == pb::ENFORCEMENT_RECORD_ALWAYS;
}

}  // namespace owo::rpc
