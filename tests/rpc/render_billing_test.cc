#include "service/rpc/billing/render_billing.h"

#include <gmock/gmock.h>

#include <string>
#include <type_traits>

#include "service/ledger/ids.h"
#include "service/rpc/page_budget.h"
#include "service/rpc/render_values.h"
#include "tests/client/proto_text.h"
#include "tests/support/catalog.h"
#include "tests/support/ledger.h"

namespace owo::rpc {
namespace {

using ledger::CatalogOf;
using ledger::Must;
using ledger::PlanOf;
using ledger::TestLedger;
using testing::EqualsProto;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::UnsetFields;

// A customer with usage under each kind of price.
class RenderBillingTest : public ::testing::Test {
 protected:
  RenderBillingTest()
      : ledger_(CatalogOf(
            PlanOf("pro", {ledger::Package("sms", "100", "50", "10"),
                           ledger::Graduated("tokens", "0", {"30: 100 + 1000", ": 50"})}))) {
    ledger_.AddCustomer("ada", "pro");
    ledger_.Use("ada", "sms", "125");
    ledger_.Use("ada", "tokens", "31");
  }

  // Serializes and parses a message, as a client receives it.
  template <typename Response>
  static Response AsReceived(const Response& sent) {
    Response received;
    EXPECT_TRUE(received.ParseFromString(sent.SerializeAsString()));
    return received;
  }

  template <typename Value, typename Response>
  static Response Rendered(absl::Status (*render)(const Value&, Response&),
                           const std::type_identity_t<Value>& value) {
    Response response;
    const absl::Status status = render(value, response);
    EXPECT_TRUE(status.ok()) << status;
    return AsReceived(response);
  }
  template <typename Value, typename Response>
  static Response Rendered(absl::Status (*render)(const Value&, Response&),
                           const ledger::Answered<ledger::ReadInvoice>& answer) {
    const ledger::InvoiceView& view = answer.value;
    return Rendered(render, ledger::Answered<ledger::InvoiceView>{view, answer.replayed});
  }

  static pb::ListInvoicesResponse Rendered(const ledger::InvoicePage& page,
                                           const PageTokens& tokens) {
    pb::ListInvoicesResponse response;
    const absl::Status status = RenderListInvoicesResponse(page, tokens, response);
    EXPECT_TRUE(status.ok()) << status;
    return AsReceived(response);
  }

