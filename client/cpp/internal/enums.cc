// ToString of every enum: the lower-case words of the SDK, derived from the names in the protocol,
// so that there is only one list of names.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "client/cpp/admin.h"
#include "client/cpp/billing.h"
#include "client/cpp/catalog.h"
#include "client/cpp/customers.h"
#include "client/cpp/metering.h"
#include "client/cpp/pricing.h"
#include "owo/billing/v1/access.pb.h"
#include "owo/billing/v1/admin.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/event.pb.h"
#include "owo/billing/v1/invoice.pb.h"
#include "owo/billing/v1/period.pb.h"
#include "owo/billing/v1/pricing.pb.h"

namespace owo {
namespace {

namespace v1 = ::owo::billing::v1;

// INVOICE_STATUS_OPEN becomes "open": all names share the prefix of the name of value 0,
// INVOICE_STATUS_UNSPECIFIED.
template <typename WireEnum>
std::string Word(int number) {
  const google::protobuf::EnumDescriptor* names = google::protobuf::GetEnumDescriptor<WireEnum>();
  const google::protobuf::EnumValueDescriptor* value = names->FindValueByNumber(number);
  if (value == nullptr) return "unknown";
  const absl::string_view prefix =
      absl::StripSuffix(names->FindValueByNumber(0)->name(), "UNSPECIFIED");
  return absl::AsciiStrToLower(absl::StripPrefix(value->name(), prefix));
}

}  // namespace

std::string ToString(UsageModel model) { return Word<v1::UsageModel>(static_cast<int>(model)); }

std::string ToString(RatingModel model) { return Word<v1::RatingModel>(static_cast<int>(model)); }

std::string ToString(OveragePolicy policy) {
  return Word<v1::OveragePolicy>(static_cast<int>(policy));
}

std::string ToString(Interval interval) { return Word<v1::Interval>(static_cast<int>(interval)); }

std::string ToString(InvoiceStatus status) {
  return Word<v1::InvoiceStatus>(static_cast<int>(status));
}

std::string ToString(InvoiceKind kind) { return Word<v1::InvoiceKind>(static_cast<int>(kind)); }

std::string ToString(LineKind kind) { return Word<v1::LineKind>(static_cast<int>(kind)); }

std::string ToString(TrackCode code) { return Word<v1::TrackCode>(static_cast<int>(code)); }

std::string ToString(Enforcement enforcement) {
  return Word<v1::Enforcement>(static_cast<int>(enforcement));
}

std::string ToString(SubscriptionStatus status) {
  return Word<v1::SubscriptionStatus>(static_cast<int>(status));
}

std::string ToString(CatalogKind kind) { return Word<v1::CatalogKind>(static_cast<int>(kind)); }

std::string ToString(CatalogAction action) {
  return Word<v1::CatalogAction>(static_cast<int>(action));
}

std::string ToString(Scope scope) { return Word<v1::Scope>(static_cast<int>(scope)); }

std::string ToString(TenantMode mode) { return Word<v1::TenantMode>(static_cast<int>(mode)); }

std::string ToString(TenantStatus status) {
  return Word<v1::TenantStatus>(static_cast<int>(status));
}

std::string ToString(ApiKeyStatus status) {
  return Word<v1::ApiKeyStatus>(static_cast<int>(status));
}

}  // namespace owo
