// An invoice is read from its row as protobuf would read it, and written back with the same fields.

#include "service/ledger/invoice_record.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "storage/convert.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using google::protobuf::util::MessageDifferencer;
using storage::InvoiceRecord;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// Every field of a line has a value, and no two have the same.
void FillLine(storage::LineRecord& line) {
  line.mutable_counter()->set_customer(7);
  line.mutable_counter()->set_feature(8);
  line.mutable_counter()->set_interval(4);
  line.mutable_counter()->set_ordinal(-3);
  line.mutable_counter()->set_segment(9);
  *line.mutable_covers() = storage::ToRecord(storage::Coverage{.usage = {11},
                                                               .free = {-12},
                                                               .billable = {13},
                                                               .amount = -17,
                                                               .ranges = {{300, 301}, {400, 70000}},
                                                               .tiers = {{1, {14}, -2}, {3}}});
  line.set_feature_slug("calls");
  line.set_feature_name("Calls");
  line.set_plan("pro");
  line.set_plan_version(2);
  line.set_unit_price("0.5");
  storage::LineTierRecord& tier = *line.add_tiers();
  tier.set_up_to("30");
  tier.set_unit_price("0.25");
  tier.set_flat_fee("5");
  tier.set_quantity("20");
  tier.set_amount("10");
  line.add_tiers()->set_amount("1");
  line.set_period_label("2026-11");
  line.set_time_zone("UTC");
  line.set_period_start_us(-1);
  line.set_period_end_us(storage::kForever);
}

InvoiceRecord Whole() {
  InvoiceRecord invoice;
  invoice.set_id(std::string(16, 'i'));
  invoice.set_customer(7);
  invoice.set_status(storage::INVOICE_STATUS_RECORD_VOID);
  invoice.set_series("INV");
  invoice.set_currency("USD");
  invoice.set_subtotal(-17);
  invoice.set_total(1'000'000'000'000);
  FillLine(*invoice.add_lines());
  FillLine(*invoice.add_lines());
  storage::PaymentRecord& payment = *invoice.add_payments();
  payment.set_amount(9);
  payment.set_paid_us(5);
  payment.set_reference("transfer");
  invoice.set_created_us(1);
  invoice.set_finalized_us(2);
  invoice.set_paid_us(3);
  invoice.set_voided_us(4);
  invoice.set_void_reason("wrong");
  (*invoice.mutable_metadata())["po"] = "4711";
  invoice.set_revision(3);
  invoice.set_sequence(42);
  invoice.set_memo("Danke");
  return invoice;
}

Invoice MustParse(const InvoiceRecord& record) {
  Invoice invoice;
  const absl::Status status = ParseInvoiceFields(record.SerializeAsString(), invoice);
  EXPECT_TRUE(status.ok()) << status;
  return invoice;
}

TEST(InvoiceRecordTest, AnInvoiceHasEveryFieldOfItsRecord) {
  const InvoiceRecord record = Whole();
  const Invoice invoice = MustParse(record);
  EXPECT_EQ(invoice.id, record.id());
  EXPECT_EQ(invoice.customer, storage::CustomerNo{7});
  EXPECT_EQ(invoice.status, record.status());
  EXPECT_EQ(invoice.series, "INV");
  EXPECT_EQ(invoice.sequence, 42);
  EXPECT_EQ(invoice.revision, 3);
  EXPECT_EQ(invoice.currency, "USD");
  EXPECT_EQ(invoice.subtotal, -17);
  EXPECT_EQ(invoice.total, record.total());
  ASSERT_THAT(invoice.payments, SizeIs(1));
  EXPECT_EQ(invoice.payments[0].amount, 9);
  EXPECT_EQ(invoice.payments[0].paid_at, 5);
  EXPECT_EQ(invoice.payments[0].reference, "transfer");
  EXPECT_EQ(invoice.created_at, 1);
  EXPECT_EQ(invoice.finalized_at, 2);
  EXPECT_EQ(invoice.paid_at, 3);
  EXPECT_EQ(invoice.voided_at, 4);
  EXPECT_EQ(invoice.void_reason, "wrong");
  storage::InvoiceNotes notes;
  ASSERT_TRUE(notes.ParseFromString(invoice.notes));
  EXPECT_EQ(notes.metadata().at("po"), "4711");
  EXPECT_EQ(notes.memo(), "Danke");
  EXPECT_THAT(invoice.lines, SizeIs(2));
}

