#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/internal/wire.h"
#include "tests/client/proto_text.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using testing::FromText;
using ::testing::IsEmpty;
using testing::UnsetFields;

const absl::Time kTime = absl::FromUnixSeconds(1'764'547'200);

TEST(WireTest, TimesKeepTheirNanoseconds) {
  const absl::Time before_1970 = absl::UnixEpoch() - absl::Nanoseconds(1);
  EXPECT_THAT(ToWire(before_1970), EqualsProto("seconds: -1 nanos: 999999999"));
  for (const absl::Time time : {before_1970, kTime + absl::Nanoseconds(123'456'789)}) {
    EXPECT_EQ(FromWire(ToWire(time)), time);
  }
}

TEST(WireBillingTest, RequestsSayEverything) {
  const v1::InvoiceRequest invoice = ToWire(InvoiceParams{.customer = "user_123",
                                                          .draft = true,
                                                          .metadata = {{"k", "v"}},
                                                          .memo = "Thank you",
                                                          .request_id = "r"});
  EXPECT_THAT(UnsetFields(invoice), IsEmpty());
  EXPECT_THAT(invoice, EqualsProto("customer: 'user_123' draft: true request_id: 'r' "
                                   "metadata { key: 'k' value: 'v' } memo: 'Thank you'"));

  const v1::PayInvoiceRequest pay = ToWire(PayInvoiceParams{
      .invoice_id = "inv_1", .reference = "4711", .paid_at = kTime, .request_id = "r"});
  EXPECT_THAT(UnsetFields(pay), IsEmpty());
  EXPECT_THAT(pay, EqualsProto("invoice_id: 'inv_1' reference: '4711' request_id: 'r' "
                               "paid_at { seconds: 1764547200 }"));

  const v1::VoidInvoiceRequest cancel =
      ToWire(VoidInvoiceParams{.invoice_id = "inv_1", .reason = "wrong", .request_id = "r"});
  EXPECT_THAT(UnsetFields(cancel), IsEmpty());
  EXPECT_THAT(cancel, EqualsProto("invoice_id: 'inv_1' reason: 'wrong' request_id: 'r'"));

  const v1::FinalizeInvoiceRequest finalize =
      ToWire(FinalizeInvoiceParams{.invoice_id = "inv_1", .request_id = "r"});
  EXPECT_THAT(UnsetFields(finalize), IsEmpty());
  EXPECT_THAT(finalize, EqualsProto("invoice_id: 'inv_1' request_id: 'r'"));
}

TEST(WireBillingTest, QuestionsSayEverything) {
  EXPECT_THAT(ToWire(UsageParams{.customer = "user_123"}), EqualsProto("customer: 'user_123'"));
  EXPECT_THAT(ToWire(GetInvoiceParams{.invoice_id = "inv_1"}), EqualsProto("invoice_id: 'inv_1'"));
  const v1::ListInvoicesRequest list =
      ToWire(InvoicesParams{.customer = "user_123", .status = InvoiceStatus::kOpen});
  EXPECT_THAT(UnsetFields(list), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(list, EqualsProto("customer: 'user_123' status: INVOICE_STATUS_OPEN"));
}

constexpr char kTierText[] =
    "tiers { up_to: '1000' unit_price: '0.1' flat_fee: '5' quantity: '1000' amount: '105' }";
constexpr char kPeriodText[] =
    "period { interval: INTERVAL_MONTH label: '2025-12' time_zone: 'UTC' "
    "start { seconds: 1764547200 } end { seconds: 1767225600 } }";

const TierUsage kTier = {
    .up_to = "1000", .unit_price = "0.1", .flat_fee = "5", .quantity = "1000", .amount = "105"};
const Period kPeriod = {.interval = Interval::kMonth,
                        .label = "2025-12",
                        .start = kTime,
                        .end = absl::FromUnixSeconds(1'767'225'600),
                        .time_zone = "UTC"};

TEST(WireBillingTest, UsageIsReadWhole) {
  const auto response = FromText<v1::UsageResponse>(std::string(R"(
      customer: 'user_123' currency: 'USD' currency_exponent: 2 total_estimated: -8731
      features {
        feature_slug: 'api' feature_name: 'API' overage_units: '1500' overage_price: '0.5'
        estimated_cost: 750 usage: '2500' included: '1000' usage_model: USAGE_MODEL_INCLUDED
        rating_model: RATING_MODEL_VOLUME billing_units: '10' plan: 'pro' plan_version: 3 )") +
                                                    kTierText + kPeriodText + "}");
  EXPECT_THAT(UnsetFields(response), IsEmpty());
  EXPECT_EQ(FromWire(response), (BillingUsageResult{
                                    .customer = "user_123",
                                    .currency = "USD",
                                    .currency_exponent = 2,
                                    .total_estimated = -8731,
                                    .features = {{.feature_slug = "api",
                                                  .feature_name = "API",
                                                  .overage_units = "1500",
                                                  .overage_price = "0.5",
                                                  .estimated_cost = 750,
                                                  .usage = "2500",
                                                  .included = "1000",
                                                  .usage_model = UsageModel::kIncluded,
                                                  .rating_model = RatingModel::kVolume,
                                                  .billing_units = "10",
                                                  .tiers = {kTier},
                                                  .period = kPeriod,
                                                  .plan = "pro",
                                                  .plan_version = 3}},
                                }));
}

TEST(WireBillingTest, InvoicesAreReadWhole) {
  const auto response = FromText<v1::InvoiceResponse>(std::string(R"(
      success: true replayed: true
      invoice {
        id: 'inv_1' number: 'INV-000001' customer_id: 'user_123' status: INVOICE_STATUS_VOID
        currency: 'USD' currency_exponent: 2 kind: INVOICE_KIND_INVOICE
        subtotal: 1 tax: 2 total: 3 amount_due: 4 amount_paid: 5 void_reason: 'wrong'
        payments { amount: 6 paid_at { seconds: 1 } reference: '4711' }
        created_at { seconds: 2 } finalized_at { seconds: 3 } paid_at { seconds: 4 }
        voided_at { seconds: 5 } metadata { key: 'k' value: 'v' } memo: 'Thank you'
        line_items {
          feature_slug: 'api' feature_name: 'API' quantity: '1500' unit_price: '0.5' amount: 750
          usage: '2500' included: '1000' plan: 'pro' plan_version: 3 kind: LINE_KIND_USAGE )") +
                                                      kTierText + kPeriodText + "} }");
  EXPECT_THAT(UnsetFields(response), IsEmpty());
  const InvoiceLineItem line = {.feature_slug = "api",
                                .feature_name = "API",
                                .quantity = "1500",
                                .unit_price = "0.5",
                                .amount = 750,
                                .usage = "2500",
                                .included = "1000",
                                .tiers = {kTier},
                                .period = kPeriod,
                                .plan = "pro",
                                .plan_version = 3,
                                .kind = LineKind::kUsage};
  EXPECT_EQ(FromWire(response),
            (InvoiceResult{.success = true,
                           .invoice = {.id = "inv_1",
                                       .number = "INV-000001",
                                       .customer_id = "user_123",
                                       .status = InvoiceStatus::kVoid,
                                       .currency = "USD",
                                       .currency_exponent = 2,
                                       .kind = InvoiceKind::kInvoice,
                                       .subtotal = 1,
                                       .tax = 2,
                                       .total = 3,
                                       .amount_due = 4,
                                       .amount_paid = 5,
                                       .payments = {{.amount = 6,
                                                     .paid_at = absl::FromUnixSeconds(1),
                                                     .reference = "4711"}},
                                       .line_items = {line},
                                       .created_at = absl::FromUnixSeconds(2),
                                       .finalized_at = absl::FromUnixSeconds(3),
                                       .paid_at = absl::FromUnixSeconds(4),
                                       .voided_at = absl::FromUnixSeconds(5),
                                       .void_reason = "wrong",
                                       .metadata = {{"k", "v"}},
                                       .memo = "Thank you"},
                           .replayed = true}));
}

TEST(WireBillingTest, WhatIsAbsentStaysAbsent) {
  const Invoice invoice = FromWire(FromText<v1::Invoice>("id: 'inv_1' line_items {}"));
  EXPECT_EQ(invoice.finalized_at, std::nullopt);
  EXPECT_EQ(invoice.paid_at, std::nullopt);
  EXPECT_EQ(invoice.voided_at, std::nullopt);
  EXPECT_EQ(invoice.line_items.at(0).unit_price, std::nullopt);
  EXPECT_EQ(invoice.line_items.at(0).period.end, std::nullopt);
}

TEST(WireBillingTest, StatusesOfANewerServerAreKept) {
  const auto invoice = FromWire(FromText<v1::Invoice>("status: 17"));
  EXPECT_EQ(static_cast<int>(invoice.status), 17);
  EXPECT_EQ(ToString(invoice.status), "unknown");
}

}  // namespace
}  // namespace owo
