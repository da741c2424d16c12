// A row is parsed as protobuf would parse it, and never read past its end.

#include "storage/invoice_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/util/wire.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

InvoiceRecord Whole() {
  InvoiceRecord invoice;
  invoice.set_id(std::string(16, 'i'));
  invoice.set_customer(7);
  invoice.set_status(INVOICE_STATUS_RECORD_VOID);
  invoice.set_series("INV");
  invoice.set_currency("USD");
  invoice.set_subtotal(-5);
  invoice.set_total(1'000'000'000'000);
  LineRecord& line = *invoice.add_lines();
  line.mutable_counter()->set_customer(7);
  line.mutable_counter()->set_interval(4);
  line.mutable_counter()->set_ordinal(-3);
  line.mutable_covers()->set_usage("\x01");
  line.mutable_covers()->set_free("\x02");
  line.mutable_covers()->set_billable("\x03");
  line.mutable_covers()->set_amount(-17);
  line.mutable_covers()->add_ranges(300);
  line.set_feature_slug("calls");
  line.set_feature_name("Calls");
  line.set_plan("pro");
  line.set_plan_version(2);
  line.set_unit_price("0.5");
  line.add_tiers()->set_amount("10");
  line.add_tiers();
  line.set_period_label("2026-11");
  line.set_time_zone("UTC");
  line.set_period_start_us(-1);
  line.set_period_end_us(kForever);
  invoice.add_lines();
  invoice.add_payments()->set_amount(9);
  invoice.set_created_us(1);
  invoice.set_finalized_us(2);
  invoice.set_paid_us(3);
  invoice.set_voided_us(4);
  invoice.set_void_reason("wrong");
  (*invoice.mutable_metadata())["po"] = "4711";
  invoice.set_revision(3);
  invoice.set_sequence(42);
  return invoice;
}

TEST(InvoiceRowTest, HasEveryFieldOfTheRecord) {
  const InvoiceRecord record = Whole();
  const std::string row = record.SerializeAsString();
  InvoiceRow invoice;
  ASSERT_TRUE(ParseInvoiceRow(row, invoice).ok());
  EXPECT_EQ(invoice.id, record.id());
  EXPECT_EQ(invoice.customer, CustomerNo{7});
  EXPECT_EQ(invoice.status, record.status());
  EXPECT_EQ(invoice.series, "INV");
  EXPECT_EQ(invoice.currency, "USD");
  EXPECT_EQ(invoice.subtotal, -5);
  EXPECT_EQ(invoice.total, record.total());
  EXPECT_THAT(invoice.payments, ElementsAre(record.payments(0).SerializeAsString()));
  EXPECT_EQ(invoice.created, 1);
  EXPECT_EQ(invoice.finalized, 2);
  EXPECT_EQ(invoice.paid, 3);
  EXPECT_EQ(invoice.voided, 4);
  EXPECT_EQ(invoice.void_reason, "wrong");
  EXPECT_THAT(invoice.metadata, SizeIs(1));
  EXPECT_EQ(invoice.sequence, 42);
  ASSERT_THAT(invoice.lines, SizeIs(2));
}

TEST(InvoiceRowTest, HasEveryFieldOfALine) {
  const InvoiceRecord record = Whole();
  const std::string row = record.SerializeAsString();
  InvoiceRow invoice;
  ASSERT_TRUE(ParseInvoiceRow(row, invoice).ok());
  ASSERT_THAT(invoice.lines, SizeIs(2));
  const LineRow& line = invoice.lines[0];
  EXPECT_EQ(line.interval, 4);
  EXPECT_EQ(line.usage, "\x01");
  EXPECT_EQ(line.free, "\x02");
  EXPECT_EQ(line.billable, "\x03");
  EXPECT_EQ(line.amount, -17);
  EXPECT_EQ(line.feature_slug, "calls");
  EXPECT_EQ(line.feature_name, "Calls");
  EXPECT_EQ(line.plan, "pro");
  EXPECT_EQ(line.plan_version, 2);
  EXPECT_EQ(line.unit_price, "0.5");
  EXPECT_THAT(line.tiers, ElementsAre(record.lines(0).tiers(0).SerializeAsString(), ""));
  EXPECT_EQ(line.period_label, "2026-11");
  EXPECT_EQ(line.time_zone, "UTC");
  EXPECT_EQ(line.period_start, -1);
  EXPECT_EQ(line.period_end, kForever);
}

// For any truncation, the parser accepts what protobuf accepts, and refuses what it refuses.
TEST(InvoiceRowTest, ACutRowIsReadAsProtobufDoes) {
  const std::string row = Whole().SerializeAsString();
  for (size_t size = 0; size < row.size(); ++size) {
    const std::string cut = row.substr(0, size);
    InvoiceRecord record;
    InvoiceRow invoice;
    const bool is_one = ParseInvoiceRow(cut, invoice).ok();
    ASSERT_EQ(is_one, record.ParseFromString(cut)) << size;
    if (!is_one) continue;
    EXPECT_EQ(invoice.sequence, record.sequence());
    EXPECT_EQ(invoice.lines.size(), static_cast<size_t>(record.lines_size()));
  }
}

TEST(InvoiceRowTest, FieldsThatItDoesNotKnowArePassedOver) {
  // 100: a varint; 101: eight bytes; 102: four bytes; 103: a text; then field 17, the sequence.
  const std::string row(
      "\xa0\x06\x05\xa9\x06\0\0\0\0\0\0\0\0\xb5\x06\0\0\0\0\xba\x06\x01x\x88\x01\x07", 26);
  InvoiceRow invoice;
  ASSERT_TRUE(ParseInvoiceRow(row, invoice).ok());
  EXPECT_EQ(invoice.sequence, 7);
}

TEST(InvoiceRowTest, WhatIsNoRowIsDamage) {
  for (const std::string& row : {
           std::string("\x08\x01"),                  // an id that is a number
           std::string("\x12\x01x"),                 // a customer that is a text
           std::string("\x42\x02\x0a\x05"),          // a counter that ends after its line
           std::string("\x00\x01", 2),               // field 0
           std::string("\x0b\x0c"),                  // a group
           std::string("\x88\x81\x80\x80\x20\x07"),  // the sequence's tag, with a bit above 32
           // A length of 2^64 − 1.
           std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
           std::string("\x10") + std::string(11, '\xff'),  // a varint without an end
       }) {
    InvoiceRow invoice;
    EXPECT_TRUE(absl::IsDataLoss(ParseInvoiceRow(row, invoice))) << row;
  }
}

}  // namespace
}  // namespace owo::storage