TEST(InvoiceRecordTest, ALineHasEveryFieldOfItsRecord) {
  const InvoiceLine line = MustParse(Whole()).lines.at(1);
  EXPECT_EQ(line.counter, (storage::CounterKey{.customer = storage::CustomerNo{7},
                                               .feature = storage::FeatureNo{8},
                                               .period = {storage::IntervalCode::kMonth, -3},
                                               .segment = 9}));
  EXPECT_EQ(line.covers.usage, storage::Quantity{11});
  EXPECT_EQ(line.covers.free, storage::Quantity{-12});
  EXPECT_EQ(line.covers.billable, storage::Quantity{13});
  EXPECT_EQ(line.amount(), -17);
  EXPECT_THAT(line.covers.ranges,
              ElementsAre(storage::OrdinalRange{300, 301}, storage::OrdinalRange{400, 70000}));
  EXPECT_THAT(line.covers.tiers,
              ElementsAre(storage::TierUse{1, {14}, -2}, storage::TierUse{.tier = 3}));
  EXPECT_EQ(line.feature_slug, "calls");
  EXPECT_EQ(line.feature_name, "Calls");
  EXPECT_EQ(line.plan, "pro");
  EXPECT_EQ(line.plan_version, 2);
  EXPECT_EQ(line.unit_price, "0.5");
  EXPECT_THAT(line.tiers,
              ElementsAre(LineTier{"30", "0.25", "5", "20", "10"}, LineTier{.amount = "1"}));
  EXPECT_EQ(line.period, (PeriodView{.interval = rating::Interval::kMonth,
                                     .label = "2026-11",
                                     .time_zone = "UTC",
                                     .start = -1,
                                     .end = storage::kForever}));
}

TEST(InvoiceRecordTest, IsWrittenAsItWasRead) {
  const InvoiceRecord record = Whole();
  EXPECT_EQ(ToRecord(MustParse(record)).SerializeAsString(), record.SerializeAsString());
}

// A field that this test does not know yet has no value here, and would be lost unnoticed.
TEST(InvoiceRecordTest, TheRecordOfTheseTestsHasAValueInEveryField) {
  const InvoiceRecord record = Whole();
  for (const google::protobuf::Message* message :
       std::initializer_list<const google::protobuf::Message*>{
           &record, &record.lines(0), &record.lines(0).counter(), &record.lines(0).covers(),
           &record.lines(0).covers().tiers(0), &record.lines(0).tiers(0), &record.payments(0)}) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    message->GetReflection()->ListFields(*message, &set);
    EXPECT_EQ(static_cast<int>(set.size()), message->GetDescriptor()->field_count())
        << message->GetTypeName();
  }
}

TEST(InvoiceRecordTest, NotesAreFieldsOfTheRecord) {
  const google::protobuf::Descriptor& notes = *storage::InvoiceNotes::descriptor();
  for (int i = 0; i < notes.field_count(); ++i) {
    const auto* const field = InvoiceRecord::descriptor()->FindFieldByName(notes.field(i)->name());
    ASSERT_NE(field, nullptr) << notes.field(i)->name();
    EXPECT_EQ(field->number(), notes.field(i)->number());
    EXPECT_EQ(field->type(), notes.field(i)->type());
  }
}

// Rows of releases that knew no memo have no field 18, and those without one are written alike.
TEST(InvoiceRecordTest, TheMemoIsField18AndNotWrittenIfThereIsNone) {
  Invoice invoice{.series = "INV"};
  EXPECT_EQ(ToRecord(invoice).SerializeAsString(), "\x22\x03INV");
  invoice.notes = NotesOf({}, "Danke").SerializeAsString();
  EXPECT_EQ(ToRecord(invoice).SerializeAsString(),
            "\x22\x03INV\x92\x01\x05"
            "Danke");
}

TEST(InvoiceRecordTest, ATruncatedRowIsReadAsProtobufDoes) {
  const std::string row = Whole().SerializeAsString();
  for (size_t size = 0; size < row.size(); ++size) {
    const std::string truncated = row.substr(0, size);
    InvoiceRecord record;
    Invoice invoice;
    const bool is_one = ParseInvoiceFields(truncated, invoice).ok();
    ASSERT_EQ(is_one, record.ParseFromString(truncated)) << size;
    if (!is_one) continue;
    EXPECT_TRUE(MessageDifferencer::Equals(ToRecord(invoice), record)) << size;
  }
}

