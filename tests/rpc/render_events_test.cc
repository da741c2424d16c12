#include "service/rpc/render_events.h"

#include <gmock/gmock.h>

#include <string>
#include <type_traits>

#include "service/ledger/ids.h"
#include "service/rpc/cursor_text.h"
#include "service/rpc/page_budget.h"
#include "tests/client/proto_text.h"
#include "tests/rpc/parse_testing.h"
#include "tests/support/ledger.h"

namespace owo::rpc {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::SizeIs;
using testing::UnsetFields;

class RenderEventsTest : public ::testing::Test {
 protected:
  RenderEventsTest() {
    ledger_.SetNow("2026-11-10T00:00:00Z");
    ledger_.AddCustomer("ada", "pro");
    ledger_.SetNow("2026-11-15T12:00:00Z");
    ledger_.TrackOne(Must(
        ParseText(ParseTrackRequest,
                  "customer: 'ada' feature: 'calls' quantity: '2.50' event_id: 'e1' "
                  "event_time { seconds: 1794740400 } properties { key: 'region' value: 'eu' }")));
  }
  template <typename Page, typename Response>
  Response Rendered(absl::Status (*render)(const Page&, const PageTokens&, Response&),
                    const std::type_identity_t<Page>& page) {
    Response response;
    const absl::Status status = render(page, tokens_, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  ledger::CustomerEventPage Listed() {
    const ledger::CustomerEventPage page =
        Must(ledger_.ListEvents({.customer = "ada", .limit = 5}));
    EXPECT_EQ(page.rows.size(), 1U);
    return page;
  }

  ledger::TestLedger ledger_{
      ledger::CatalogOf(ledger::PlanOf("pro", {ledger::UsageBased("calls", "100")}))};
  const PageTokens tokens_{pb::ListEventsRequest{}, storage::kDefaultTenant};
};

TEST_F(RenderEventsTest, AnUnbilledEventIsShownAsItWasGiven) {
  const auto response = Rendered(RenderListEventsResponse, Listed());
  ASSERT_THAT(response.events(), SizeIs(1));
  pb::RecordedEvent event = response.events(0);
  EXPECT_THAT(UnsetFields(event), ElementsAre("segment", "invoice_id", "line"));
  EXPECT_EQ(event.period().label(), "2026-11");
  event.clear_recorded_at();
  event.clear_period();
  EXPECT_THAT(event, EqualsProto("event_id: 'e1' customer_id: 'ada' feature_slug: 'calls' "
                                 "quantity: '2.5' event_time { seconds: 1794740400 } "
                                 "properties { key: 'region' value: 'eu' }"));
  EXPECT_EQ(response.next_page_token(), "");
}

TEST_F(RenderEventsTest, AnInvoicedEventNamesItsInvoiceAndLine) {
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  const auto of_invoice =
      Rendered(RenderListInvoiceEventsResponse,
               Must(ledger_.ListInvoiceEvents({.invoice = invoice.id(), .limit = 5})));
  ASSERT_THAT(of_invoice.events(), SizeIs(1));
  EXPECT_EQ(of_invoice.events(0).invoice_id(), ledger::InvoiceIdText(invoice.id()));
  EXPECT_EQ(of_invoice.events(0).line(), 1U);
  pb::RecordedEvent listed = Rendered(RenderListEventsResponse, Listed()).events(0);
  EXPECT_FALSE(listed.has_line());
  listed.set_line(1);
  EXPECT_EQ(listed.SerializeAsString(), of_invoice.events(0).SerializeAsString());
}

TEST_F(RenderEventsTest, AListGoesOnWhereItsPageEnded) {
  ledger::CustomerEventPage page = Listed();
  page.next = {page.rows[0].counter, 311};
  const auto response = Rendered(RenderListEventsResponse, page);
  EXPECT_EQ(ParseCounterCursor(tokens_.Read(response.next_page_token()).value()), page.next);
  // No event found so far, and more to examine.
  page.rows.clear();
  EXPECT_EQ(Rendered(RenderListEventsResponse, page).next_page_token(), response.next_page_token());
}

TEST_F(RenderEventsTest, APageOfLargeEventsEndsBeforeItIsTooLargeToBeReceived) {
  ledger::CustomerEventPage page = Listed();
  pb::UsageEvent large;
  for (int i = 0; i < 20; ++i) {
    (*large.mutable_properties())["key" + std::to_string(i)] = std::string(256, 'x');
  }
  page.rows[0].event.properties = large.SerializeAsString();
  page.rows.resize(1000, page.rows[0]);
  for (size_t i = 0; i < page.rows.size(); ++i) page.rows[i].event.ordinal = i;
  const auto response = Rendered(RenderListEventsResponse, page);
  EXPECT_LT(response.ByteSizeLong(), PageBudget::kBytesMax + 10'000U);
  const auto shown = static_cast<uint64_t>(response.events_size());
  EXPECT_GT(shown, 100U);
  EXPECT_LT(shown, 1000U);
  EXPECT_EQ(ParseCounterCursor(tokens_.Read(response.next_page_token()).value()),
            (ledger::CounterCursor{page.rows[0].counter, shown}));
}

TEST_F(RenderEventsTest, DamagedPropertiesAreAnErrorNotAnAnswer) {
  ledger::CustomerEventPage page = Listed();
  page.rows[0].event.properties = "\xff";
  pb::ListEventsResponse response;
  EXPECT_TRUE(absl::IsDataLoss(RenderListEventsResponse(page, tokens_, response)));
}

}  // namespace
}  // namespace owo::rpc
