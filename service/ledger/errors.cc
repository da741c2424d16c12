#include "service/ledger/errors.h"

#include <array>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/disk_full.h"

namespace owo::ledger {
namespace {

struct Row {
  std::string_view name;
  absl::StatusCode code;
};

using enum absl::StatusCode;

// Indexed by Reason - 1.
constexpr std::array<Row, 44> kTable = {{
    {"INVALID_REQUEST", kInvalidArgument},
    {"REQUEST_ID_REUSED", kAlreadyExists},
    {"CUSTOMER_NOT_FOUND", kNotFound},
    {"CUSTOMER_AMBIGUOUS", kFailedPrecondition},
    {"CUSTOMER_EXISTS", kAlreadyExists},
    {"EVENT_ID_REUSED", kAlreadyExists},
    {"EVENT_IN_FUTURE", kOutOfRange},
    {"EVENT_TOO_OLD", kOutOfRange},
    {"FEATURE_NOT_FOUND", kNotFound},
    {"SUBSCRIPTION_NOT_FOUND", kNotFound},
    {"SUBSCRIPTION_CONFLICT", kFailedPrecondition},
    {"USAGE_AFTER_CHANGE", kFailedPrecondition},
    {"PLAN_NOT_FOUND", kNotFound},
    {"CURRENCY_MISMATCH", kFailedPrecondition},
    {"PLAN_IMMUTABLE", kFailedPrecondition},
    {"QUANTITY_OUT_OF_RANGE", kOutOfRange},
    {"NO_UNBILLED_USAGE", kFailedPrecondition},
    {"CREDIT_BALANCE", kFailedPrecondition},
    {"INVOICE_NOT_FOUND", kNotFound},
    {"INVOICE_STATUS_CONFLICT", kFailedPrecondition},
    {"CONTENTION", kAborted},
    {"OVERLOADED", kResourceExhausted},
    {"STORE_UNAVAILABLE", kUnavailable},
    {"INTERNAL", kInternal},
    {"LINE_NOT_FOUND", kNotFound},
    {"EVENTS_EXPIRED", kFailedPrecondition},
    {"DISK_FULL", kResourceExhausted},
    {"FEATURE_IN_USE", kFailedPrecondition},
    {"CATALOG_TOO_LARGE", kFailedPrecondition},
    {"KEY_MISSING", kUnauthenticated},
    {"KEY_MALFORMED", kUnauthenticated},
    {"KEY_UNKNOWN", kUnauthenticated},
    {"KEY_REVOKED", kUnauthenticated},
    {"KEY_EXPIRED", kUnauthenticated},
    {"SCOPE_MISSING", kPermissionDenied},
    {"TENANT_SUSPENDED", kFailedPrecondition},
    {"TENANT_NOT_FOUND", kNotFound},
    {"TENANT_EXISTS", kAlreadyExists},
    {"TOO_MANY_TENANTS", kFailedPrecondition},
    {"API_KEY_NOT_FOUND", kNotFound},
    {"API_KEY_ENDED", kFailedPrecondition},
    {"TOO_MANY_API_KEYS", kFailedPrecondition},
    {"CALL_RATE_EXCEEDED", kResourceExhausted},
    {"EVENT_RATE_EXCEEDED", kResourceExhausted},
}};

const Row& RowOf(Reason reason) { return kTable[static_cast<size_t>(reason) - 1]; }

// A status carries the refusal in payloads: lists of texts, joined by kSeparator. The texts are
// escaped, so none contains the separator.
constexpr char kReasonUrl[] = "owo.ledger/reason";
constexpr char kMetadataUrl[] = "owo.ledger/metadata";
constexpr char kFieldsUrl[] = "owo.ledger/fields";
constexpr char kSeparator = '\0';

std::vector<std::string> Texts(const absl::Status& status, const char* url) {
  const absl::optional<absl::Cord> payload = status.GetPayload(url);
  if (!payload.has_value() || payload->empty()) return {};
  std::vector<std::string> texts = absl::StrSplit(std::string{*payload}, kSeparator);
  for (std::string& text : texts) absl::CUnescape(std::string(text), &text);
  return texts;
}

absl::Status WithTexts(absl::Status status, const char* url,
                       const std::vector<std::string>& texts) {
  if (texts.empty()) return status;
  const auto escape = [](std::string* out, const std::string& text) {
    out->append(absl::CEscape(text));
  };
  status.SetPayload(url, absl::Cord(absl::StrJoin(texts, std::string(1, kSeparator), escape)));
  return status;
}

// The reason of an error that does not carry one: from the store, or from rating a value that is
// out of bounds.
Reason ReasonOf(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return Reason::kStoreUnavailable;
  if (storage::IsDiskFull(status)) return Reason::kDiskFull;
  if (absl::IsResourceExhausted(status)) return Reason::kOverloaded;
  return Reason::kInternal;
}

}  // namespace

absl::StatusCode CodeOf(Reason reason) { return RowOf(reason).code; }
std::string_view NameOf(Reason reason) { return RowOf(reason).name; }

absl::Status Refuse(Reason reason, std::string_view message, Metadata metadata) {
  absl::Status status(CodeOf(reason), absl::string_view(message.data(), message.size()));
  status = WithTexts(std::move(status), kReasonUrl, {absl::StrCat(static_cast<int>(reason))});
  std::vector<std::string> texts;
  for (auto& entry : metadata) {
    texts.push_back(std::move(entry.first));
    texts.push_back(std::move(entry.second));
  }
  return WithTexts(std::move(status), kMetadataUrl, texts);
}

absl::Status RefuseFields(std::vector<FieldViolation> violations) {
  std::vector<std::string> texts;
  for (FieldViolation& violation : violations) {
    texts.push_back(std::move(violation.field));
    texts.push_back(std::move(violation.description));
  }
  const std::string message = absl::StrCat("`", texts[0], "`: ", texts[1]);
  return WithTexts(Refuse(Reason::kInvalidRequest, message, {{"field", texts[0]}}), kFieldsUrl,
                   texts);
}

absl::Status TooMuchContention() {
  return Refuse(Reason::kContention, "too many other changes were made at the same time; retry");
}

Refusal RefusalOf(const absl::Status& status) {
  Refusal refusal{.message = std::string{status.message()}};
  const std::vector<std::string> reason = Texts(status, kReasonUrl);
  refusal.reason = reason.empty() ? ReasonOf(status) : static_cast<Reason>(std::stoi(reason[0]));
  const std::vector<std::string> metadata = Texts(status, kMetadataUrl);
  for (size_t i = 0; i + 1 < metadata.size(); i += 2) {
    refusal.metadata.emplace_back(metadata[i], metadata[i + 1]);
  }
  const std::vector<std::string> fields = Texts(status, kFieldsUrl);
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    refusal.violations.push_back({fields[i], fields[i + 1]});
  }
  return refusal;
}

}  // namespace owo::ledger