TEST(InvoiceRecordTest, UnknownFieldsAreSkipped) {
  // 100: a varint; 101: eight bytes; 102: four bytes; 103: a text; then the sequence, 17.
  const std::string row(
      "\xa0\x06\x05\xa9\x06\0\0\0\0\0\0\0\0\xb5\x06\0\0\0\0\xba\x06\x01x\x88\x01\x07", 26);
  Invoice invoice;
  ASSERT_TRUE(ParseInvoiceFields(row, invoice).ok());
  EXPECT_EQ(invoice.sequence, 7);
}

TEST(InvoiceRecordTest, BytesThatAreNoInvoiceAreDataLoss) {
  for (const std::string& row : {
           std::string("\x08\x01"),                  // an id that is a number
           std::string("\x12\x01x"),                 // a customer that is a text
           std::string("\x42\x02\x0a\x05"),          // a counter that ends after its line
           std::string("\x00\x01", 2),               // field 0
           std::string("\x0b\x0c"),                  // a group
           std::string("\x88\x81\x80\x80\x20\x07"),  // the sequence's tag, and a bit above 32
           std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),  // a length of everything
           std::string("\x10") + std::string(11, '\xff'),                // a number without end
           std::string("\x42\x05\x12\x03\x0a\x01\xff", 7),               // half a quantity
           std::string("\x42\x05\x12\x03\x2a\x01\x05", 7),               // half a range
           std::string("\x7a\x03\x0a\x01\xff", 5),                       // metadata not in UTF-8
           std::string("\x90\x01\x05"),                                  // a memo that is a number
       }) {
    Invoice invoice;
    EXPECT_TRUE(absl::IsDataLoss(ParseInvoiceFields(row, invoice))) << row;
  }
}

// Sets the subtotal in the row of the only invoice.
void DamageSubtotal(TestLedger& ledger) {
  ledger.Damage([](const storage::Database& database, rocksdb::WriteBatch& batch) {
    const auto it = database.Iterate(storage::ColumnFamily::kInvoices);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      InvoiceRecord record;
      if (!record.ParseFromString(it->value().ToString()) || record.lines().empty()) continue;
      record.set_subtotal(record.subtotal() + 1);
      batch.Put(database.handle(storage::ColumnFamily::kInvoices), it->key(),
                record.SerializeAsString());
    }
    ASSERT_EQ(batch.Count(), 1);
  });
}

TEST(InvoiceRecordTest, AnInvoiceThatDoesNotAddUpIsNotRead) {
  TestLedger ledger{CatalogOf(PlanOf("pro", {UsageBased("calls", "10")}))};
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "7");
  const InvoiceRecord invoice = ledger.Bill("ada");
  DamageSubtotal(ledger);
  EXPECT_TRUE(absl::IsDataLoss(ledger.GetInvoice(invoice.id()).status()));
  EXPECT_TRUE(absl::IsDataLoss(ledger.ListInvoices({.limit = 5}).status()));
  EXPECT_TRUE(absl::IsDataLoss(ledger.Pay(invoice, "").status()));
  EXPECT_TRUE(absl::IsDataLoss(ledger.ListInvoiceEvents({.invoice = invoice.id()}).status()));
}

