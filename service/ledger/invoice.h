// An invoice: what it charges, what it comes to, and how it may change. The only place that adds up
// an invoice: creating, finalizing, paying, voiding, reading and verifying one use these sums.
//
//   OWO_TRY(Invoice invoice, ParseInvoice(row));   // invoice_record.h
//   OWO_TRY(const bool changed, invoice.Pay("bank transfer 4711", std::nullopt, now));
//   invoice.due();                                 // 0
//
// A new field of an invoice is a member here, a field of storage::InvoiceRecord and a field of the
// API's Invoice. If those two have the same name, one line of a Map…Fields() function below reads,
// writes and shows it. What a caller writes on an invoice needs no line here:
// storage::InvoiceNotes.
//
// The types are plain values: share one between threads only if no thread changes it. Amounts of
// money are minor units of the invoice's currency, times are microseconds since 1970. Other numbers
// for display are decimals as text, as they were when the line was made.

#ifndef OWO_SERVICE_LEDGER_INVOICE_H_
#define OWO_SERVICE_LEDGER_INVOICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/rating/period.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::ledger {

// A period, for display.
struct PeriodView {
  rating::Interval interval = rating::Interval::kMonth;
  std::string label;      // "2026-11" (rating::Period::Label)
  std::string time_zone;  // IANA name
  storage::Micros start = 0;
  storage::Micros end = storage::kForever;

  friend bool operator==(const PeriodView&, const PeriodView&) = default;
};

// The share of a tier in a line, for display. All are decimals.
struct LineTier {
  std::optional<std::string> up_to;  // absent: no upper bound
  std::string unit_price;            // minor units
  std::string flat_fee;              // minor units
  std::string quantity;              // of units in this tier; negative in a credit
  std::string amount;                // minor units, not rounded to whole ones

  friend bool operator==(const LineTier&, const LineTier&) = default;
};

// What an invoice charges for one counter. Names and prices are frozen as they were when the line
// was made.
struct InvoiceLine {
  storage::CounterKey counter;
  // What the line adds to the coverage of its counter: quantities, amount, and ordinals of events.
  storage::Coverage covers;
  std::string feature_slug;
  std::string feature_name;
  std::string plan;  // slug
  uint32_t plan_version = 0;
  // For display, in minor units; "" if no unit is billed.
  std::string unit_price;
  // How the billed units are divided among the tiers of the price. Empty if it has none.
  std::vector<LineTier> tiers;
  PeriodView period;

  // What the line adds to the subtotal. Negative if the line is a credit.
  storage::MinorUnits amount() const { return covers.amount; }

  friend bool operator==(const InvoiceLine&, const InvoiceLine&) = default;
};

// A tax on an invoice, added to its subtotal. No tax is configured today, so invoices have none.
// InvoiceRecord has no field for it, and ToRecord() refuses an invoice that has one: it would not
// add up when it is read.
struct InvoiceTax {
  storage::MinorUnits amount = 0;
};

// What was paid of an invoice, at once. An invoice has at most one payment today, of all that was
// due.
struct InvoicePayment {
  storage::MinorUnits amount = 0;
  storage::Micros paid_at = 0;  // when it was received
  std::string reference;        // the caller's, such as the number of a transfer
};

// An invoice as it is committed: what ToRecord() stores and ParseInvoice() reads.
struct Invoice {
  // 16 bytes (ids.h).
  std::string id;
  storage::CustomerNo customer{};
  storage::InvoiceStatusRecord status = storage::INVOICE_STATUS_RECORD_UNSPECIFIED;
  // With `sequence`, the invoice's number (InvoiceNumber in ids.h).
  std::string series;
  // From 1, without gaps within the series, except after a restore. 0: it has no number, because it
  // was never finalized. Set by the store.
  uint64_t sequence = 0;
  // One more at each change, so that of two concurrent changes one fails. Set by the store.
  uint64_t revision = 0;
  // ISO 4217 code.
  std::string currency;
  // By feature, period, segment, as in the statement. At most kLinesMax (line_selection.h).
  std::vector<InvoiceLine> lines;
  std::vector<InvoiceTax> taxes;
  std::vector<InvoicePayment> payments;
  // The sum of the lines.
  storage::MinorUnits subtotal = 0;
  // The subtotal and all taxes.
  storage::MinorUnits total = 0;
  // When it was created and, once it is so, finalized, paid and voided. Else 0.
  storage::Micros created_at = 0;
  storage::Micros finalized_at = 0;
  storage::Micros paid_at = 0;
  storage::Micros voided_at = 0;
  // The caller's; "" unless the invoice is void.
  std::string void_reason;
  // What the caller wrote on it, metadata and memo: the bytes of a storage::InvoiceNotes, because
  // nothing here reads them. Frozen at creation.
  std::string notes;

