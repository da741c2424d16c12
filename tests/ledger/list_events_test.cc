// A customer's events by event time, each with the invoice that covers it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListEventsTest : public ::testing::Test {
 protected:
  ListEventsTest() {
    ledger_.SetNow("2026-11-10T00:00:00Z");
    ledger_.AddCustomer("ada", "pro");
    ledger_.SetNow("2026-11-15T12:00:00Z");
  }

  void Use(const std::string& id, const std::string& feature, const std::string& time = "") {
    const TrackResult result = ledger_.TrackOne(EventOf("ada", feature, "1", id, time));
    ASSERT_TRUE(result.recorded) << result.error;
  }
  static EventsQuery Between(const std::string& start, const std::string& end,
                             const std::string& feature = "") {
    return {.customer = "ada", .feature = feature, .start = At(start), .end = At(end)};
  }
  // Returns the ids on all pages.
  std::vector<std::string> Ids(EventsQuery query, size_t limit = kWholePage) {
    std::vector<std::string> ids;
    query.limit = limit;
    do {
      const CustomerEventPage page = Must(ledger_.ListEvents(query));
      EXPECT_LE(page.rows.size(), limit);
      for (const EventRow& row : page.rows) ids.push_back(row.event.id_text);
      query.from = page.next;
    } while (query.from.has_value());
    return ids;
  }

  TestLedger ledger_{
      CatalogOf({PlanOf("pro", {UsageBased("calls", "1"), Blocking("seats", kUnlimited),
                                Resetting(Blocking("bursts", "9"), rating::Interval::kHour),
                                Resetting(UsageBased("life", "1"), rating::Interval::kNever)}),
                 PlanOf("max", {UsageBased("calls", "2")})})};
};

TEST_F(ListEventsTest, ShowsWhatWasRecorded) {
  UsageEvent event = EventOf("ada", "calls", "2.5", "order-17", "2026-11-15T11:00:00Z");
  event.properties = "kept";
  ledger_.TrackOne(event);
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  Use("018f2e4c-7d3a-7cc1-9a52-0242ac120002", "calls");
  const CustomerEventPage page = Must(ledger_.ListEvents({.customer = "ada", .limit = 9}));
  EXPECT_EQ(page.customer_id, "ada");
  ASSERT_EQ(page.rows.size(), 2);
  EXPECT_EQ(page.rows[0].event.id_text, "order-17");
  EXPECT_EQ(ToDecimal(page.rows[0].event.quantity), D("2.5"));
  EXPECT_EQ(page.rows[0].event.time, At("2026-11-15T11:00:00Z"));
  EXPECT_EQ(page.rows[0].event.properties, "kept");
  EXPECT_EQ(page.rows[0].event.invoice, invoice.id());
  EXPECT_EQ(page.rows[0].feature_slug, "calls");
  EXPECT_EQ(page.rows[0].period.label, "2026-11");
  EXPECT_EQ(page.rows[0].line, 0);
  EXPECT_EQ(page.rows[1].event.id_text, "018f2e4c-7d3a-7cc1-9a52-0242ac120002");
  EXPECT_EQ(page.rows[1].event.invoice, "");
}

TEST_F(ListEventsTest, InTheOrderOfUsageAndWithinASegmentInOrderOfArrival) {
  Use("b", "calls");
  Use("a", "calls", "2026-11-15T11:00:00Z");
  ledger_.Advance(absl::Hours(1));
  ledger_.MoveTo("ada", "max");
  Use("c", "calls");
  Use("late", "calls", "2026-11-15T12:10:00Z");
  ledger_.SetNow("2026-12-02T00:00:00Z");
  Use("d", "calls");
  Use("later", "seats", "2026-11-15T12:20:00Z");
  EXPECT_THAT(Ids({.customer = "ada"}), ElementsAre("later", "d", "c", "b", "a", "late"));
  EXPECT_THAT(Ids({.customer = "ada", .feature = "seats"}), ElementsAre("later"));
}

