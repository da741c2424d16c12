// What a customer owes: unbilled usage and invoices.
//
//   absl::StatusOr<owo::BillingUsageResult> usage = owo.billing.usage({.customer = "user_123"});
//   usage->total_estimated;            // 8731: minor units of usage->currency
//   usage->features[0].overage_units;  // "21361870"
//
// Amounts of money are int64 in minor units (cents, kobo; whole yen); FormatMoney() in money.h
// shows them. Quantities and unit prices are decimal strings, so that no floating-point number
// rounds them. Times are instants; the server stores whole microseconds and cuts off finer parts.
//
// Values outside the bounds stated here are INVALID_REQUEST. `metadata` has at most 50 entries,
// with keys of 1–64 bytes and values of at most 512 bytes; the server stores it without
// interpreting it. proto/owo/billing/v1/billing.proto documents every field in detail.

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
// invoices covered more than is due now, for example because a negative quantity was tracked since.
struct BillingFeatureUsage {
  std::string feature_slug;
  std::string feature_name;

  // Billable units that no invoice covers: usage − included. May be negative.
  std::string overage_units;

  // Price of one of these units in minor units, or their average price, with at most 12 fraction
  // digits. For display only: it may be rounded, so do not multiply with it. Absent if
  // `overage_units` is "0".
  std::optional<std::string> overage_price;

  // What these units cost, in minor units. May be negative.
  int64_t estimated_cost = 0;

  std::string usage;     // units that no invoice covers, free ones included
  std::string included;  // free units among `usage`
  UsageModel usage_model = UsageModel::kUnspecified;
  RatingModel rating_model = RatingModel::kUnspecified;

  // Units in a package. Absent unless `rating_model` is kPackage.
  std::optional<std::string> billing_units;

  // What each tier contributes, without tiers that contribute neither units nor a fee. Empty unless
  // `rating_model` is kGraduated or kVolume.
  std::vector<TierUsage> tiers;

  // When the usage happened. It may be a period that ended long ago, if usage was recorded late.
  Period period;

  // The plan in force at that time, not necessarily the customer's plan now. Versions start at 1.
  std::string plan;
  uint32_t plan_version = 0;

  bool operator==(const BillingFeatureUsage&) const = default;
};

// What a customer's unbilled usage costs: the subtotal and the lines that the next invoice would
// have. If there is more usage than one invoice can have, these are the lines that it would take.
struct BillingUsageResult {
  // Always the id, even if the request gave an email.
  std::string customer;

  // ISO 4217 code: the customer's currency, or the server's default if the customer never had a
  // plan.
  std::string currency;

  // Decimal places of the currency: 2 for USD, 0 for JPY, 3 for KWD.
  int32_t currency_exponent = 0;

  // Sum of the costs in `features`, in minor units, before tax. If it is not positive, invoice()
  // fails with CREDIT_BALANCE, or with NO_UNBILLED_USAGE if `features` is empty.
  int64_t total_estimated = 0;

  // At most 1,000 rows, in the order of the lines that invoice() would make. Empty if nothing is
  // unbilled.
  std::vector<BillingFeatureUsage> features;

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
  absl::Time paid_at;     // as given to pay_invoice(), or when the server received the call
  std::string reference;  // as given to pay_invoice(); may be empty

  bool operator==(const Payment&) const = default;
};

// What an invoice charges for one feature in one segment of a period: the change since earlier
// invoices, so quantities and the amount may be negative. A line never changes.
struct InvoiceLineItem {
  std::string feature_slug;

  // The feature's name when the invoice was created.
  std::string feature_name;

  // Billable units: usage − included.
  std::string quantity;

  // Price of one unit in minor units, with at most 12 fraction digits. For a package it is the
  // package's price divided by its units; for tiers with different prices it is the average, flat
  // fees included. For display only: it may be rounded. Absent if `quantity` is "0".
  std::optional<std::string> unit_price;

  // Minor units, rounded once. The amounts of all lines add up to the invoice's subtotal.
  int64_t amount = 0;

  // Units that the line covers, free ones included. The quantities of its events, as
  // invoice_events() returns them, add up to it.
  std::string usage;

  std::string included;  // free units among `usage`

  // What each tier contributes, without tiers that contribute neither units nor a fee. Empty unless
  // the price is graduated or volume.
  std::vector<TierUsage> tiers;

