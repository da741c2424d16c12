// What a customer owes: unbilled usage and invoices.
//
//   absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
//   usage->total_estimated;            // 8731: minor units of usage->currency
//   usage->features[0].overage_units;  // "21361870"
//
// Amounts of money are int64 in minor units (cents, kobo; whole yen). Quantities and unit prices
// are decimal strings. proto/owo/billing/v1/billing.proto documents every field in detail.

#ifndef OWO_CLIENT_CPP_BILLING_H_
#define OWO_CLIENT_CPP_BILLING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/cpp/pricing.h"

namespace owo {

struct UsageParams {
  std::string customer;  // id or email

  bool operator==(const UsageParams&) const = default;
};

// Unbilled usage of one feature in one segment of a period. Negative values mean that earlier
// invoices covered more than is due now.
struct BillingFeatureUsage {
  std::string feature_slug;
  std::string feature_name;
  std::string overage_units;                 // billable and unbilled; may be negative
  std::optional<std::string> overage_price;  // price or average; absent if overage_units is "0"
  int64_t estimated_cost = 0;                // minor units; may be negative
  std::string usage;                         // units that no invoice covers
  std::string included;                      // free units among `usage`
  UsageModel usage_model = UsageModel::kUnspecified;
  RatingModel rating_model = RatingModel::kUnspecified;
  std::optional<std::string> billing_units;  // units in a package
  std::vector<TierUsage> tiers;              // of graduated and volume prices only
  Period period;                             // when the usage happened
  std::string plan;                          // slug of the plan at that time
  uint32_t plan_version = 0;                 // from 1

  bool operator==(const BillingFeatureUsage&) const = default;
};

// What a customer's unbilled usage costs: the subtotal and the lines that the next invoice would
// have.
struct BillingUsageResult {
  std::string customer;           // always the id, even if the request gave an email
  std::string currency;           // ISO 4217
  int32_t currency_exponent = 0;  // decimal places of the currency: 2 for USD, 0 for JPY
  int64_t total_estimated = 0;    // minor units, before tax; may be negative
  std::vector<BillingFeatureUsage> features;  // empty if nothing is unbilled

  bool operator==(const BillingUsageResult&) const = default;
};

// draft → open → paid; draft or open → void. A draft has no number; a void invoice covers no usage.
enum class InvoiceStatus : int { kUnspecified = 0, kDraft = 1, kOpen = 2, kPaid = 3, kVoid = 4 };
std::string ToString(InvoiceStatus status);

enum class InvoiceKind : int { kUnspecified = 0, kInvoice = 1 };
std::string ToString(InvoiceKind kind);

enum class LineKind : int { kUnspecified = 0, kUsage = 1 };
std::string ToString(LineKind kind);

// Money received for an invoice.
struct Payment {
  int64_t amount = 0;     // minor units of the invoice's currency, positive
  absl::Time paid_at;     // as given to pay_invoice(), or when it was called
  std::string reference;  // as given to pay_invoice(); may be empty

  bool operator==(const Payment&) const = default;
};

// What an invoice charges for one feature in one segment of a period: the change since earlier
// invoices, so it may be negative.
struct InvoiceLineItem {
  std::string feature_slug;
  std::string feature_name;
  std::string quantity;                   // billable units
  std::optional<std::string> unit_price;  // the price, or the average; absent if `quantity` is "0"
  int64_t amount = 0;                     // minor units; the amounts add up to the subtotal
  std::string usage;                      // units that the line covers
  std::string included;                   // free units; quantity = usage − included
  std::vector<TierUsage> tiers;           // of graduated and volume prices only
  Period period;                          // when the usage happened; earlier for late usage
  std::string plan;                       // slug of the plan at that time
  uint32_t plan_version = 0;              // from 1
  LineKind kind = LineKind::kUnspecified;

