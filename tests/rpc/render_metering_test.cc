#include "service/rpc/metering/render_metering.h"

#include <gmock/gmock.h>

#include "service/rpc/cursor_text.h"
#include "service/rpc/metering/parse_metering.h"
#include "tests/client/proto_text.h"
#include "tests/support/catalog.h"
#include "tests/support/ledger.h"

namespace owo::rpc {
namespace {

using ledger::Must;
using ledger::TestLedger;
using ledger::TrackResult;
using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::SizeIs;
using testing::UnsetFields;

TestLedger NewLedger() {
  return TestLedger(ledger::CatalogOf(
      ledger::PlanOf("pro", {ledger::AtMostOver(ledger::PerUnit("calls", "100", "10"), "50"),
                             ledger::Blocking("seats", "5")})));
}

template <typename Response>
Response Rendered(absl::Status (*render)(const TrackResult&, Response&),
                  const TrackResult& result) {
  Response response;
  const absl::Status status = render(result, response);
  EXPECT_TRUE(status.ok()) << status;
  return response;
}

TEST(RenderMeteringTest, AnEventInsideItsAllowanceIsTracked) {
  TestLedger ledger = NewLedger();
  ledger.AddCustomer("ada", "pro");
  TrackResult result = ledger.Use("ada", "calls", "40.5");
  result.event_id = "e1";
  EXPECT_THAT(Rendered(RenderTrackResponse, result),
              EqualsProto("code: TRACK_CODE_TRACKED allowed: true recorded: true event_id: 'e1' "
                          "usage: '40.5' included: '100' limit: '150' balance: '59.5' "
                          "resets_at { seconds: 1796083200 }"));
}

TEST(RenderMeteringTest, CheckAnswersAsTrackDoes) {
  TestLedger ledger = NewLedger();
  ledger.AddCustomer("ada", "pro");
  const TrackResult result = ledger.Use("ada", "calls", "120");
  EXPECT_EQ(Rendered(RenderCheckResponse, result).SerializeAsString(),
            Rendered(RenderTrackResponse, result).SerializeAsString());
  EXPECT_EQ(Rendered(RenderCheckResponse, result).code(), pb::TRACK_CODE_TRACKED_OVERAGE);
}

TEST(RenderMeteringTest, AnEventThatIsNotRecordedHasNoId) {
  TestLedger ledger = NewLedger();
  ledger.AddCustomer("ada", "pro");
  EXPECT_THAT(Rendered(RenderTrackResponse, ledger.Use("ada", "seats", "6")),
              EqualsProto("code: TRACK_CODE_LIMIT_EXCEEDED usage: '0' included: '5' limit: '5' "
                          "balance: '5' resets_at { seconds: 1796083200 }"));
}

TEST(RenderMeteringTest, WithoutPlanThereIsNoUsageToShow) {
  TestLedger ledger = NewLedger();
  Must(ledger.Create({.id = "bob"}));
  EXPECT_THAT(Rendered(RenderTrackResponse, ledger.Use("bob", "calls", "1")),
              EqualsProto("code: TRACK_CODE_NO_ACTIVE_SUBSCRIPTION"));
}

TEST(RenderMeteringTest, ARejectedEventIsTheErrorOfItsCall) {
  const TrackResult rejected{.error = ledger::Refuse(ledger::Reason::kEventTooOld, "old")};
  pb::TrackResponse response;
  EXPECT_THAT(RenderTrackResponse(rejected, response),
              ledger::RefusedAs(ledger::Reason::kEventTooOld));
}

TEST(RenderMeteringTest, ABatchIsAnsweredInItsOrderWithDetailsWhereTheyAreNeeded) {
  EventBatch batch{.size = 6};
  batch.malformed.emplace_back(1, ledger::RefuseFields({{"quantity", "got \"x\""}}));
  batch.malformed.emplace_back(5, ledger::RefuseFields({{"customer", "required"}}));
  const std::vector<TrackResult> results = {
      {.code = ledger::TrackCode::kTracked, .recorded = true},
      {.code = ledger::TrackCode::kTrackedOverage, .recorded = true},
      {.code = ledger::TrackCode::kTracked, .recorded = true, .duplicate = true},
      {.code = ledger::TrackCode::kLimitExceeded}};
  pb::TrackBatchResponse response;
  RenderTrackBatchResponse(batch, results, response);
  EXPECT_THAT(
      response.codes(),
      ElementsAre(pb::TRACK_CODE_TRACKED, pb::TRACK_CODE_REJECTED, pb::TRACK_CODE_TRACKED_OVERAGE,
                  pb::TRACK_CODE_TRACKED, pb::TRACK_CODE_LIMIT_EXCEEDED, pb::TRACK_CODE_REJECTED));
  EXPECT_EQ(response.recorded(), 2U);
  EXPECT_EQ(response.duplicates(), 1U);
  ASSERT_THAT(response.details(), SizeIs(4));
  EXPECT_EQ(response.details(0).index(), 1U);
  EXPECT_EQ(response.details(0).error().field(), "quantity");
  EXPECT_THAT(response.details(1),
              EqualsProto("index: 3 code: TRACK_CODE_TRACKED allowed: true recorded: true "
                          "duplicate: true"));
  EXPECT_THAT(response.details(2), EqualsProto("index: 4 code: TRACK_CODE_LIMIT_EXCEEDED"));
  EXPECT_EQ(response.details(3).index(), 5U);
  EXPECT_EQ(response.details(3).error().reason(), billing::v1::ERROR_REASON_INVALID_REQUEST);
}

TEST(RenderMeteringTest, HistoryShowsWhatIsInvoicedAndWhatIsNot) {
  TestLedger ledger = NewLedger();
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "120");
  ledger.Bill("ada");
  ledger.Use("ada", "calls", "5");
  const ledger::UsagePage page = ledger.History("ada");
  pb::ListUsageResponse response;
  ASSERT_TRUE(RenderListUsageResponse(
                  page, PageTokens(pb::ListUsageRequest{}, storage::kDefaultTenant), response)
                  .ok());
  ASSERT_THAT(response.periods(), SizeIs(1));
  pb::UsagePeriod period = response.periods(0);
  EXPECT_THAT(UnsetFields(period), ElementsAre("segment"));  // the first segment, 0
  period.clear_period();
  EXPECT_THAT(
      period,
      EqualsProto(
          "feature_slug: 'calls' feature_name: 'The feature calls' subscription_id: 'sub_1_1' "
          "plan: 'pro' plan_version: 1 used: '125' included: '100' remaining: '0' "
          "billable: '25' invoiced_units: '20' unbilled_units: '5' "
          "invoiced_amount: 200 unbilled_amount: 50 currency: 'USD' "
          "currency_exponent: 2"));
  EXPECT_EQ(response.next_page_token(), "");
}

TEST(RenderMeteringTest, AListOfUsageGoesOnAfterItsLastRow) {
  TestLedger ledger = NewLedger();
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "calls", "1");
  ledger.Use("ada", "seats", "1");
  const PageTokens tokens(pb::ListUsageRequest{}, storage::kDefaultTenant);
  pb::ListUsageResponse response;
  const ledger::UsagePage page = Must(ledger.ListUsage({.customer = "ada", .limit = 1}));
  ASSERT_TRUE(RenderListUsageResponse(page, tokens, response).ok());
  ASSERT_THAT(response.periods(), SizeIs(1));
  const auto cursor = tokens.Read(response.next_page_token());
  EXPECT_EQ(ParseUsageCursor(cursor.value()), page.rows[0].counter.key);
}

}  // namespace
}  // namespace owo::rpc