  // When the usage happened. Late usage is billed in its own, earlier period.
  Period period;

  // The plan in force at that time. Versions start at 1.
  std::string plan;
  uint32_t plan_version = 0;

  LineKind kind = LineKind::kUnspecified;

  bool operator==(const InvoiceLineItem&) const = default;
};

// An invoice. Once it is finalized, only its status, payments and void reason change. Amounts are
// in minor units of `currency`.
struct Invoice {
  // Made by the server: "inv_…", at most 64 bytes. The key for all later calls.
  std::string id;

  // For people: "INV-000001", without gaps, except where lost data was restored from a backup.
  // Empty on a draft, and on a draft that was voided.
  std::string number;

  // The customer's id now: it follows a change of the id.
  std::string customer_id;

  InvoiceStatus status = InvoiceStatus::kUnspecified;
  std::string currency;           // ISO 4217
  int32_t currency_exponent = 0;  // decimal places of the currency: 2 for USD, 0 for JPY
  InvoiceKind kind = InvoiceKind::kUnspecified;
  int64_t subtotal = 0;  // sum of the lines, before tax
  int64_t tax = 0;       // 0: the server computes no taxes today
  int64_t total = 0;     // subtotal + tax, positive

  // What remains to be paid: total − amount_paid; 0 once the invoice is paid or void.
  int64_t amount_due = 0;

  int64_t amount_paid = 0;        // sum of the payments
  std::vector<Payment> payments;  // in the order in which they were received

  // 1 to 1,000 lines, grouped by feature, and within a feature the oldest period first. Positions
  // in this list, counted from 1, are what InvoiceEventsParams::line takes.
  std::vector<InvoiceLineItem> line_items;

  // Usage that was recorded later is not on the invoice.
  absl::Time created_at;

  std::optional<absl::Time> finalized_at;  // absent until it is finalized
  std::optional<absl::Time> paid_at;       // absent until it is paid
  std::optional<absl::Time> voided_at;     // absent until it is voided
  std::string void_reason;                 // as given to void_invoice(); may be empty

  // As given to invoice(). They never change, not even on a draft.
  std::map<std::string, std::string> metadata;
  std::string memo;

  bool operator==(const Invoice&) const = default;
};

struct InvoiceParams {
  std::string customer;  // id or email

  // Create a draft instead of an open invoice. A draft covers its usage already, but it has no
  // number and cannot be paid until finalize_invoice() opens it.
  bool draft = false;

  std::map<std::string, std::string> metadata;

  // A text for the reader of the invoice, at most 1,000 bytes.
  std::string memo;

  // 1–64 characters; made by the client when empty. Set your own, for example one per customer and
  // billing run, and a run that is repeated within 30 days does not create a second invoice.
  std::string request_id;

  bool operator==(const InvoiceParams&) const = default;
};

// The invoice that was created, or with `replayed` the one that an earlier call created.
struct InvoiceResult {
  // Always true: failures are a status.
  bool success = false;

  // With `replayed` it is the invoice as it is now, for example already paid.
  Invoice invoice;

  // `request_id` had succeeded before; this call changed nothing. Retries of the client itself can
  // cause it, if the answer to an earlier attempt was lost.
  bool replayed = false;

  bool operator==(const InvoiceResult&) const = default;
};

struct InvoicesParams {
  // Id or email. Empty: invoices of all customers.
  std::string customer;

  // Only invoices with this status. Absent: all.
  std::optional<InvoiceStatus> status;

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
  std::string request_id;  // 1–64 characters; made by the client when empty

  bool operator==(const FinalizeInvoiceParams&) const = default;
};

// A payment that was received for an open invoice, always in full.
struct PayInvoiceParams {
  std::string invoice_id;  // Invoice::id, not its number

  // The payment's reference in another system, at most 128 bytes: "bank transfer 4711".
  std::string reference;

  // Absent: when the server receives the call. Not before Invoice::finalized_at, and not in the
  // future by the server's clock.
  std::optional<absl::Time> paid_at;

  std::string request_id;  // 1–64 characters; made by the client when empty

  bool operator==(const PayInvoiceParams&) const = default;
};

struct VoidInvoiceParams {
  std::string invoice_id;  // Invoice::id, not its number
  std::string reason;      // at most 512 bytes; kept as Invoice::void_reason
  std::string request_id;  // 1–64 characters; made by the client when empty

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