  bool operator==(const InvoiceLineItem&) const = default;
};

// An invoice. Once it is finalized, only its status, payments and void reason change. Amounts are
// in minor units of `currency`.
struct Invoice {
  std::string id;           // "inv_…"
  std::string number;       // "INV-000001", without gaps; empty on a draft
  std::string customer_id;  // the customer's id now, even if it was changed since
  InvoiceStatus status = InvoiceStatus::kUnspecified;
  std::string currency;           // ISO 4217
  int32_t currency_exponent = 0;  // decimal places of the currency: 2 for USD, 0 for JPY
  InvoiceKind kind = InvoiceKind::kUnspecified;
  int64_t subtotal = 0;     // sum of the lines, before tax
  int64_t tax = 0;          // 0: the server computes no taxes today
  int64_t total = 0;        // subtotal + tax, positive
  int64_t amount_due = 0;   // total − amount_paid; 0 once it is paid or void
  int64_t amount_paid = 0;  // sum of the payments
  std::vector<Payment> payments;
  std::vector<InvoiceLineItem> line_items;  // grouped by feature, oldest period first
  absl::Time created_at;                    // usage recorded later is not on the invoice
  std::optional<absl::Time> finalized_at;   // absent on a draft
  std::optional<absl::Time> paid_at;        // absent until it is paid
  std::optional<absl::Time> voided_at;      // absent until it is voided
  std::string void_reason;
  std::map<std::string, std::string> metadata;
  std::string memo;  // as given when it was created; never changes

  bool operator==(const Invoice&) const = default;
};

struct InvoiceParams {
  std::string customer;  // id or email
  bool draft = false;    // create a draft, to be finalized later, instead of an open one
  std::map<std::string, std::string> metadata;
  std::string memo;        // a text for the reader of the invoice; at most 1,000 bytes
  std::string request_id;  // made by the client when empty

  bool operator==(const InvoiceParams&) const = default;
};

// The invoice that was created, or with `replayed` the one that an earlier call created.
struct InvoiceResult {
  bool success = false;  // always true: failures are a status
  Invoice invoice;
  bool replayed = false;  // `request_id` had succeeded before; this call changed nothing

  bool operator==(const InvoiceResult&) const = default;
};

struct InvoicesParams {
  std::string customer;                 // id or email; empty: invoices of all customers
  std::optional<InvoiceStatus> status;  // only invoices with this status; absent: all

  bool operator==(const InvoicesParams&) const = default;
};

struct InvoicesResult {
  std::vector<Invoice> invoices;  // newest first

  bool operator==(const InvoicesResult&) const = default;
};

struct GetInvoiceParams {
  std::string invoice_id;  // Invoice::id, not its number

  bool operator==(const GetInvoiceParams&) const = default;
};

struct FinalizeInvoiceParams {
  std::string invoice_id;  // Invoice::id: a draft has no number
  std::string request_id;  // made by the client when empty

  bool operator==(const FinalizeInvoiceParams&) const = default;
};

// The invoice that was paid, always in full.
struct PayInvoiceParams {
  std::string invoice_id;             // Invoice::id, not its number
  std::string reference;              // the payment's reference in another system
  std::optional<absl::Time> paid_at;  // absent: now; not before finalized_at, nor in the future
  std::string request_id;             // made by the client when empty

  bool operator==(const PayInvoiceParams&) const = default;
};

struct VoidInvoiceParams {
  std::string invoice_id;  // Invoice::id, not its number
  std::string reason;      // at most 512 bytes; kept as Invoice::void_reason
  std::string request_id;  // made by the client when empty

  bool operator==(const VoidInvoiceParams&) const = default;
};

// ---- For the client itself: the fields that are on the wire as they are here, one line each.
// `Message` is the message of the same name in owo.billing.v1. client/cpp/internal/wire_billing.cc
// converts the other fields.
namespace internal {

template <typename Message>
void PutFields(const InvoiceParams& params, Message& message) {
  message.set_customer(params.customer);
  message.set_draft(params.draft);
  message.mutable_metadata()->insert(params.metadata.begin(), params.metadata.end());
  message.set_memo(params.memo);
  message.set_request_id(params.request_id);
}

template <typename Message>
void TakeFields(const Message& message, Invoice& invoice) {
  invoice.id = message.id();
  invoice.number = message.number();
  invoice.customer_id = message.customer_id();
  invoice.currency = message.currency();
  invoice.currency_exponent = message.currency_exponent();
  invoice.subtotal = message.subtotal();
  invoice.tax = message.tax();
  invoice.total = message.total();
  invoice.amount_due = message.amount_due();
  invoice.amount_paid = message.amount_paid();
  invoice.void_reason = message.void_reason();
  invoice.metadata.insert(message.metadata().begin(), message.metadata().end());
  invoice.memo = message.memo();
}

}  // namespace internal

}  // namespace owo

#endif  // OWO_CLIENT_CPP_BILLING_H_