  TestLedger ledger_;
};

TEST_F(RenderBillingTest, UsageLeavesNoFieldOut) {
  const auto usage = Rendered(RenderUsageResponse, Must(ledger_.Usage("ada")));
  EXPECT_THAT(UnsetFields(usage), IsEmpty());
  EXPECT_EQ(usage.customer(), "ada");
  EXPECT_EQ(usage.total_estimated(), 150 + 4050);
  ASSERT_THAT(usage.features(), SizeIs(2));
}

TEST_F(RenderBillingTest, UsageShowsQuantitiesAsDecimalsAndMoneyInMinorUnits) {
  const auto usage = Rendered(RenderUsageResponse, Must(ledger_.Usage("ada")));
  const pb::FeatureUsage& sms = usage.features(0);
  EXPECT_EQ(sms.feature_slug(), "sms");
  EXPECT_EQ(sms.overage_units(), "25");
  EXPECT_EQ(sms.usage(), "125");
  EXPECT_EQ(sms.included(), "100");
  EXPECT_EQ(sms.overage_price(), "5");  // per unit: 50 for each 10
  EXPECT_EQ(sms.estimated_cost(), 150);
  EXPECT_EQ(sms.rating_model(), pb::RATING_MODEL_PACKAGE);
  EXPECT_EQ(sms.billing_units(), "10");
  EXPECT_EQ(sms.usage_model(), pb::USAGE_MODEL_INCLUDED);
  EXPECT_THAT(sms.period(),
              EqualsProto("interval: INTERVAL_MONTH label: '2026-11' start { seconds: 1793491200 } "
                          "end { seconds: 1796083200 } time_zone: 'UTC'"));
  EXPECT_THAT(usage.features(1).tiers(0),
              EqualsProto("up_to: '30' unit_price: '100' flat_fee: '1000' quantity: '30' "
                          "amount: '4000'"));
  EXPECT_FALSE(usage.features(1).has_billing_units());
}

TEST_F(RenderBillingTest, ACustomerWithoutPlanOwesNothingInTheDefaultCurrency) {
  Must(ledger_.Create({.id = "new"}));
  EXPECT_THAT(Rendered(RenderUsageResponse, Must(ledger_.Usage("new"))),
              EqualsProto("customer: 'new' currency: 'USD' currency_exponent: 2"));
}

TEST_F(RenderBillingTest, AnOpenInvoiceHasWhatIsKnownByThen) {
  const auto answer =
      Rendered(RenderInvoiceResponse,
               Must(ledger_.Invoice(
                   {.customer = "ada", .notes = ledger::NotesOf({{"po", "4711"}}, "Danke")})));
  EXPECT_TRUE(answer.success());
  EXPECT_THAT(
      UnsetFields(answer),
      UnorderedElementsAre("replayed", "invoice.tax", "invoice.amount_paid", "invoice.payments",
                           "invoice.paid_at", "invoice.voided_at", "invoice.void_reason"));
  const pb::Invoice& invoice = answer.invoice();
  EXPECT_EQ(invoice.number(), "INV-000001");
  EXPECT_EQ(invoice.status(), pb::INVOICE_STATUS_OPEN);
  EXPECT_EQ(invoice.total(), 4200);
  EXPECT_EQ(invoice.amount_due(), 4200);
  EXPECT_EQ(invoice.customer_id(), "ada");
  EXPECT_EQ(invoice.metadata().at("po"), "4711");
  EXPECT_EQ(invoice.memo(), "Danke");
  EXPECT_EQ(ledger::ParseInvoiceId(invoice.id()).value().size(), 16U);
}

TEST_F(RenderBillingTest, LinesAreTheRowsThatUsageShowed) {
  const auto usage = Rendered(RenderUsageResponse, Must(ledger_.Usage("ada")));
  const auto invoice =
      Rendered(RenderInvoiceResponse, Must(ledger_.Invoice({.customer = "ada"}))).invoice();
  ASSERT_EQ(invoice.line_items_size(), usage.features_size());
  for (int i = 0; i < usage.features_size(); ++i) {
    const pb::FeatureUsage& row = usage.features(i);
    const pb::LineItem& line = invoice.line_items(i);
    EXPECT_EQ(line.feature_slug(), row.feature_slug());
    EXPECT_EQ(line.feature_name(), row.feature_name());
    EXPECT_EQ(line.quantity(), row.overage_units());
    EXPECT_EQ(line.unit_price(), row.overage_price());
    EXPECT_EQ(line.amount(), row.estimated_cost());
    EXPECT_EQ(line.usage(), row.usage());
    EXPECT_EQ(line.included(), row.included());
    EXPECT_EQ(line.period().DebugString(), row.period().DebugString());
    EXPECT_EQ(line.plan(), row.plan());
    EXPECT_EQ(line.plan_version(), row.plan_version());
    ASSERT_EQ(line.tiers_size(), row.tiers_size());
    for (int j = 0; j < line.tiers_size(); ++j) {
      EXPECT_EQ(line.tiers(j).DebugString(), row.tiers(j).DebugString());
    }
  }
}

TEST_F(RenderBillingTest, ADraftHasNeitherNumberNorFinalisation) {
  const auto draft = Must(ledger_.Invoice({.customer = "ada", .draft = true}));
  const auto invoice = Rendered(RenderInvoiceResponse, draft).invoice();
  EXPECT_EQ(invoice.status(), pb::INVOICE_STATUS_DRAFT);
  EXPECT_EQ(invoice.number(), "");
  EXPECT_FALSE(invoice.has_finalized_at());
  EXPECT_EQ(invoice.amount_due(), 4200);
  const auto open =
      Rendered(RenderFinalizeInvoiceResponse, Must(ledger_.Finalize(draft.value.record)));
  EXPECT_EQ(open.invoice().status(), pb::INVOICE_STATUS_OPEN);
  EXPECT_EQ(open.invoice().number(), "INV-000001");
  EXPECT_TRUE(open.invoice().has_finalized_at());
}

TEST_F(RenderBillingTest, APaidInvoiceShowsItsPayment) {
  const auto paid =
      Rendered(RenderPayInvoiceResponse, Must(ledger_.Pay(ledger_.Bill("ada"), "bank transfer")))
          .invoice();
  EXPECT_EQ(paid.status(), pb::INVOICE_STATUS_PAID);
  EXPECT_EQ(paid.amount_due(), 0);
  EXPECT_EQ(paid.amount_paid(), 4200);
  ASSERT_THAT(paid.payments(), SizeIs(1));
  EXPECT_EQ(paid.payments(0).amount(), 4200);
  EXPECT_EQ(paid.payments(0).reference(), "bank transfer");
  EXPECT_EQ(paid.payments(0).paid_at().seconds(), paid.paid_at().seconds());
}

TEST_F(RenderBillingTest, AVoidInvoiceOwesNothingAndKeepsItsNumber) {
  const auto voided =
      Rendered(RenderVoidInvoiceResponse, Must(ledger_.Void(ledger_.Bill("ada"), "a mistake")))
          .invoice();
  EXPECT_EQ(voided.status(), pb::INVOICE_STATUS_VOID);
  EXPECT_EQ(voided.number(), "INV-000001");
  EXPECT_EQ(voided.total(), 4200);
  EXPECT_EQ(voided.amount_due(), 0);
  EXPECT_EQ(voided.void_reason(), "a mistake");
  EXPECT_TRUE(voided.has_voided_at());
}

TEST_F(RenderBillingTest, ARepeatedRequestSaysSo) {
  const ledger::InvoiceParams params{.customer = "ada", .request = {"r1", "fingerprint"}};
  EXPECT_FALSE(Rendered(RenderInvoiceResponse, Must(ledger_.Invoice(params))).replayed());
  EXPECT_TRUE(Rendered(RenderInvoiceResponse, Must(ledger_.Invoice(params))).replayed());
}

TEST_F(RenderBillingTest, AnInvoiceWithoutCurrencyIsAnErrorNotAnAnswer) {
  ledger::InvoiceView view = Must(ledger_.Invoice({.customer = "ada"})).value;
  view.invoice.currency = "none";
  pb::GetInvoiceResponse response;
  EXPECT_TRUE(absl::IsDataLoss(RenderGetInvoiceResponse(view, response)));
}

TEST_F(RenderBillingTest, APageOfLargeInvoicesEndsBeforeItIsTooLargeToBeReceived) {
  ledger::InvoicePage page;
  storage::InvoiceRecord record = ledger_.Bill("ada");
  for (int j = 0; j < 50; ++j) {
    (*record.mutable_metadata())["key" + std::to_string(j)] = std::string(512, 'x');
  }
  for (int i = 0; i < 200; ++i) {
    record.set_id(std::string(16, static_cast<char>(i)));
    page.invoices.push_back({record.SerializeAsString(), "ada"});
  }
  const PageTokens tokens(pb::ListInvoicesRequest{}, storage::kDefaultTenant);
  const pb::ListInvoicesResponse response = Rendered(page, tokens);
  EXPECT_LT(response.ByteSizeLong(), PageBudget::kBytesMax + 1000U);
  const int shown = response.invoices_size();
  EXPECT_GT(shown, 1);
  EXPECT_LT(shown, 200);
  EXPECT_EQ(tokens.Read(response.next_page_token()), std::string(16, static_cast<char>(shown - 1)));
}

TEST_F(RenderBillingTest, AListedInvoiceIsShownAsItIsAlone) {
  const auto alone = Must(ledger_.Invoice(
      {.customer = "ada", .notes = ledger::NotesOf({{"po", "4711"}, {"b", ""}}, "Danke")}));
  ledger::Billing billing(ledger_.parts());
  const auto listed =
      Rendered(Must(billing.List(ledger_.context(), storage::kReadAll, {.limit = 5})),
               PageTokens(pb::ListInvoicesRequest{}, storage::kDefaultTenant));
  ASSERT_THAT(listed.invoices(), SizeIs(1));
  EXPECT_THAT(listed.invoices(0),
              EqualsProto(Rendered(RenderInvoiceResponse, alone).invoice().DebugString()));
}

TEST_F(RenderBillingTest, APageWithAnInvoiceThatDoesNotAddUpIsAnErrorNotAnAnswer) {
  storage::InvoiceRecord record = ledger_.Bill("ada");
  record.set_subtotal(record.subtotal() + 1);
  ledger::InvoicePage page;
  page.invoices.push_back({record.SerializeAsString(), "ada"});
  pb::ListInvoicesResponse response;
  EXPECT_TRUE(absl::IsDataLoss(RenderListInvoicesResponse(
      page, PageTokens(pb::ListInvoicesRequest{}, storage::kDefaultTenant), response)));
}

TEST_F(RenderBillingTest, TheLastPageHasNoToken) {
  ledger_.Bill("ada");
  const PageTokens tokens(pb::ListInvoicesRequest{}, storage::kDefaultTenant);
  ledger::Billing billing(ledger_.parts());
  const auto response =
      Rendered(Must(billing.List(ledger_.context(), storage::kReadAll, {.limit = 5})), tokens);
  EXPECT_THAT(response.invoices(), SizeIs(1));
  EXPECT_EQ(response.next_page_token(), "");
}

TEST(RenderTimeTest, TimesStayWithinWhatATimestampCanSay) {
  EXPECT_THAT(ToTimestamp(1'500'001), EqualsProto("seconds: 1 nanos: 500001000"));
  // The first instant of the year 10000, where the last period of 9999 ends.
  EXPECT_THAT(ToTimestamp(253'402'300'800'000'000),
              EqualsProto("seconds: 253402300799 nanos: 999999000"));
}

}  // namespace
}  // namespace owo::rpc