// The answer to each change of an invoice is its row.
TEST(InvoiceRecordTest, WhatIsAnsweredIsWhatIsStored) {
  TestLedger ledger{CatalogOf(PlanOf("pro", {Graduated("calls", "5", {"30: 100 + 7", ": 50"})}))};
  ledger.AddCustomer("ada", "pro");
  const auto expect_equals_stored = [&](const InvoiceRecord& record) {
    const InvoiceRecord stored = ledger.Stored(record.id());
    EXPECT_TRUE(MessageDifferencer::Equals(record, stored))
        << record.DebugString() << stored.DebugString();
  };
  const auto expect_stored = [&](const absl::StatusOr<Answered<ReadInvoice>>& answer) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    expect_equals_stored(answer->value.record);
  };
  const auto invoice = [&](bool draft) {
    ledger.Use("ada", "calls", "40.5");
    auto made = ledger.Invoice(
        {.customer = "ada", .draft = draft, .notes = NotesOf({{"po", "1"}, {"b", ""}}, "Danke")});
    expect_stored(made);
    return Must(std::move(made)).value.record;
  };
  const InvoiceRecord draft = invoice(true);
  EXPECT_EQ(ledger.Stored(draft.id()).memo(), "Danke");
  EXPECT_EQ(ledger.Stored(draft.id()).metadata_size(), 2);
  expect_stored(ledger.Finalize(draft));
  expect_stored(ledger.Pay(draft, "transfer"));
  expect_stored(ledger.Void(invoice(true), "a draft"));
  const InvoiceRecord open = invoice(false);
  expect_stored(ledger.Void(open, "open"));
  expect_stored(ledger.Void(open, "open"));  // a repeat
  expect_equals_stored(Must(ledger.GetInvoice(open.id())).record);
}

// What answers do not show of a row is not read for them: it may be most of the row.
TEST(InvoiceRecordTest, WhatIsShownLacksWhatLinesCover) {
  Invoice shown;
  ASSERT_TRUE(ParseInvoiceFields(Whole().SerializeAsString(), shown, InvoiceParts::kShown).ok());
  Invoice all = MustParse(Whole());
  for (size_t i = 0; i < all.lines.size(); ++i) {
    EXPECT_THAT(all.lines[i].covers.ranges, SizeIs(2));
    EXPECT_THAT(all.lines[i].covers.tiers, SizeIs(2));
    all.lines[i].covers.ranges.clear();
    all.lines[i].covers.tiers.clear();
  }
  EXPECT_EQ(shown.lines, all.lines);
  EXPECT_EQ(shown.notes, all.notes);
  shown.lines.clear();
  all.lines.clear();
  EXPECT_TRUE(MessageDifferencer::Equals(ToRecord(shown), ToRecord(all)));
}

TEST(InvoiceRecordTest, TheCustomerIsFoundInTheRow) {
  InvoiceRecord record = Whole();
  EXPECT_EQ(Must(CustomerOf(record.SerializeAsString())), storage::CustomerNo{7});
  record.clear_customer();
  EXPECT_TRUE(absl::IsDataLoss(CustomerOf(record.SerializeAsString()).status()));
  EXPECT_TRUE(absl::IsDataLoss(CustomerOf("\x12\x01x").status()));  // a text
  EXPECT_TRUE(absl::IsDataLoss(CustomerOf("\x0a\x05").status()));   // half an id
}

// It would be stored with a total that does not add up.
TEST(InvoiceRecordDeathTest, AnInvoiceWithTaxesHasNoRecord) {
  Invoice invoice = MustParse(Whole());
  invoice.taxes = {{1}};
  EXPECT_DEATH(ToRecord(invoice), "taxes");
}

// A new invoice counts at least what it takes, and not so much more that few are admitted.
TEST(InvoiceRecordTest, TheSpaceOfANewInvoiceIsKnownBeforeItIsMade) {
  std::vector<PlanFeatureSpec> features;
  std::vector<std::string> tiers;
  for (int i = 1; i < 20; ++i) tiers.push_back(std::to_string(10 * i) + ": 0.123456789 + 7");
  tiers.emplace_back(": 1");
  for (int i = 0; i < 30; ++i) {
    features.push_back(Graduated("feature-" + std::to_string(i), "0", tiers));
  }
  TestLedger ledger{CatalogOf(PlanOf("pro", std::move(features)))};
  ledger.AddCustomer("ada", "pro");
  const auto notes = NotesOf({{"po", std::string(500, '1')}}, std::string(900, 'm'));
  for (int used = 0; used < 30; ++used) {
    const std::string feature = "feature-" + std::to_string(used);
    ledger.Use("ada", feature, used % 2 == 0 ? "3" : "190.123456789");
  }
  const size_t space = SpaceOf(Must(ledger.Usage("ada")), notes);
  const Invoice invoice = Must(ledger.Invoice({.customer = "ada", .notes = notes})).value.invoice;
  const size_t record = ToRecord(invoice).SpaceUsedLong();
  EXPECT_GE(space, record);
  EXPECT_LE(space, 3 * record);
}

}  // namespace
}  // namespace owo::ledger
