#include "storage/invoice_row.h"

#include "storage/util/varint.h"
#include "storage/util/wire.h"

namespace owo::storage {
namespace {

bool ParseCounter(std::string_view bytes, LineRow& line) {
  WireFields fields(bytes);
  while (fields.Next()) {
    if (fields.number() != CounterKeyRecord::kIntervalFieldNumber) continue;
    line.interval = static_cast<uint32_t>(fields.Varint());
  }
  return fields.ok();
}

bool ParseCoverage(std::string_view bytes, LineRow& line) {
  WireFields fields(bytes);
  while (fields.Next()) {
    switch (fields.number()) {
      case CoverageRecord::kUsageFieldNumber:
        line.usage = fields.Bytes();
        break;
      case CoverageRecord::kFreeFieldNumber:
        line.free = fields.Bytes();
        break;
      case CoverageRecord::kBillableFieldNumber:
        line.billable = fields.Bytes();
        break;
      case CoverageRecord::kAmountFieldNumber:
        line.amount = UnZigZag(fields.Varint());
        break;
      default:
        break;
    }
  }
  return fields.ok();
}

bool ParseLine(std::string_view bytes, LineRow& line) {
  bool well = true;
  WireFields fields(bytes);
  while (fields.Next()) {
    switch (fields.number()) {
      case LineRecord::kCounterFieldNumber:
        well &= ParseCounter(fields.Bytes(), line);
        break;
      case LineRecord::kCoversFieldNumber:
        well &= ParseCoverage(fields.Bytes(), line);
        break;
      case LineRecord::kFeatureSlugFieldNumber:
        line.feature_slug = fields.Bytes();
        break;
      case LineRecord::kFeatureNameFieldNumber:
        line.feature_name = fields.Bytes();
        break;
      case LineRecord::kPlanFieldNumber:
        line.plan = fields.Bytes();
        break;
      case LineRecord::kPlanVersionFieldNumber:
        line.plan_version = static_cast<uint32_t>(fields.Varint());
        break;
      case LineRecord::kUnitPriceFieldNumber:
        line.unit_price = fields.Bytes();
        break;
      case LineRecord::kTiersFieldNumber:
        line.tiers.push_back(fields.Bytes());
        break;
      case LineRecord::kPeriodLabelFieldNumber:
        line.period_label = fields.Bytes();
        break;
      case LineRecord::kTimeZoneFieldNumber:
        line.time_zone = fields.Bytes();
        break;
      case LineRecord::kPeriodStartUsFieldNumber:
        line.period_start = fields.Signed();
        break;
      case LineRecord::kPeriodEndUsFieldNumber:
        line.period_end = fields.Signed();
        break;
      default:
        break;
    }
  }
  return well && fields.ok();
}

// Parses a field of an invoice that records its lifecycle.
void ParseLifecycle(WireFields& fields, InvoiceRow& invoice) {
  switch (fields.number()) {
    case InvoiceRecord::kStatusFieldNumber:
      invoice.status = static_cast<InvoiceStatusRecord>(fields.Varint());
      break;
    case InvoiceRecord::kPaymentsFieldNumber:
      invoice.payments.push_back(fields.Bytes());
      break;
    case InvoiceRecord::kCreatedUsFieldNumber:
      invoice.created = fields.Signed();
      break;
    case InvoiceRecord::kFinalizedUsFieldNumber:
      invoice.finalized = fields.Signed();
      break;
    case InvoiceRecord::kPaidUsFieldNumber:
      invoice.paid = fields.Signed();
      break;
    case InvoiceRecord::kVoidedUsFieldNumber:
      invoice.voided = fields.Signed();
      break;
    case InvoiceRecord::kVoidReasonFieldNumber:
      invoice.void_reason = fields.Bytes();
      break;
    case InvoiceRecord::kSequenceFieldNumber:
      invoice.sequence = fields.Varint();
      break;
    default:
      break;
  }
}

}  // namespace

absl::Status ParseInvoiceRow(std::string_view row, InvoiceRow& invoice) {
  bool well = true;
  WireFields fields(row);
  while (fields.Next()) {
    switch (fields.number()) {
      case InvoiceRecord::kIdFieldNumber:
        invoice.id = fields.Bytes();
        break;
      case InvoiceRecord::kCustomerFieldNumber:
        invoice.customer = CustomerNo{fields.Varint()};
        break;
      case InvoiceRecord::kSeriesFieldNumber:
        invoice.series = fields.Bytes();
        break;
      case InvoiceRecord::kCurrencyFieldNumber:
        invoice.currency = fields.Bytes();
        break;
      case InvoiceRecord::kSubtotalFieldNumber:
        invoice.subtotal = fields.Signed();
        break;
      case InvoiceRecord::kTotalFieldNumber:
        invoice.total = fields.Signed();
        break;
      case InvoiceRecord::kLinesFieldNumber:
        well &= ParseLine(fields.Bytes(), invoice.lines.emplace_back());
        break;
      case InvoiceRecord::kMetadataFieldNumber:
        invoice.metadata.push_back(fields.Bytes());
        break;
      default:
        ParseLifecycle(fields, invoice);
    }
  }
  if (!well || !fields.ok()) return absl::DataLossError("an invoice's row does not parse");
  return absl::OkStatus();
}

}  // namespace owo::storage
