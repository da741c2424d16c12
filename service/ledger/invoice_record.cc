#include "service/ledger/invoice_record.h"

#include <string>
#include <utility>

#include "service/ledger/terms.h"
#include "service/rating/check.h"
#include "storage/convert.h"
#include "storage/util/try.h"
#include "storage/util/varint.h"
#include "storage/util/wire.h"

namespace owo::ledger {
namespace {

using storage::CounterKeyRecord;
using storage::Coverage;
using storage::CoverageRecord;
using storage::InvoiceRecord;
using storage::LineRecord;
using storage::LineTierRecord;
using storage::PaymentRecord;
using storage::Quantity;
using storage::WireFields;

absl::Status DoesNotParse() { return absl::DataLossError("the row of an invoice does not parse"); }

// Reads the current field of a row into the member that has its number.
class FieldReader {
 public:
  explicit FieldReader(WireFields& row) : row_(row) {}

  // Whether a member had the number of some field since this was made.
  bool found() const { return found_; }

  void Text(int number, std::string& to) {
    if (Is(number)) to = row_.Bytes();
  }
  void Optional(int number, std::optional<std::string>& to) {
    if (Is(number)) to = row_.Bytes();
  }
  void Number(int number, int64_t& to) {
    if (Is(number)) to = row_.Signed();
  }
  void Number(int number, uint32_t& to) {
    if (Is(number)) to = static_cast<uint32_t>(row_.Varint());
  }

 private:
  bool Is(int number) {
    const bool is = row_.number() == static_cast<uint32_t>(number);
    found_ |= is;
    return is;
  }

  WireFields& row_;
  bool found_ = false;
};

// Moves members into the fields of a record that have their numbers. Like protobuf, omits a text
// that is "".
template <typename Record>
class RecordWriter {
 public:
  explicit RecordWriter(Record& record) : record_(record) {}

  void Text(int number, std::string& value) {
    if (!value.empty()) Set(number, value);
  }
  void Optional(int number, std::optional<std::string>& value) {
    if (value.has_value()) Set(number, *value);
  }
  void Number(int number, int64_t value) {
    Record::GetReflection()->SetInt64(&record_, FieldOf(number), value);
  }
  void Number(int number, uint32_t value) {
    Record::GetReflection()->SetUInt32(&record_, FieldOf(number), value);
  }

 private:
  void Set(int number, std::string& value) {
    Record::GetReflection()->SetString(&record_, FieldOf(number), std::move(value));
  }
  static const auto* FieldOf(int number) { return Record::descriptor()->FindFieldByNumber(number); }

