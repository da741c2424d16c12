// How tests ask what is wrong with a request.
//
//   EXPECT_THAT(WrongFields<pb::UsageRequest>("customer: ''"), ElementsAre("customer"));

#ifndef OWO_TESTS_RPC_PARSE_TESTING_H_
#define OWO_TESTS_RPC_PARSE_TESTING_H_

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "service/ledger/reason.h"
#include "service/rpc/parse.h"
#include "tests/client/proto_text.h"
#include "tests/support/refusal.h"

namespace owo::rpc {

using ledger::Must;
using testing::FromText;

// 2026-11-15T12:00:00Z.
inline constexpr storage::Micros kParsedAt = 1'794'744'000'000'000;

// "xxx…", quoted as text format wants it.
inline std::string Text(size_t bytes) { return "'" + std::string(bytes, 'x') + "'"; }

// `field { key: 'k0' value: … } field { key: 'k1' … }`
inline std::string Entries(const std::string& field, size_t count, size_t value_bytes = 1) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += field + " { key: 'k" + std::to_string(i) + "' value: " + Text(value_bytes) + " } ";
  }
  return text;
}

inline std::vector<std::string> FieldsIn(const absl::Status& status) {
  std::vector<std::string> fields;
  if (status.ok()) return fields;
  const ledger::Refusal refusal = ledger::RefusalOf(status);
  EXPECT_EQ(refusal.reason, ledger::Reason::kInvalidRequest) << status;
  for (const ledger::FieldViolation& violation : refusal.violations) {
    EXPECT_FALSE(violation.description.empty()) << violation.field;
    fields.push_back(violation.field);
  }
  return fields;
}

inline absl::StatusOr<EventBatch> Parse(const pb::TrackBatchRequest& request) {
  return ParseBatch(request.SerializeAsString());
}

template <typename Request>
auto ParseText(const std::string& text) {
  return Parse(FromText<Request>(text));
}
template <>
inline auto ParseText<pb::PayInvoiceRequest>(const std::string& text) {
  return Parse(FromText<pb::PayInvoiceRequest>(text), kParsedAt);
}

// The fields that a request is refused for; none if it is not refused.
template <typename Request>
std::vector<std::string> WrongFields(const std::string& text) {
  return FieldsIn(ParseText<Request>(text).status());
}

}  // namespace owo::rpc

#endif  // OWO_TESTS_RPC_PARSE_TESTING_H_