  // ---- Sums.

  // Sets `subtotal` and `total` from lines and taxes. INTERNAL if they exceed an int64.
  absl::Status SumUp();
  // DATA_LOSS unless `subtotal` and `total` are those of lines and taxes, and payments come to no
  // more than the total, and to all of it if the invoice is paid. Called before a change is
  // written and after each read, so no caller ever sees an invoice that does not add up. A new
  // invoice has its sums from SumUp().
  absl::Status CheckSums() const;

  // REQUIRES: CheckSums() is OK.
  storage::MinorUnits tax() const;          // the sum of the taxes
  storage::MinorUnits amount_paid() const;  // the sum of the payments
  // What remains to be paid: total - amount_paid() of a draft or open invoice, else 0.
  storage::MinorUnits due() const;

  // ---- Changes: draft → open → paid; draft or open → void.
  //
  // Each returns whether the invoice changed: false if it had been changed so before, which makes a
  // repeat harmless. Errors: INVOICE_STATUS_CONFLICT, which leaves the invoice as it was. `now`: by
  // the tenant's clock.

  // Opens a draft; the store gives it its number when it commits. An open or paid invoice stays.
  absl::StatusOr<bool> Finalize(storage::Micros now);
  // Adds a payment of all that is due, received at `at` or, if absent, `now`. `reference`: of the
  // payment, for people; not interpreted. Also INVALID_REQUEST if `at` is before the invoice was
  // finalized.
  absl::StatusOr<bool> Pay(const std::string& reference, std::optional<storage::Micros> at,
                           storage::Micros now);
  // Cancels a draft or open invoice. The store then releases what its lines cover, so that the next
  // invoice bills it.
  absl::StatusOr<bool> Void(const std::string& reason, storage::Micros now);
};

// ---- The fields that storage and the API have under the same names.
//
// One line each: the number of the field in `Message`, and the member. `Message` is a record of
// storage or a message of the API. `fields` has Text(), Optional() and Number(): it reads the
// member from a row (invoice_record.cc), writes it to a record (there as well) or shows it
// (service/rpc/billing/invoice_bytes.cc).

// `Message`: InvoiceRecord or Invoice.
template <typename Message, typename Fields, typename AnyInvoice>
void MapInvoiceFields(Fields& fields, AnyInvoice& invoice) {
  fields.Text(Message::kCurrencyFieldNumber, invoice.currency);
  fields.Number(Message::kSubtotalFieldNumber, invoice.subtotal);
  fields.Number(Message::kTotalFieldNumber, invoice.total);
  fields.Text(Message::kVoidReasonFieldNumber, invoice.void_reason);
}

// `Message`: LineRecord or LineItem.
template <typename Message, typename Fields, typename AnyLine>
void MapLineFields(Fields& fields, AnyLine& line) {
  fields.Text(Message::kFeatureSlugFieldNumber, line.feature_slug);
  fields.Text(Message::kFeatureNameFieldNumber, line.feature_name);
  fields.Text(Message::kPlanFieldNumber, line.plan);
  fields.Number(Message::kPlanVersionFieldNumber, line.plan_version);
  fields.Text(Message::kUnitPriceFieldNumber, line.unit_price);
}

// `Message`: LineTierRecord or TierUsage.
template <typename Message, typename Fields, typename AnyTier>
void MapTierFields(Fields& fields, AnyTier& tier) {
  fields.Optional(Message::kUpToFieldNumber, tier.up_to);
  fields.Text(Message::kUnitPriceFieldNumber, tier.unit_price);
  fields.Text(Message::kFlatFeeFieldNumber, tier.flat_fee);
  fields.Text(Message::kQuantityFieldNumber, tier.quantity);
  fields.Text(Message::kAmountFieldNumber, tier.amount);
}

// `Message`: PaymentRecord or Payment.
template <typename Message, typename Fields, typename AnyPayment>
void MapPaymentFields(Fields& fields, AnyPayment& payment) {
  fields.Number(Message::kAmountFieldNumber, payment.amount);
  fields.Text(Message::kReferenceFieldNumber, payment.reference);
}

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_INVOICE_H_
