// The bytes of an invoice that is read from its row equal those of a message that is rendered field
// by field from its record.

#include "service/rpc/billing/invoice_bytes.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/escaping.h"
#include "owo/billing/v1/billing.pb.h"
#include "service/ledger/invoice_record.h"
#include "storage/convert.h"
#include "storage/records.pb.h"
#include "tests/client/proto_text.h"
#include "tests/support/random.h"

namespace owo::rpc {
namespace {

namespace pb = owo::billing::v1;
using testing::EqualsProto;

constexpr storage::Micros kStart = 1'793'491'200'000'000;  // 2026-11-01

google::protobuf::Timestamp At(storage::Micros time) {
  google::protobuf::Timestamp shown;
  shown.set_seconds(time / 1'000'000);
  shown.set_nanos(static_cast<int32_t>(time % 1'000'000 * 1000));
  return shown;
}

// An invoice's record and the message to show for it, created together.
class Pair {
 public:
  explicit Pair(Random& random) : random_(random) {
    FillHead();
    FillLife();
    for (int64_t i = random_.Between(0, 6); i > 0; --i) AddLine();
    for (int64_t i = random_.Between(0, 6); i > 0; --i) {
      (*shown_.mutable_metadata())["key" + std::to_string(i)] = Text();
    }
    *record_.mutable_metadata() = shown_.metadata();
  }

  const storage::InvoiceRecord& record() const { return record_; }
  const pb::Invoice& shown() const { return shown_; }

 private:
  // Returns a short or a long text, because a length may need more than one byte.
  std::string Text() {
    return std::string(static_cast<size_t>(random_.Between(0, random_.OneIn(5) ? 300 : 12)), 'x');
  }
  int64_t Amount() { return static_cast<int64_t>(random_.OfAnySize()) / 4; }
  storage::Micros Time() { return kStart + random_.Between(-1'000'000'000, 1'000'000'000); }

  void FillHead() {
    record_.set_id(random_.Bytes(16));
    shown_.set_id("inv_" + absl::BytesToHexString(record_.id()));
    record_.set_customer(random_.Word());
    shown_.set_customer_id("ada");
    record_.set_series("INV");
    record_.set_sequence(static_cast<uint64_t>(random_.Between(0, 2'000'000)));
    if (record_.sequence() != 0) {
      const std::string digits = std::to_string(record_.sequence());
      const size_t zeros = digits.size() < 6 ? 6 - digits.size() : 0;
      shown_.set_number("INV-" + std::string(zeros, '0') + digits);
    }
    record_.set_currency(random_.OneIn(2) ? "USD" : "JPY");
    shown_.set_currency(record_.currency());
    shown_.set_currency_exponent(record_.currency() == "USD" ? 2 : 0);
    shown_.set_kind(pb::INVOICE_KIND_INVOICE);
    record_.set_subtotal(Amount());
    shown_.set_subtotal(record_.subtotal());
    record_.set_total(Amount());
    shown_.set_total(record_.total());
  }

  void FillLife() {
    const auto status =
        random_.Between(storage::INVOICE_STATUS_RECORD_DRAFT, storage::INVOICE_STATUS_RECORD_VOID);
    record_.set_status(static_cast<storage::InvoiceStatusRecord>(status));
    shown_.set_status(static_cast<pb::InvoiceStatus>(status));  // both enums have the same order
    int64_t paid = 0;
    for (int64_t i = random_.Between(0, 2); i > 0; --i) {
      storage::PaymentRecord& payment = *record_.add_payments();
      payment.set_amount(random_.Between(0, 1000));
      payment.set_paid_us(Time());
      payment.set_reference(Text());
      pb::Payment& to = *shown_.add_payments();
      to.set_amount(payment.amount());
      *to.mutable_paid_at() = At(payment.paid_us());
      to.set_reference(payment.reference());
      paid += payment.amount();
    }
    shown_.set_amount_paid(paid);
    const bool due =
        shown_.status() == pb::INVOICE_STATUS_DRAFT || shown_.status() == pb::INVOICE_STATUS_OPEN;
    if (due) shown_.set_amount_due(record_.total() - paid);
    record_.set_created_us(Time());
    *shown_.mutable_created_at() = At(record_.created_us());
    if (random_.OneIn(2)) record_.set_finalized_us(Time());
    if (record_.finalized_us() != 0) *shown_.mutable_finalized_at() = At(record_.finalized_us());
    if (random_.OneIn(2)) record_.set_paid_us(Time());
    if (record_.paid_us() != 0) *shown_.mutable_paid_at() = At(record_.paid_us());
    if (random_.OneIn(2)) record_.set_voided_us(Time());
    if (record_.voided_us() != 0) *shown_.mutable_voided_at() = At(record_.voided_us());
    record_.set_void_reason(Text());
    shown_.set_void_reason(record_.void_reason());
  }