  Record& record_;
};

// ---- Reading.

// Appends an element for the current field of a row. Before the first, reserves memory for all
// fields of its number.
template <typename Element>
Element& Append(const WireFields& at, std::vector<Element>& to) {
  if (to.empty()) {
    WireFields rest = at;
    size_t count = 1;
    while (rest.Next()) count += rest.number() == at.number() ? 1 : 0;
    to.reserve(count);
  }
  return to.emplace_back();
}

absl::Status ParseCounter(std::string_view row, storage::CounterKey& counter) {
  WireFields fields(row);
  while (fields.Next()) {
    switch (fields.number()) {
      case CounterKeyRecord::kCustomerFieldNumber:
        counter.customer = storage::CustomerNo{fields.Varint()};
        break;
      case CounterKeyRecord::kFeatureFieldNumber:
        counter.feature = storage::FeatureNo{static_cast<uint32_t>(fields.Varint())};
        break;
      case CounterKeyRecord::kIntervalFieldNumber:
        counter.period.interval = static_cast<storage::IntervalCode>(fields.Varint());
        break;
      case CounterKeyRecord::kOrdinalFieldNumber:
        counter.period.ordinal = storage::UnZigZag(fields.Varint());
        break;
      case CounterKeyRecord::kSegmentFieldNumber:
        counter.segment = static_cast<uint32_t>(fields.Varint());
        break;
      default:
        break;
    }
  }
  return fields.ok() ? absl::OkStatus() : DoesNotParse();
}

// `packed`: the bounds of ranges, first and end in turn.
absl::Status ParseRanges(std::string_view packed, std::vector<storage::OrdinalRange>& ranges) {
  storage::ByteReader bounds(packed);
  while (bounds.ok() && !bounds.AtEnd()) {
    storage::OrdinalRange& range = ranges.emplace_back();
    range.first = bounds.Varint64();
    range.end = bounds.Varint64();
  }
  return bounds.ok() ? absl::OkStatus() : DoesNotParse();
}

absl::Status ParseTierUse(std::string_view row, storage::TierUse& use) {
  using storage::TierUseRecord;
  WireFields fields(row);
  while (fields.Next()) {
    switch (fields.number()) {
      case TierUseRecord::kTierFieldNumber:
        use.tier = static_cast<uint32_t>(fields.Varint());
        break;
      case TierUseRecord::kQuantityFieldNumber: {
        OWO_TRY(use.quantity, storage::UnpackQuantity(fields.Bytes()));
        break;
      }
      case TierUseRecord::kFlatFeesFieldNumber:
        use.flat_fees = storage::UnZigZag(fields.Varint());
        break;
      default:
        break;
    }
  }
  return fields.ok() ? absl::OkStatus() : DoesNotParse();
}

absl::Status ParseCoverage(std::string_view row, InvoiceParts parts, Coverage& covers) {
  WireFields fields(row);
  while (fields.Next()) {
    switch (fields.number()) {
      case CoverageRecord::kUsageFieldNumber: {
        OWO_TRY(covers.usage, storage::UnpackQuantity(fields.Bytes()));
        break;
      }
      case CoverageRecord::kFreeFieldNumber: {
        OWO_TRY(covers.free, storage::UnpackQuantity(fields.Bytes()));
        break;
      }
      case CoverageRecord::kBillableFieldNumber: {
        OWO_TRY(covers.billable, storage::UnpackQuantity(fields.Bytes()));
        break;
      }
      case CoverageRecord::kAmountFieldNumber:
        covers.amount = storage::UnZigZag(fields.Varint());
        break;
      case CoverageRecord::kRangesFieldNumber:
        if (parts == InvoiceParts::kShown) break;
        OWO_RETURN_IF_ERROR(ParseRanges(fields.Bytes(), covers.ranges));
        break;
      case CoverageRecord::kTiersFieldNumber:
        if (parts == InvoiceParts::kShown) break;
        OWO_RETURN_IF_ERROR(ParseTierUse(fields.Bytes(), Append(fields, covers.tiers)));
        break;
      default:
        break;
    }
  }
  return fields.ok() ? absl::OkStatus() : DoesNotParse();
}

absl::Status ParseTier(std::string_view row, LineTier& tier) {
  WireFields fields(row);
  FieldReader reader(fields);
  while (fields.Next()) MapTierFields<LineTierRecord>(reader, tier);
  return fields.ok() ? absl::OkStatus() : DoesNotParse();
}

absl::Status ParseLine(std::string_view row, InvoiceParts parts, InvoiceLine& line) {
  WireFields fields(row);
  FieldReader reader(fields);
  line.period.end = 0;
  while (fields.Next()) {
    switch (fields.number()) {
      case LineRecord::kCounterFieldNumber:
        OWO_RETURN_IF_ERROR(ParseCounter(fields.Bytes(), line.counter));
        break;
      case LineRecord::kCoversFieldNumber:
        OWO_RETURN_IF_ERROR(ParseCoverage(fields.Bytes(), parts, line.covers));
        break;
      case LineRecord::kTiersFieldNumber:
        OWO_RETURN_IF_ERROR(ParseTier(fields.Bytes(), Append(fields, line.tiers)));
        break;
      case LineRecord::kPeriodLabelFieldNumber:
        line.period.label = fields.Bytes();
        break;
      case LineRecord::kTimeZoneFieldNumber:
        line.period.time_zone = fields.Bytes();
        break;
      case LineRecord::kPeriodStartUsFieldNumber:
        line.period.start = fields.Signed();
        break;
      case LineRecord::kPeriodEndUsFieldNumber:
        line.period.end = fields.Signed();
        break;
      default:
        MapLineFields<LineRecord>(reader, line);
    }
  }
  line.period.interval = IntervalOf(line.counter.period.interval);
  return fields.ok() ? absl::OkStatus() : DoesNotParse();
}

absl::Status ParsePayment(std::string_view row, InvoicePayment& payment) {
  WireFields fields(row);
  FieldReader reader(fields);
  while (fields.Next()) {
    if (fields.number() == PaymentRecord::kPaidUsFieldNumber) {
      payment.paid_at = fields.Signed();
    } else {
      MapPaymentFields<PaymentRecord>(reader, payment);
    }
  }
  return fields.ok() ? absl::OkStatus() : DoesNotParse();
}

// Reads the current field if it is one of the invoice itself: what identifies it, what records its
// changes, or what storage and the API have under the same name. Returns whether it is.
bool ParseOwnField(WireFields& fields, Invoice& invoice) {
  switch (fields.number()) {
    case InvoiceRecord::kIdFieldNumber:
      invoice.id = fields.Bytes();
      break;
    case InvoiceRecord::kCustomerFieldNumber:
      invoice.customer = storage::CustomerNo{fields.Varint()};
      break;
    case InvoiceRecord::kStatusFieldNumber:
      invoice.status = static_cast<storage::InvoiceStatusRecord>(fields.Varint());
      break;
    case InvoiceRecord::kSeriesFieldNumber:
      invoice.series = fields.Bytes();
      break;
    case InvoiceRecord::kSequenceFieldNumber:
      invoice.sequence = fields.Varint();
      break;
    case InvoiceRecord::kRevisionFieldNumber:
      invoice.revision = fields.Varint();
      break;
    case InvoiceRecord::kCreatedUsFieldNumber:
      invoice.created_at = fields.Signed();
      break;
    case InvoiceRecord::kFinalizedUsFieldNumber:
      invoice.finalized_at = fields.Signed();
      break;
    case InvoiceRecord::kPaidUsFieldNumber:
      invoice.paid_at = fields.Signed();
      break;
    case InvoiceRecord::kVoidedUsFieldNumber:
      invoice.voided_at = fields.Signed();
      break;
    default: {
      FieldReader reader(fields);
      MapInvoiceFields<InvoiceRecord>(reader, invoice);
      return reader.found();
    }
  }
  return true;
}

bool IsNote(uint32_t number) {
  return storage::InvoiceNotes::descriptor()->FindFieldByNumber(static_cast<int>(number)) !=
         nullptr;
}

// ---- Writing.

// Frees the line: a large invoice is not in memory twice while its record is made.
void PutLine(InvoiceLine line, LineRecord& to) {
  *to.mutable_counter() = storage::ToRecord(line.counter);
  *to.mutable_covers() = storage::ToRecord(line.covers);
  to.mutable_tiers()->Reserve(static_cast<int>(line.tiers.size()));
  for (LineTier& tier : line.tiers) {
    RecordWriter<LineTierRecord> writer(*to.add_tiers());
    MapTierFields<LineTierRecord>(writer, tier);
  }
  to.set_period_label(std::move(line.period.label));
  to.set_time_zone(std::move(line.period.time_zone));
  to.set_period_start_us(line.period.start);
  to.set_period_end_us(line.period.end);
  RecordWriter<LineRecord> writer(to);
  MapLineFields<LineRecord>(writer, line);
}

}  // namespace

absl::StatusOr<storage::CustomerNo> CustomerOf(std::string_view row) {
  WireFields fields(row);
  while (fields.Next()) {
    if (fields.number() != InvoiceRecord::kCustomerFieldNumber) continue;
    const storage::CustomerNo customer{fields.Varint()};
    if (fields.ok()) return customer;
  }
  return DoesNotParse();
}

absl::Status ParseInvoiceFields(std::string_view row, Invoice& invoice, InvoiceParts parts) {
  WireFields fields(row);
  while (fields.Next()) {
    switch (fields.number()) {
      case InvoiceRecord::kLinesFieldNumber:
        OWO_RETURN_IF_ERROR(ParseLine(fields.Bytes(), parts, Append(fields, invoice.lines)));
        break;
      case InvoiceRecord::kPaymentsFieldNumber:
        OWO_RETURN_IF_ERROR(ParsePayment(fields.Bytes(), Append(fields, invoice.payments)));
        break;
      default:
        if (ParseOwnField(fields, invoice)) break;
        if (!IsNote(fields.number())) break;
        if (!fields.IsBytes()) return DoesNotParse();
        invoice.notes.append(fields.Field());
    }
  }
  if (!fields.ok()) return DoesNotParse();
  if (parts == InvoiceParts::kShown || invoice.notes.empty()) return absl::OkStatus();
  return storage::InvoiceNotes().ParseFromString(invoice.notes) ? absl::OkStatus() : DoesNotParse();
}

absl::StatusOr<Invoice> ParseInvoice(std::string_view row, InvoiceParts parts) {
  Invoice invoice;
  OWO_RETURN_IF_ERROR(ParseInvoiceFields(row, invoice, parts));
  OWO_RETURN_IF_ERROR(invoice.CheckSums());
  return invoice;
}

absl::StatusOr<Invoice> ParseInvoice(const InvoiceRecord& record) {
  return ParseInvoice(std::string_view(record.SerializeAsString()));
}

InvoiceRecord ToRecord(Invoice invoice) {
  rating::Check(invoice.taxes.empty(), "ToRecord: an invoice with taxes cannot be stored");
  InvoiceRecord record;
  record.set_id(std::move(invoice.id));
  record.set_customer(static_cast<uint64_t>(invoice.customer));
  record.set_status(invoice.status);
  record.set_series(std::move(invoice.series));
  record.set_sequence(invoice.sequence);
  record.set_revision(invoice.revision);
  record.mutable_lines()->Reserve(static_cast<int>(invoice.lines.size()));
  for (InvoiceLine& line : invoice.lines) PutLine(std::move(line), *record.add_lines());
  for (InvoicePayment& payment : invoice.payments) {
    PaymentRecord& to = *record.add_payments();
    to.set_paid_us(payment.paid_at);
    RecordWriter<PaymentRecord> writer(to);
    MapPaymentFields<PaymentRecord>(writer, payment);
  }
  record.set_created_us(invoice.created_at);
  record.set_finalized_us(invoice.finalized_at);
  record.set_paid_us(invoice.paid_at);
  record.set_voided_us(invoice.voided_at);
  RecordWriter<InvoiceRecord> writer(record);
  MapInvoiceFields<InvoiceRecord>(writer, invoice);
  rating::Check(record.MergeFromString(invoice.notes), "ToRecord: notes are InvoiceNotes");
  return record;
}

}  // namespace owo::ledger
