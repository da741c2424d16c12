// The largest answers. By default a gRPC client accepts messages of at most 4 MiB.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/ledger/invoice_record.h"
#include "service/ledger/line_selection.h"
#include "service/rpc/billing/invoice_bytes.h"
#include "service/rpc/billing/render_billing.h"
#include "service/rpc/catalog/render_catalog.h"
#include "service/rpc/customers/render_customers.h"
#include "service/rpc/metering/render_metering.h"
#include "storage/convert.h"
#include "tests/support/catalog.h"
#include "tests/support/ledger.h"

namespace owo::rpc {
namespace {

using ledger::kInvoiceBytesMax;
using ledger::kLinesMax;
using ledger::kLineTiersMax;
using ledger::Must;
using rating::Decimal;

constexpr size_t kReceivedMax = 4 << 20;

// The longest texts of a quantity, of a price or fee, and of an amount.
const Decimal kQuantity = -rating::kTotalMax;
const Decimal kPrice = rating::kPriceMax;
constexpr storage::MinorUnits kAmount = -rating::kCostMax;
const std::string kSlug(64, 's');
const std::string kName(256, 'n');
const std::string kId(128, 'i');

ledger::Labels LargestMetadata() {
  ledger::Labels labels;
  for (int i = 100; i < 150; ++i) labels[absl::StrCat(std::string(61, 'k'), i)].assign(512, 'v');
  return labels;
}

// Returns an invoice with the maximum numbers of lines and tiers, each of maximum size.
ledger::Invoice LargestInvoice() {
  ledger::Invoice invoice{.id = std::string(16, 'i'),
                          .status = storage::INVOICE_STATUS_RECORD_VOID,
                          .series = "INV",
                          .sequence = UINT64_MAX,
                          .currency = "CLF",
                          .created_at = -1,
                          .finalized_at = -1,
                          .voided_at = -1,
                          .void_reason = std::string(512, 'r')};
  invoice.notes = ledger::NotesOf(LargestMetadata(), std::string(1000, 'm')).SerializeAsString();
  const storage::Quantity quantity = ledger::ToQuantity(kQuantity);
  const ledger::LineTier tier{.up_to = rating::kTotalMax.ToString(),
                              .unit_price = kPrice.ToString(),
                              .flat_fee = (-kPrice).ToString(),
                              .quantity = kQuantity.ToString(),
                              .amount = absl::StrCat(kAmount, ".123456789012")};
  const ledger::InvoiceLine line{
      .covers = {.usage = quantity, .free = quantity, .billable = quantity, .amount = kAmount},
      .feature_slug = kSlug,
      .feature_name = kName,
      .plan = kSlug,
      .plan_version = UINT32_MAX,
      .unit_price = kQuantity.ToString(),
      .tiers = std::vector<ledger::LineTier>(kLineTiersMax / kLinesMax, tier),
      .period = {.interval = rating::Interval::kMonth,
                 .label = "2026-11-15T12:00+00:00",
                 .time_zone = std::string(64, 'z'),
                 .start = -1,
                 .end = -1}};
  invoice.lines.assign(kLinesMax, line);
  return invoice;
}

// A row of maximum size.
class LargestRow {
 public:
  LargestRow() {
    feature_ = {.slug = kSlug, .name = kName};
    plan_.slug = kSlug;
    version_.version = UINT32_MAX;
    terms_.usage_model = ledger::UsageModel::kUsageBased;
    terms_.price.model = rating::RatingModel::kVolume;
    terms_.price.tiers.resize(
        kLineTiersMax / kLinesMax,
        {.up_to = rating::kTotalMax, .unit_price = kPrice, .flat_fee = kPrice});
    counter_.key.period = {storage::IntervalCode::kMonth, 20'000};
    counter_.terms.period_start = 1;
    counter_.terms.period_end = 1'999'999;
  }

  ledger::StatementRow Get() const {
    ledger::StatementRow row{.counter = &counter_, .context = context_, .unit_price = kQuantity};
    const storage::Quantity quantity = ledger::ToQuantity(kQuantity);
    row.adds = {.usage = quantity, .free = quantity, .billable = quantity, .amount = kAmount};
    // Makes the amount of each tier as large as possible.
    const storage::Quantity units = ledger::ToQuantity(ledger::D("-99999.999999999999"));
    for (uint32_t i = 0; i < terms_.price.tiers.size(); ++i) {
      row.adds.tiers.push_back({i, units, -1});
    }
    return row;
  }

 private:
  ledger::Feature feature_;
  ledger::Plan plan_{.currency = Must(rating::Currency::Parse("CLF"))};
  ledger::PlanVersion version_;
  ledger::Terms terms_;
  storage::Counter counter_;
  // Does not own the terms.
  const ledger::CounterContext context_ = {&feature_, &plan_, &version_,
                                           ledger::TermsPtr(ledger::TermsPtr(), &terms_)};
};

class AnswerSizeTest : public ::testing::Test {
 protected:
  AnswerSizeTest() { ledger_.AddCustomer("ada", "pro"); }