  void AddLine() {
    storage::LineRecord& line = *record_.add_lines();
    pb::LineItem& to = *shown_.add_line_items();
    line.set_feature_slug(Text());
    to.set_feature_slug(line.feature_slug());
    line.set_feature_name(Text());
    to.set_feature_name(line.feature_name());
    const int64_t free = random_.Between(0, 50);
    const int64_t usage = free + random_.Between(0, 50);
    to.set_quantity(std::to_string(usage - free));
    to.set_usage(std::to_string(usage));
    to.set_included(std::to_string(free));
    line.mutable_covers()->set_usage(Packed(usage));
    line.mutable_covers()->set_free(Packed(free));
    line.mutable_covers()->set_billable(Packed(usage - free));
    line.mutable_covers()->set_amount(Amount() - Amount());
    to.set_amount(line.covers().amount());
    if (random_.OneIn(2)) line.set_unit_price("0.25");
    if (!line.unit_price().empty()) to.set_unit_price(line.unit_price());
    for (int64_t i = random_.Between(0, 6); i > 0; --i) AddTier(*line.add_tiers(), *to.add_tiers());
    line.mutable_counter()->set_interval(random_.OneIn(2) ? 4 : 7);
    to.mutable_period()->set_interval(line.counter().interval() == 4 ? pb::INTERVAL_MONTH
                                                                     : pb::INTERVAL_NEVER);
    line.set_period_label(Text());
    to.mutable_period()->set_label(line.period_label());
    line.set_time_zone(Text());
    to.mutable_period()->set_time_zone(line.time_zone());
    line.set_period_start_us(Time());
    *to.mutable_period()->mutable_start() = At(line.period_start_us());
    line.set_period_end_us(random_.OneIn(2) ? Time() : storage::kForever);
    if (line.period_end_us() != storage::kForever) {
      *to.mutable_period()->mutable_end() = At(line.period_end_us());
    }
    line.set_plan(Text());
    to.set_plan(line.plan());
    line.set_plan_version(static_cast<uint32_t>(random_.Between(0, 300)));
    to.set_plan_version(line.plan_version());
    to.set_kind(pb::LINE_KIND_USAGE);
  }

  void AddTier(storage::LineTierRecord& tier, pb::TierUsage& to) {
    if (random_.OneIn(2)) tier.set_up_to("30");
    if (tier.has_up_to()) to.set_up_to("30");
    tier.set_unit_price(Text());
    to.set_unit_price(tier.unit_price());
    tier.set_flat_fee(Text());
    to.set_flat_fee(tier.flat_fee());
    tier.set_quantity(Text());
    to.set_quantity(tier.quantity());
    tier.set_amount(Text());
    to.set_amount(tier.amount());
  }

  static std::string Packed(int64_t units) {
    return storage::PackQuantity({absl::int128(units) * 1'000'000'000'000});
  }

  Random& random_;
  storage::InvoiceRecord record_;
  pb::Invoice shown_;
};

absl::StatusOr<std::string> BytesOf(const storage::InvoiceRecord& record) {
  ledger::InvoiceView view{.customer_id = "ada"};
  const absl::Status status = ledger::ParseInvoiceFields(record.SerializeAsString(), view.invoice);
  return status.ok() ? InvoiceBytes(view) : status;
}

TEST(InvoiceBytesTest, AreThoseOfThePlainlyRenderedMessage) {
  Random random;
  for (int i = 0; i < 1000; ++i) {
    const Pair pair(random);
    const auto bytes = BytesOf(pair.record());
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    pb::Invoice invoice;
    ASSERT_TRUE(invoice.ParseFromString(*bytes));
    ASSERT_THAT(invoice, EqualsProto(pair.shown().DebugString()));
  }
}

TEST(InvoiceBytesTest, TaxIsTheSumOfTheTaxes) {
  ledger::InvoiceView view{.customer_id = "ada"};
  view.invoice.currency = "USD";
  view.invoice.taxes = {{7}, {30}};
  const auto bytes = InvoiceBytes(view);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  pb::Invoice invoice;
  ASSERT_TRUE(invoice.ParseFromString(*bytes));
  EXPECT_EQ(invoice.tax(), 37);
}

TEST(InvoiceBytesTest, AnInvoiceThatIsDamagedIsNone) {
  Random random;
  storage::InvoiceRecord record = Pair(random).record();
  record.set_currency("none");
  EXPECT_TRUE(absl::IsDataLoss(BytesOf(record).status()));
  record.set_currency("USD");
  record.add_lines()->mutable_covers()->set_usage("\xff");
  EXPECT_TRUE(absl::IsDataLoss(BytesOf(record).status()));
}

}  // namespace
}  // namespace owo::rpc
