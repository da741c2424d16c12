#include <gmock/gmock.h>

#include "service/rpc/cursor_text.h"
#include "service/rpc/page_token.h"
#include "tests/rpc/parse_testing.h"

namespace owo::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kListedInvoice[] = "invoice_id: 'inv_01a20433aae371008ea8b661dcb9754f' ";
const std::string kCustomer = "customer: 'ada' ";

const ledger::CounterCursor kCursor = {.counter = {.customer = storage::CustomerNo{7},
                                                   .feature = storage::FeatureNo{2},
                                                   .period = {storage::IntervalCode::kHour, -5},
                                                   .segment = 3},
                                       .ordinal = UINT64_MAX};

TEST(ParseInvoiceEventsTest, ALineIsOptionalAndCountedFromOne) {
  const auto all = Must(ParseText(ParseListInvoiceEventsRequest, kListedInvoice));
  EXPECT_EQ(all.invoice.size(), 16U);
  EXPECT_EQ(all.line, std::nullopt);
  EXPECT_EQ(all.from, std::nullopt);
  EXPECT_EQ(all.limit, 50U);
  EXPECT_EQ(
      Must(ParseText(ParseListInvoiceEventsRequest, std::string(kListedInvoice) + "line: 3")).line,
      3U);
  EXPECT_THAT(WrongFields(ParseListInvoiceEventsRequest, std::string(kListedInvoice) + "line: 0"),
              ElementsAre("line"));
  EXPECT_THAT(ParseText(ParseListInvoiceEventsRequest, "invoice_id: 'x'"),
              ledger::RefusedAs(ledger::Reason::kInvoiceNotFound));
  EXPECT_THAT(WrongFields(ParseListInvoiceEventsRequest, "line: 0 page_size: 1001 page_token: 'x'"),
              UnorderedElementsAre("invoice_id", "line", "page_size", "page_token"));
  EXPECT_EQ(Must(ParseText(ParseListInvoiceEventsRequest,
                           std::string(kListedInvoice) + "page_size: 1000"))
                .limit,
            1000U);
}

TEST(ParseInvoiceEventsTest, APageTokenIsOfItsLineOnly) {
  auto request = FromText<pb::ListInvoiceEventsRequest>(std::string(kListedInvoice) + "line: 2");
  const ledger::LineCursor cursor{.line = 2, .ordinal = UINT64_MAX};
  request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(CursorText(cursor)));
  EXPECT_EQ(Must(ParseListInvoiceEventsRequest(AnyContext(), request)).from, cursor);
  request.set_line(1);
  EXPECT_THAT(FieldsIn(ParseListInvoiceEventsRequest(AnyContext(), request).status()),
              ElementsAre("page_token"));
  request.clear_line();
  EXPECT_THAT(FieldsIn(ParseListInvoiceEventsRequest(AnyContext(), request).status()),
              ElementsAre("page_token"));
  for (const char* text : {"2", "2 ", " 2", "2 x", "-1 2", "1 2 3", "4294967296 1"}) {
    request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(text));
    EXPECT_THAT(FieldsIn(ParseListInvoiceEventsRequest(AnyContext(), request).status()),
                ElementsAre("page_token"))
        << text;
  }
}

TEST(ParseEventsTest, AnIntervalHasEndsInTheirOrder) {
  const auto query = Must(ParseText(
      ParseListEventsRequest,
      kCustomer + "feature: 'calls' start { seconds: 5 } end { seconds: 6 } page_size: 1000"));
  EXPECT_EQ(query.customer, "ada");
  EXPECT_EQ(query.feature, "calls");
  EXPECT_EQ(query.start, 5'000'000);
  EXPECT_EQ(query.end, 6'000'000);
  EXPECT_EQ(query.limit, 1000U);
  const auto whole = Must(ParseText(ParseListEventsRequest, kCustomer));
  EXPECT_EQ(whole.start, std::nullopt);
  EXPECT_EQ(whole.end, std::nullopt);
  EXPECT_THAT(
      WrongFields(ParseListEventsRequest, kCustomer + "start { seconds: 6 } end { seconds: 6 }"),
      ElementsAre("end"));
  EXPECT_THAT(
      WrongFields(ParseListEventsRequest, kCustomer + "start { nanos: 900 } end { nanos: 900 }"),
      ElementsAre("end"));
  EXPECT_THAT(
      WrongFields(ParseListEventsRequest, kCustomer + "start { nanos: 901 } end { nanos: 900 }"),
      ElementsAre("end"));
  EXPECT_THAT(WrongFields(ParseListEventsRequest, kCustomer + "end { seconds: 6 }"), IsEmpty());
  EXPECT_THAT(
      WrongFields(ParseListEventsRequest, kCustomer + "start { seconds: -1 } end { nanos: -1 }"),
      ElementsAre("start", "end"));
  EXPECT_THAT(WrongFields(ParseListEventsRequest, "feature: 'A' page_size: 1001"),
              UnorderedElementsAre("customer", "feature", "page_size"));
}

// Times are whole microseconds: the interval contains no event, which is not an error.
TEST(ParseEventsTest, AnIntervalInsideOneMicrosecondIsEmpty) {
  const auto query = Must(
      ParseText(ParseListEventsRequest,
                kCustomer + "start { seconds: 5 nanos: 1200 } end { seconds: 5 nanos: 1900 }"));
  EXPECT_EQ(query.start, 5'000'001);
  EXPECT_EQ(query.end, 5'000'001);
}

TEST(ParseEventsTest, APageTokenIsOfItsQueryOnly) {
  auto request = FromText<pb::ListEventsRequest>(kCustomer + "start { seconds: 5 }");
  request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(CursorText(kCursor)));
  request.set_page_size(7);
  EXPECT_EQ(Must(ParseListEventsRequest(AnyContext(), request)).from, kCursor);
  request.mutable_start()->set_seconds(6);
  EXPECT_THAT(FieldsIn(ParseListEventsRequest(AnyContext(), request).status()),
              ElementsAre("page_token"));
  // The request of another list, with the same fields and numbers.
  auto usage = FromText<pb::ListUsageRequest>(kCustomer);
  usage.set_page_token(
      PageTokens(FromText<pb::ListEventsRequest>(kCustomer), storage::kDefaultTenant)
          .Make("7 2 4 1 0"));
  EXPECT_THAT(FieldsIn(ParseListUsageRequest(AnyContext(), usage).status()),
              ElementsAre("page_token"));
  for (const char* text : {"7 2 4 20758 0", "7 2 4 20758 0 x", "7 2 9 20758 0 1", "1", " "}) {
    request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(text));
    EXPECT_THAT(FieldsIn(ParseListEventsRequest(AnyContext(), request).status()),
                ElementsAre("page_token"))
        << text;
  }
}

}  // namespace
}  // namespace owo::rpc