TEST_F(ListEventsTest, AnIntervalIsOfTheEventsOwnTimeAndHalfOpen) {
  for (const char* const time : {"11:00:00", "10:00:00", "10:59:59", "09:59:59"}) {
    Use(time, "calls", std::string("2026-11-15T") + time + "Z");
  }
  EXPECT_THAT(Ids(Between("2026-11-15T10:00:00Z", "2026-11-15T11:00:00Z")),
              ElementsAre("10:00:00", "10:59:59"));
  EventsQuery since = Between("2026-11-15T10:59:59Z", "2026-11-15T11:00:00Z");
  since.end.reset();
  EXPECT_THAT(Ids(since), ElementsAre("11:00:00", "10:59:59"));
  EventsQuery until = Between("2026-11-15T10:00:00Z", "2026-11-15T10:00:00Z");
  until.start.reset();
  EXPECT_THAT(Ids(until), ElementsAre("09:59:59"));
  EXPECT_THAT(Ids(Between("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z")), IsEmpty());
  EXPECT_THAT(Ids(Between("2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z")), IsEmpty());
}

TEST_F(ListEventsTest, ComesInPagesOfAnySize) {
  for (int day = 0; day < 60; ++day) {
    ledger_.Advance(absl::Hours(24));
    const std::string n = std::to_string(day);
    for (const char* const feature : {"calls", "seats", "bursts", "life"}) {
      Use(feature + n, feature);
    }
  }
  const EventsQuery all{.customer = "ada"};
  const EventsQuery calls{.customer = "ada", .feature = "calls"};
  const EventsQuery weeks = Between("2026-12-20T00:00:00Z", "2027-01-04T00:00:00Z");
  for (const EventsQuery& query : {all, calls, weeks}) {
    const std::vector<std::string> ids = Ids(query);
    for (const size_t limit : {1, 2, 3, 7, 59, 60, 61, 240}) {
      EXPECT_EQ(Ids(query, limit), ids) << limit;
    }
  }
  EXPECT_EQ(Ids(all).size(), 240);
  EXPECT_EQ(Ids(calls).size(), 60);
  EXPECT_EQ(Ids(weeks).size(), 60);
}

TEST_F(ListEventsTest, WhatComesBetweenPagesDoesNotShiftThem) {
  for (const char* const id : {"a", "b", "c", "d"}) Use(id, "calls");
  const CustomerEventPage first = Must(ledger_.ListEvents({.customer = "ada", .limit = 2}));
  Use("e", "calls");
  ledger_.Bill("ada");
  EXPECT_THAT(Ids({.customer = "ada", .from = first.next}), ElementsAre("c", "d", "e"));
}

TEST_F(ListEventsTest, ACallLooksAtABoundedNumberOfEvents) {
  // Each chunk has one event in the interval, so that none is skipped.
  for (int done = 0; done < 28'000; done += 3500) {
    std::vector<UsageEvent> events;
    for (int i = done; i < done + 3500; ++i) {
      events.push_back(EventOf("ada", "calls", "1", "e" + std::to_string(i),
                               i == done + 3400 ? "2026-11-15T10:00:00Z" : "2026-11-15T11:00:00Z"));
    }
    Must(ledger_.Track(events));
  }
  EventsQuery query = Between("2026-11-15T10:00:00Z", "2026-11-15T10:00:01Z");
  query.limit = 1000;
  std::vector<std::string> ids;
  int pages = 0;
  do {
    const size_t before = ledger_.store().events_listed();
    const CustomerEventPage page = Must(ledger_.ListEvents(query));
    EXPECT_LE(ledger_.store().events_listed() - before, kExaminedMax + query.limit + 1);
    for (const EventRow& row : page.rows) ids.push_back(row.event.id_text);
    query.from = page.next;
    ++pages;
  } while (query.from.has_value());
  EXPECT_GT(pages, 2);
  EXPECT_THAT(ids, ElementsAre("e3400", "e6900", "e10400", "e13900", "e17400", "e20900", "e24400",
                               "e27900"));
}

