#include "service/ledger/invoice.h"

#include <limits>
#include <string_view>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "service/ledger/ids.h"

namespace owo::ledger {
namespace {

using storage::MinorUnits;

// Sums are made in 128 bits, which no number of amounts overflows.
template <typename Amounts>
absl::int128 SumOf(const Amounts& amounts) {
  absl::int128 sum = 0;
  for (const auto& each : amounts) sum += each.amount;
  return sum;
}

absl::int128 SumOf(const std::vector<InvoiceLine>& lines) {
  absl::int128 sum = 0;
  for (const InvoiceLine& line : lines) sum += line.amount();
  return sum;
}

bool IsMinorUnits(absl::int128 sum) {
  using Limits = std::numeric_limits<MinorUnits>;
  return sum >= Limits::min() && sum <= Limits::max();
}

std::string_view StatusText(storage::InvoiceStatusRecord status) {
  switch (status) {
    case storage::INVOICE_STATUS_RECORD_DRAFT:
      return "draft";
    case storage::INVOICE_STATUS_RECORD_OPEN:
      return "open";
    case storage::INVOICE_STATUS_RECORD_PAID:
      return "paid";
    case storage::INVOICE_STATUS_RECORD_VOID:
      return "void";
    default:
      return "unknown";
  }
}

absl::Status StatusConflict(const Invoice& invoice, std::string_view wanted) {
  const std::string id = InvoiceIdText(invoice.id);
  const std::string status(StatusText(invoice.status));
  return Refuse(Reason::kInvoiceStatusConflict,
                absl::StrCat("invoice ", id, " is ", status, ": ", std::string(wanted)),
                {{"invoice_id", id}, {"status", status}});
}

}  // namespace

absl::Status Invoice::SumUp() {
  const absl::int128 lines_sum = SumOf(lines);
  const absl::int128 sum = lines_sum + SumOf(taxes);
  if (!IsMinorUnits(lines_sum) || !IsMinorUnits(sum)) {
    return absl::InternalError("the sums of an invoice exceed an int64");
  }
  subtotal = static_cast<MinorUnits>(lines_sum);
  total = static_cast<MinorUnits>(sum);
  return absl::OkStatus();
}

absl::Status Invoice::CheckSums() const {
  const absl::int128 lines_sum = SumOf(lines);
  const absl::int128 paid = SumOf(payments);
  const bool adds_up = subtotal == lines_sum && total == lines_sum + SumOf(taxes);
  const bool settled =
      status == storage::INVOICE_STATUS_RECORD_PAID ? paid == total : paid <= total;
  if (adds_up && settled) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("invoice ", InvoiceIdText(id), " does not add up to its ",
                                          "subtotal ", subtotal, " and total ", total));
}

MinorUnits Invoice::tax() const { return static_cast<MinorUnits>(SumOf(taxes)); }

MinorUnits Invoice::amount_paid() const { return static_cast<MinorUnits>(SumOf(payments)); }

MinorUnits Invoice::due() const {
  const bool owed = status == storage::INVOICE_STATUS_RECORD_DRAFT ||
                    status == storage::INVOICE_STATUS_RECORD_OPEN;
  return owed ? total - amount_paid() : 0;
}

absl::StatusOr<bool> Invoice::Finalize(storage::Micros now) {
  if (status == storage::INVOICE_STATUS_RECORD_VOID) {
    return StatusConflict(*this, "only a draft can be finalised");
  }
  if (status != storage::INVOICE_STATUS_RECORD_DRAFT) return false;
  status = storage::INVOICE_STATUS_RECORD_OPEN;
  finalized_at = now;
  return true;
}

absl::StatusOr<bool> Invoice::Pay(const std::string& reference, std::optional<storage::Micros> at,
                                  storage::Micros now) {
  if (status == storage::INVOICE_STATUS_RECORD_PAID) {
    const bool same = !payments.empty() && payments.back().reference == reference &&
                      at.value_or(payments.back().paid_at) == payments.back().paid_at;
    if (same) return false;
    return StatusConflict(*this, "it was paid with other arguments");
  }
  if (status != storage::INVOICE_STATUS_RECORD_OPEN) {
    return StatusConflict(*this, "only an open invoice can be paid");
  }
  if (at.has_value() && *at < finalized_at) {
    return RefuseFields({{"paid_at", "is before the invoice was finalised"}});
  }
  paid_at = at.value_or(now);
  payments.push_back({.amount = due(), .paid_at = paid_at, .reference = reference});
  status = storage::INVOICE_STATUS_RECORD_PAID;
  return true;
}

absl::StatusOr<bool> Invoice::Void(const std::string& reason, storage::Micros now) {
  if (status == storage::INVOICE_STATUS_RECORD_VOID) {
    if (void_reason == reason) return false;
    return StatusConflict(*this, "it was voided for another reason");
  }
  if (status == storage::INVOICE_STATUS_RECORD_PAID) {
    return StatusConflict(*this, "only a draft or open invoice can be voided");
  }
  status = storage::INVOICE_STATUS_RECORD_VOID;
  voided_at = now;
  void_reason = reason;
  return true;
}

}  // namespace owo::ledger
