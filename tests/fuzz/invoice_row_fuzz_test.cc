// Lists show the same fields of an invoice's row as protobuf parses, with arbitrary damage.

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "storage/invoice_row.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message_mutator.h"

namespace owo::storage {
namespace {

void ExpectSameLine(const LineRow& row, const LineRecord& record) {
  EXPECT_EQ(row.interval, record.counter().interval());
  EXPECT_EQ(row.usage, record.covers().usage());
  EXPECT_EQ(row.free, record.covers().free());
  EXPECT_EQ(row.billable, record.covers().billable());
  EXPECT_EQ(row.amount, record.covers().amount());
  EXPECT_EQ(row.feature_slug, record.feature_slug());
  EXPECT_EQ(row.feature_name, record.feature_name());
  EXPECT_EQ(row.plan, record.plan());
  EXPECT_EQ(row.plan_version, record.plan_version());
  EXPECT_EQ(row.unit_price, record.unit_price());
  EXPECT_EQ(row.tiers.size(), static_cast<size_t>(record.tiers_size()));
  EXPECT_EQ(row.period_label, record.period_label());
  EXPECT_EQ(row.time_zone, record.time_zone());
  EXPECT_EQ(row.period_start, record.period_start_us());
  EXPECT_EQ(row.period_end, record.period_end_us());
}

void ExpectSameInvoice(const InvoiceRow& row, const InvoiceRecord& record) {
  EXPECT_EQ(row.id, record.id());
  EXPECT_EQ(static_cast<uint64_t>(row.customer), record.customer());
  EXPECT_EQ(row.status, record.status());
  EXPECT_EQ(row.series, record.series());
  EXPECT_EQ(row.currency, record.currency());
  EXPECT_EQ(row.subtotal, record.subtotal());
  EXPECT_EQ(row.total, record.total());
  EXPECT_EQ(row.payments.size(), static_cast<size_t>(record.payments_size()));
  EXPECT_EQ(row.created, record.created_us());
  EXPECT_EQ(row.finalized, record.finalized_us());
  EXPECT_EQ(row.paid, record.paid_us());
  EXPECT_EQ(row.voided, record.voided_us());
  EXPECT_EQ(row.void_reason, record.void_reason());
  EXPECT_GE(row.metadata.size(), record.metadata().size());  // protobuf merges duplicate keys
  EXPECT_EQ(row.sequence, record.sequence());
  ASSERT_EQ(row.lines.size(), static_cast<size_t>(record.lines_size()));
  for (size_t i = 0; i < row.lines.size(); ++i) {
    ExpectSameLine(row.lines[i], record.lines(static_cast<int>(i)));
  }
}

// Each parser refuses some bytes that the other accepts: protobuf skips a field with another wire
// type, and checks the UTF-8 of texts and messages that lists do not show.
TEST(InvoiceRowFuzzTest, IsReadAsProtobufDoes) {
  const google::protobuf::LogSilencer silence;  // protobuf logs every text that is not UTF-8
  const auto any = [](Random& random) {
    MessageMutator mutator(random, {"", "1.5", "calls", "Europe/Berlin", "2026-11"});
    InvoiceRecord invoice;
    for (int64_t i = random.Between(1, 40); i > 0; --i) {
      InvoiceRecord changed = invoice;
      mutator.Change(changed);
      // Skips changes that make a text invalid UTF-8.
      if (InvoiceRecord().ParseFromString(changed.SerializeAsString())) invoice = changed;
    }
    return invoice.SerializeAsString();
  };
  FuzzBytes(1500, any, [](std::string_view bytes, bool whole) {
    InvoiceRow row;
    InvoiceRecord record;
    const absl::Status looked = ParseInvoiceRow(bytes, row);
    const bool parsed = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    EXPECT_TRUE(looked.ok() || absl::IsDataLoss(looked)) << looked;
    EXPECT_TRUE(!whole || (looked.ok() && parsed)) << looked;
    if (!looked.ok() || !parsed) return false;
    ExpectSameInvoice(row, record);
    return true;
  });
}

}  // namespace
}  // namespace owo::storage