// The events of a month, in order except for a few thousand, and a minute without events.
TEST_F(ListEventsTest, AnEmptyMinuteAmongManyEventsTakesOneCall) {
  constexpr int kEvents = 120'000;
  constexpr int kQuiet = 70'001;
  ledger_.SetNow("2026-11-28T00:00:00Z");
  const storage::Micros first = At("2026-11-15T00:00:00Z");
  for (int done = 0; done < kEvents;) {
    std::vector<UsageEvent> events;
    for (; events.size() < 1000; ++done) {
      const int64_t second = done + (done < kQuiet ? 0 : 60);
      events.push_back(EventOf("ada", "calls", "1", "e" + std::to_string(done)));
      events.back().time = first + second * 1'000'000;
    }
    Must(ledger_.Track(std::move(events)));
  }
  const auto calls = [&](int64_t from, int64_t to, size_t expected) {
    EventsQuery query{.customer = "ada",
                      .start = first + from * 1'000'000,
                      .end = first + to * 1'000'000,
                      .limit = 1000};
    int count = 0;
    size_t rows = 0;
    do {
      const CustomerEventPage page = Must(ledger_.ListEvents(query));
      rows += page.rows.size();
      query.from = page.next;
      ++count;
    } while (query.from.has_value());
    EXPECT_EQ(rows, expected);
    return count;
  };
  EXPECT_EQ(calls(kQuiet, kQuiet + 60, 0), 1);
  EXPECT_EQ(calls(kQuiet - 1, kQuiet + 61, 2), 1);
  EXPECT_EQ(calls(500, 560, 60), 1);
  EXPECT_EQ(calls(kEvents - 60, kEvents + 60, 120), 1);
  EXPECT_EQ(calls(kEvents + 1000, kEvents + 1060, 0), 1);
}

TEST_F(ListEventsTest, PeriodsOutsideTheIntervalAreNotLookedAt) {
  for (int hour = 0; hour < 600; ++hour) {
    ledger_.Advance(absl::Hours(1));
    Use("burst" + std::to_string(hour), "bursts");
  }
  const size_t counters = ledger_.store().counters_listed();
  const size_t events = ledger_.store().events_listed();
  EXPECT_THAT(Ids(Between("2026-11-28T12:00:00Z", "2026-11-28T14:00:00Z", "bursts")),
              ElementsAre("burst312", "burst311"));
  EXPECT_LE(ledger_.store().counters_listed() - counters, 80);
  EXPECT_LE(ledger_.store().events_listed() - events, 10);
}

// A month in Lagos begins one hour before the same month in London, the earlier time zone.
TEST_F(ListEventsTest, PeriodsAreWhatTheyWereWhenTheTimeZoneChanges) {
  ledger_.SetNow("2026-11-30T23:57:00Z");
  Use("london", "calls", "2026-12-01T00:01:00Z");
  Must(ledger_.Update("ada", {.id = "ada", .time_zone = "Africa/Lagos"}));
  for (const char* const id : {"2027-01-31T22:59:59Z", "2027-01-31T23:00:00Z"}) {
    ledger_.SetNow(id);
    Use(id, "calls");
  }
  EXPECT_EQ(ledger_.History("ada", "calls").rows.size(), 3);
  EXPECT_THAT(Ids(Between("2026-12-01T00:00:00Z", "2026-12-01T00:02:00Z")), ElementsAre("london"));
  EXPECT_THAT(Ids(Between("2027-01-31T22:00:00Z", "2027-01-31T23:00:00Z")),
              ElementsAre("2027-01-31T22:59:59Z"));
  EXPECT_THAT(Ids(Between("2027-01-31T23:00:00Z", "2027-02-01T00:00:00Z")),
              ElementsAre("2027-01-31T23:00:00Z"));
}

// When the counter was opened, the subscription had an end in November.
TEST_F(ListEventsTest, FindsWhatCountsForTheLifeOfASubscription) {
  Must(ledger_.Cancel({.customer = "ada", .end = At("2026-11-20T00:00:00Z")}));
  Use("first", "life");
  Must(ledger_.Cancel({.customer = "ada", .end = At("2026-12-31T00:00:00Z")}));
  ledger_.SetNow("2026-12-10T00:00:00Z");
  Use("last", "life");
  EXPECT_EQ(ledger_.History("ada", "life").rows.size(), 1);
  EXPECT_THAT(Ids(Between("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")), ElementsAre("last"));
}

TEST_F(ListEventsTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(ledger_.ListEvents({.customer = "nobody", .limit = 1}),
              RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(ledger_.ListEvents({.customer = "ada", .feature = "no-such", .limit = 1}),
              RefusedAs(Reason::kFeatureNotFound));
  Use("a", "calls");
  CounterCursor cursor{ledger_.History("ada").rows.at(0).counter.key};
  EXPECT_THAT(
      ledger_.ListEvents({.customer = "ada", .feature = "seats", .from = cursor, .limit = 1}),
      RefusesField("page_token"));
  cursor.counter.customer = storage::CustomerNo{99};
  EXPECT_THAT(ledger_.ListEvents({.customer = "ada", .from = cursor, .limit = 1}),
              RefusesField("page_token"));
}

}  // namespace
}  // namespace owo::ledger