  ledger::TestLedger ledger_{
      ledger::CatalogOf(ledger::PlanOf("pro", {ledger::UsageBased("calls", "1")}))};
};

TEST_F(AnswerSizeTest, AnInvoiceIsWithinItsBoundWhateverItsTextsAre) {
  const std::string bytes = Must(InvoiceBytes({LargestInvoice(), kId}));
  EXPECT_LE(bytes.size(), kInvoiceBytesMax);
  EXPECT_GT(bytes.size(), kInvoiceBytesMax * 3 / 4);  // the bound is not much larger than necessary
}

TEST_F(AnswerSizeTest, UsageIsWithinTheSameBound) {
  const LargestRow row;
  ledger::UsageAnswer usage = Must(ledger_.Usage("ada"));
  usage.statement.rows.assign(kLinesMax, row.Get());
  pb::UsageResponse response;
  ASSERT_TRUE(RenderUsageResponse(usage, response).ok());
  EXPECT_LE(response.ByteSizeLong(), kInvoiceBytesMax);
  EXPECT_GT(response.ByteSizeLong(), kInvoiceBytesMax / 2);
}

TEST_F(AnswerSizeTest, APageOfTheLargestInvoicesCanBeReceived) {
  ledger::InvoicePage page;
  ledger::Invoice invoice = LargestInvoice();
  // Or else their sum would exceed an int64.
  for (size_t i = 0; i < kLinesMax; i += 2) invoice.lines[i].covers.amount = -kAmount;
  for (char i = 'a'; i < 'f'; ++i) {
    invoice.id = std::string(16, i);
    page.invoices.push_back({ledger::ToRecord(invoice).SerializeAsString(), kId});
  }
  const PageTokens tokens(pb::ListInvoicesRequest{}, storage::kDefaultTenant);
  pb::ListInvoicesResponse response;
  ASSERT_TRUE(RenderListInvoicesResponse(page, tokens, response).ok());
  EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
  EXPECT_EQ(tokens.Read(response.next_page_token()), std::string(16, 'b'));
}

TEST_F(AnswerSizeTest, APageOfTheLongestHistoryCanBeReceived) {
  const LargestRow row;
  ledger::UsageRow shown{.rated = {.context = row.Get().context,
                                   .allowance = rating::kTotalMax,
                                   .free = rating::kTotalMax,
                                   .billable = rating::kTotalMax,
                                   .cost = kAmount},
                         .period = LargestInvoice().lines[0].period,
                         .subscription_id = std::string(64, 's')};
  shown.counter.total = ledger::ToQuantity(rating::kTotalMax);
  shown.counter.covered.billable = ledger::ToQuantity(kQuantity);
  const ledger::UsagePage page{.rows = std::vector<ledger::UsageRow>(500, shown),
                               .next = storage::CounterKey{}};
  pb::ListUsageResponse response;
  ASSERT_TRUE(RenderListUsageResponse(
                  page, PageTokens(pb::ListUsageRequest{}, storage::kDefaultTenant), response)
                  .ok());
  EXPECT_EQ(response.periods_size(), 500);
  EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
}

TEST_F(AnswerSizeTest, APageOfTheLargestCustomersCanBeReceived) {
  for (int i = 0; i < 150; ++i) {
    Must(ledger_.Create({.id = absl::StrCat(std::string(125, 'i'), 100 + i),
                         .email = std::string(240, 'e') + "@e.example",
                         .name = kName,
                         .metadata = LargestMetadata()}));
  }
  ledger::Customers customers(ledger_.parts());
  const storage::CustomerList page =
      Must(customers.List(ledger_.context(), storage::kReadAll, "", 500));
  const PageTokens tokens(pb::ListCustomersRequest{}, storage::kDefaultTenant);
  pb::ListCustomersResponse response;
  ASSERT_TRUE(RenderListCustomersResponse(page, tokens, response).ok());
  EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
  EXPECT_GT(response.customers_size(), 50);
  EXPECT_EQ(tokens.Read(response.next_page_token()), response.customers().rbegin()->id());
}

TEST_F(AnswerSizeTest, ThePagesOfTheLargestSubscriptionsCanBeReceived) {
  constexpr int kSubscriptions = 120;
  Must(ledger_.Sync(ledger::CatalogOf({ledger::PlanOf("a", {}), ledger::PlanOf("b", {})})));
  Must(ledger_.Create({.id = kId}));
  for (int i = 0; i < kSubscriptions; ++i) {
    Must(ledger_.Subscribe({.customer = kId,
                            .plan = i % 2 == 0 ? "a" : "b",
                            .start = ledger_.now() + (i + 1) * 1'000'000,
                            .metadata = LargestMetadata()}));
  }
  ledger::Customers customers(ledger_.parts());
  const PageTokens tokens(pb::ListSubscriptionsRequest{}, storage::kDefaultTenant);
  ledger::SubscriptionsQuery query{.customer = kId, .limit = 500};
  int all = 0;
  do {
    const ledger::SubscriptionsPage page =
        Must(customers.Subscriptions(ledger_.context(), storage::kReadAll, query));
    pb::ListSubscriptionsResponse response;
    ASSERT_TRUE(RenderListSubscriptionsResponse(page, tokens, response).ok());
    EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
    ASSERT_GT(response.subscriptions_size(), 0);
    EXPECT_EQ(response.subscriptions(0).metadata_size(), 50);
    all += response.subscriptions_size();
    query.after = tokens.Read(response.next_page_token()).value();
  } while (!query.after.empty());
  EXPECT_EQ(all, kSubscriptions);
}

TEST_F(AnswerSizeTest, TheAnswerToACancellationOfManySubscriptionsCanBeReceived) {
  Must(ledger_.Sync(ledger::CatalogOf({ledger::PlanOf("a", {}), ledger::PlanOf("b", {})})));
  Must(ledger_.Create({.id = kId}));
  for (int i = 0; i < ledger::kSubscriptionsMax; ++i) {
    Must(ledger_.Subscribe({.customer = kId,
                            .plan = i % 2 == 0 ? "a" : "b",
                            .start = ledger_.now() + (i + 1) * 1'000'000,
                            .metadata = i < 100 ? LargestMetadata() : ledger::Labels()}));
  }
  pb::CancelSubscriptionResponse response;
  ASSERT_TRUE(
      RenderCancelSubscriptionResponse(Must(ledger_.Cancel({.customer = kId})), response).ok());
  EXPECT_EQ(response.canceled_size(), ledger::kSubscriptionsMax);
  EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
}

TEST_F(AnswerSizeTest, APageOfLargePlansCanBeReceived) {
  std::vector<std::string> tiers;
  for (int i = 1; i < 100; ++i) tiers.push_back(absl::StrCat(i, ".000000000001: 0.123456789012"));
  tiers.emplace_back(": 1");
  std::vector<ledger::PlanSpec> plans;
  for (int i = 0; i < 90; ++i) {
    std::vector<ledger::PlanFeatureSpec> features;
    for (int j = 0; j < 10; ++j) {
      features.push_back(ledger::Graduated(absl::StrCat("f", j), "0", tiers));
    }
    plans.push_back(ledger::PlanOf(absl::StrCat("plan-", 100 + i), features));
  }
  Must(ledger_.Sync(ledger::CatalogOf(plans)));
  ledger::Catalogs catalogs(ledger_.parts());
  const ledger::PlansPage page =
      Must(catalogs.ListPlans(ledger_.context(), storage::kReadAll, {.limit = 500}));
  const PageTokens tokens(pb::ListPlansRequest{}, storage::kDefaultTenant);
  pb::ListPlansResponse response;
  ASSERT_TRUE(RenderListPlansResponse(page, tokens, response).ok());
  EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
  ASSERT_GT(response.plans_size(), 0);
  EXPECT_EQ(tokens.Read(response.next_page_token()), response.plans().rbegin()->slug());
}

TEST_F(AnswerSizeTest, TheAnswerToALargeSyncCanBeReceived) {
  const std::string words = "calls: " + std::string(4000, 'x');  // the largest catalog
  ledger::Answered<std::vector<ledger::CatalogChange>> changes;
  for (size_t i = 0; i < ledger::kPlansMax; ++i) {
    changes.value.push_back({.is_plan = true,
                             .slug = absl::StrCat(std::string(60, 'p'), i),
                             .prices_in_words = std::vector<std::string>(100, words)});
  }
  pb::SyncCatalogResponse response;
  ASSERT_TRUE(RenderSyncCatalogResponse(changes, response).ok());
  EXPECT_LT(response.ByteSizeLong(), kReceivedMax);
  EXPECT_EQ(response.changes(0).prices_in_words(0), words);
  EXPECT_THAT(response.changes().rbegin()->prices_in_words(),
              ::testing::ElementsAre("… and 100 more"));
}

}  // namespace
}  // namespace owo::rpc
