#include "service/rating/period.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace owo::rating {
namespace {

absl::TimeZone Zone(std::string_view name) { return LoadZone(name).value(); }

// Parses "2026-11-22T13:00:00+01:00" or "…Z".
absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

// Returns "<start> to <end>" in UTC, so that failures are readable.
std::string Utc(const Period& period) {
  const auto text = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%MZ", time, absl::UTCTimeZone());
  };
  return absl::StrCat(text(period.start), " to ", text(period.end));
}

std::string PeriodIn(std::string_view zone, Interval interval, const std::string& time) {
  return Utc(PeriodAt(Zones(Zone(zone)), interval, At(time)));
}

std::string LabelIn(std::string_view zone, Interval interval, const std::string& time) {
  return PeriodAt(Zones(Zone(zone)), interval, At(time)).Label(Zone(zone));
}

TEST(PeriodTest, EachIntervalInUtc) {
  const std::string time = "2026-11-22T13:45:10Z";  // a Sunday
  EXPECT_EQ(PeriodIn("UTC", Interval::kHour, time), "2026-11-22T13:00Z to 2026-11-22T14:00Z");
  EXPECT_EQ(PeriodIn("UTC", Interval::kDay, time), "2026-11-22T00:00Z to 2026-11-23T00:00Z");
  EXPECT_EQ(PeriodIn("UTC", Interval::kWeek, time), "2026-11-16T00:00Z to 2026-11-23T00:00Z");
  EXPECT_EQ(PeriodIn("UTC", Interval::kMonth, time), "2026-11-01T00:00Z to 2026-12-01T00:00Z");
  EXPECT_EQ(PeriodIn("UTC", Interval::kQuarter, time), "2026-10-01T00:00Z to 2027-01-01T00:00Z");
  EXPECT_EQ(PeriodIn("UTC", Interval::kYear, time), "2026-01-01T00:00Z to 2027-01-01T00:00Z");
}

TEST(PeriodTest, IsHalfOpen) {
  const absl::Time midnight = At("2026-12-01T00:00:00Z");
  const Period november = PeriodAt({}, Interval::kMonth, midnight - absl::Nanoseconds(1));
  const Period december = PeriodAt({}, Interval::kMonth, midnight);
  EXPECT_EQ(november.end, midnight);
  EXPECT_EQ(december.start, midnight);
  EXPECT_LT(november.ordinal, december.ordinal);
}

TEST(PeriodTest, OrdinalIsTheLocalDateOrTheSecondOfTheHour) {
  const Zones lagos(Zone("Africa/Lagos"));
  const absl::Time time = At("2026-10-31T23:30:00Z");  // 00:30 on 1 November in Lagos
  EXPECT_EQ(PeriodAt(lagos, Interval::kMonth, time).ordinal,
            absl::CivilDay(2026, 11, 1) - absl::CivilDay(1970, 1, 1));
  EXPECT_EQ(PeriodAt({}, Interval::kMonth, time).ordinal,
            absl::CivilDay(2026, 10, 1) - absl::CivilDay(1970, 1, 1));
  EXPECT_EQ(PeriodAt({}, Interval::kDay, absl::UnixEpoch()).ordinal, 0);
  EXPECT_EQ(PeriodAt({}, Interval::kHour, time).ordinal, absl::ToUnixSeconds(time) / 3600 * 3600);
}

TEST(PeriodTest, MonthBeginsAtLocalMidnight) {
  EXPECT_EQ(PeriodIn("Africa/Lagos", Interval::kMonth, "2026-11-22T00:00:00Z"),
            "2026-10-31T23:00Z to 2026-11-30T23:00Z");
  EXPECT_EQ(PeriodIn("Asia/Kathmandu", Interval::kMonth, "2026-11-22T00:00:00Z"),
            "2026-10-31T18:15Z to 2026-11-30T18:15Z");
  // Starts in standard time and ends in daylight saving time.
  EXPECT_EQ(PeriodIn("America/New_York", Interval::kMonth, "2026-03-20T00:00:00Z"),
            "2026-03-01T05:00Z to 2026-04-01T04:00Z");
  EXPECT_EQ(PeriodIn("Pacific/Kiritimati", Interval::kYear, "2025-12-31T10:00:00Z"),
            "2025-12-31T10:00Z to 2026-12-31T10:00Z");
}

TEST(PeriodTest, DayHas23Or25HoursWhenClocksChange) {
  EXPECT_EQ(PeriodIn("Europe/Berlin", Interval::kDay, "2026-03-29T12:00:00Z"),
            "2026-03-28T23:00Z to 2026-03-29T22:00Z");
  EXPECT_EQ(PeriodIn("Europe/Berlin", Interval::kDay, "2026-10-25T12:00:00Z"),
            "2026-10-24T22:00Z to 2026-10-25T23:00Z");
}

TEST(PeriodTest, DateWithoutMidnightBeginsWhereTheGapEnds) {
  EXPECT_EQ(PeriodIn("America/Sao_Paulo", Interval::kDay, "2018-11-04T03:00:00Z"),
            "2018-11-04T03:00Z to 2018-11-05T02:00Z");
  EXPECT_EQ(PeriodIn("America/Sao_Paulo", Interval::kDay, "2018-11-04T02:59:59Z"),
            "2018-11-03T03:00Z to 2018-11-04T03:00Z");
  EXPECT_EQ(PeriodIn("Africa/Cairo", Interval::kDay, "2026-04-24T12:00:00Z"),
            "2026-04-23T22:00Z to 2026-04-24T21:00Z");
  EXPECT_EQ(PeriodIn("Asia/Beirut", Interval::kDay, "2026-03-29T12:00:00Z"),
            "2026-03-28T22:00Z to 2026-03-29T21:00Z");
  // Toronto's clocks skipped from 23:30 to 00:30 in 1919, across midnight.
  EXPECT_EQ(PeriodIn("America/Toronto", Interval::kDay, "1919-03-31T12:00:00Z"),
            "1919-03-31T04:30Z to 1919-04-01T04:00Z");
}

TEST(PeriodTest, DateWithTwoMidnightsBeginsAtTheFirst) {
  // Havana's clocks go from 01:00 back to 00:00.
  EXPECT_EQ(PeriodIn("America/Havana", Interval::kDay, "2026-11-01T05:30:00Z"),
            "2026-11-01T04:00Z to 2026-11-02T05:00Z");
  // Sao Paulo's clocks went from 24:00 back to 23:00: midnight came once, one hour later.
  EXPECT_EQ(PeriodIn("America/Sao_Paulo", Interval::kDay, "2019-02-17T02:30:00Z"),
            "2019-02-16T02:00Z to 2019-02-17T03:00Z");
  // St. John's clocks went from 00:01 back to 23:01. The repeated hour belongs to the new date.
  EXPECT_EQ(PeriodIn("America/St_Johns", Interval::kDay, "2010-11-07T03:00:00Z"),
            "2010-11-07T02:30Z to 2010-11-08T03:30Z");
}

TEST(PeriodTest, DateThatDoesNotExistHasNoPeriod) {
  // Samoa skipped 30 December 2011.
  EXPECT_EQ(LabelIn("Pacific/Apia", Interval::kDay, "2011-12-30T09:59:59Z"), "2011-12-29");
  EXPECT_EQ(LabelIn("Pacific/Apia", Interval::kDay, "2011-12-30T10:00:00Z"), "2011-12-31");
  EXPECT_EQ(PeriodIn("Pacific/Apia", Interval::kDay, "2011-12-30T10:00:00Z"),
            "2011-12-30T10:00Z to 2011-12-31T10:00Z");
}

TEST(PeriodTest, HoursFollowTheLocalClock) {
  EXPECT_EQ(PeriodIn("Asia/Kolkata", Interval::kHour, "2026-11-22T13:45:00Z"),
            "2026-11-22T13:30Z to 2026-11-22T14:30Z");
  // New York has two hours labeled 01:00; each is its own period.
  EXPECT_EQ(LabelIn("America/New_York", Interval::kHour, "2026-11-01T05:30:00Z"),
            "2026-11-01T01:00-04:00");
  EXPECT_EQ(LabelIn("America/New_York", Interval::kHour, "2026-11-01T06:30:00Z"),
            "2026-11-01T01:00-05:00");
  // Lord Howe Island's clocks go from 02:00 back to 01:30, and forward from 02:00 to 02:30.
  EXPECT_EQ(PeriodIn("Australia/Lord_Howe", Interval::kHour, "2026-04-04T14:30:00Z"),
            "2026-04-04T14:00Z to 2026-04-04T15:00Z");
  EXPECT_EQ(PeriodIn("Australia/Lord_Howe", Interval::kHour, "2026-04-04T15:00:00Z"),
            "2026-04-04T15:00Z to 2026-04-04T15:30Z");
  EXPECT_EQ(PeriodIn("Australia/Lord_Howe", Interval::kHour, "2026-10-03T15:45:00Z"),
            "2026-10-03T15:30Z to 2026-10-03T16:00Z");
}

TEST(PeriodTest, LabelsNameThePeriod) {
  const std::string time = "2026-11-22T13:45:10Z";
  EXPECT_EQ(LabelIn("Africa/Lagos", Interval::kHour, time), "2026-11-22T14:00+01:00");
  EXPECT_EQ(LabelIn("Africa/Lagos", Interval::kDay, time), "2026-11-22");
  EXPECT_EQ(LabelIn("Africa/Lagos", Interval::kWeek, time), "2026-W47");
  EXPECT_EQ(LabelIn("Africa/Lagos", Interval::kMonth, time), "2026-11");
  EXPECT_EQ(LabelIn("Africa/Lagos", Interval::kQuarter, time), "2026-Q4");
  EXPECT_EQ(LabelIn("Africa/Lagos", Interval::kYear, time), "2026");
}

TEST(PeriodTest, WeeksAreThoseOfIso8601) {
  EXPECT_EQ(LabelIn("UTC", Interval::kWeek, "2027-01-03T23:59:59Z"), "2026-W53");
  EXPECT_EQ(LabelIn("UTC", Interval::kWeek, "2027-01-04T00:00:00Z"), "2027-W01");
  EXPECT_EQ(LabelIn("UTC", Interval::kWeek, "2024-12-30T00:00:00Z"), "2025-W01");
  EXPECT_EQ(PeriodIn("UTC", Interval::kWeek, "2024-12-31T00:00:00Z"),
            "2024-12-30T00:00Z to 2025-01-06T00:00Z");
}

TEST(PeriodTest, WholeRangeOfTimestampsHasPeriods) {
  for (const char* time : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"}) {
    for (const Interval interval : {Interval::kHour, Interval::kDay, Interval::kWeek,
                                    Interval::kMonth, Interval::kQuarter, Interval::kYear}) {
      for (const char* zone : {"UTC", "Pacific/Apia", "America/Juneau"}) {
        const Period period = PeriodAt(Zones(Zone(zone)), interval, At(time));
        EXPECT_LE(period.start, At(time));
        EXPECT_GT(period.end, At(time));
      }
    }
  }
}

TEST(ZoneChangeTest, CountsFromTheNextPeriodOn) {
  Zones zones(Zone("Africa/Lagos"));                               // +01:00
  zones.ChangeTo(Zone("Asia/Tokyo"), At("2026-11-10T00:00:00Z"));  // +09:00
  const auto month = [&](const std::string& time) {
    return Utc(PeriodAt(zones, Interval::kMonth, At(time)));
  };
  EXPECT_EQ(month("2026-11-20T00:00:00Z"), "2026-10-31T23:00Z to 2026-11-30T23:00Z");
  EXPECT_EQ(month("2026-11-30T22:59:59Z"), "2026-10-31T23:00Z to 2026-11-30T23:00Z");
  EXPECT_EQ(month("2026-11-30T23:00:00Z"), "2026-11-30T23:00Z to 2026-12-31T15:00Z");
  EXPECT_EQ(month("2026-12-31T15:00:00Z"), "2026-12-31T15:00Z to 2027-01-31T15:00Z");
}

TEST(ZoneChangeTest, WestwardDoesNotRepeatTheDate) {
  Zones zones(Zone("Pacific/Auckland"));  // +13:00
  zones.ChangeTo(absl::UTCTimeZone(), At("2026-11-10T00:00:00Z"));
  // November ended in Auckland while it was still 30 November in UTC. The next period is December.
  const Period december = PeriodAt(zones, Interval::kMonth, At("2026-11-30T12:00:00Z"));
  EXPECT_EQ(Utc(december), "2026-11-30T11:00Z to 2027-01-01T00:00Z");
  EXPECT_EQ(december.Label(absl::UTCTimeZone()), "2026-12");
  const Period day = PeriodAt(zones, Interval::kDay, At("2026-11-10T11:00:00Z"));
  EXPECT_EQ(Utc(day), "2026-11-10T11:00Z to 2026-11-12T00:00Z");
  EXPECT_EQ(day.Label(absl::UTCTimeZone()), "2026-11-11");
}

TEST(ZoneChangeTest, EastwardMaySkipADateButLeavesNoGap) {
  Zones zones(Zone("Pacific/Pago_Pago"));                                  // -11:00
  zones.ChangeTo(Zone("Pacific/Kiritimati"), At("2026-11-10T20:00:00Z"));  // +14:00
  const Period before = PeriodAt(zones, Interval::kDay, At("2026-11-10T20:00:00Z"));
  EXPECT_EQ(Utc(before), "2026-11-10T11:00Z to 2026-11-11T11:00Z");
  EXPECT_EQ(before.Label(absl::UTCTimeZone()), "2026-11-10");
  const Period after = PeriodAt(zones, Interval::kDay, before.end);
  EXPECT_EQ(Utc(after), "2026-11-11T11:00Z to 2026-11-12T10:00Z");
  EXPECT_EQ(after.Label(absl::UTCTimeZone()), "2026-11-12");
}

TEST(ZoneChangeTest, HoursStayDistinctAcrossHalfHourZones) {
  Zones zones;
  zones.ChangeTo(Zone("Asia/Kolkata"), At("2026-11-10T10:20:00Z"));
  const Period kept = PeriodAt(zones, Interval::kHour, At("2026-11-10T10:59:00Z"));
  const Period next = PeriodAt(zones, Interval::kHour, At("2026-11-10T11:00:00Z"));
  const Period third = PeriodAt(zones, Interval::kHour, At("2026-11-10T11:30:00Z"));
  EXPECT_EQ(Utc(kept), "2026-11-10T10:00Z to 2026-11-10T11:00Z");
  EXPECT_EQ(Utc(next), "2026-11-10T11:00Z to 2026-11-10T11:30Z");
  EXPECT_EQ(Utc(third), "2026-11-10T11:30Z to 2026-11-10T12:30Z");
  EXPECT_EQ(next.ordinal, absl::ToUnixSeconds(next.start));
  EXPECT_LT(kept.ordinal, next.ordinal);
  EXPECT_LT(next.ordinal, third.ordinal);
}

TEST(ZoneChangeTest, LastOfSeveralInOnePeriodCounts) {
  Zones zones;
  zones.ChangeTo(Zone("Asia/Tokyo"), At("2026-11-10T00:00:00Z"));
  zones.ChangeTo(Zone("Africa/Lagos"), At("2026-11-20T00:00:00Z"));
  EXPECT_EQ(Utc(PeriodAt(zones, Interval::kMonth, At("2026-12-10T00:00:00Z"))),
            "2026-12-01T00:00Z to 2026-12-31T23:00Z");
  // In between, days were those of Tokyo.
  EXPECT_EQ(Utc(PeriodAt(zones, Interval::kDay, At("2026-11-15T00:00:00Z"))),
            "2026-11-14T15:00Z to 2026-11-15T15:00Z");
  EXPECT_EQ(zones.current(), Zone("Africa/Lagos"));
  EXPECT_EQ(zones.history().size(), 3u);
}

TEST(PeriodDeathTest, WhatHasNoPeriodAborts) {
  EXPECT_DEATH(PeriodAt({}, Interval::kNever, absl::UnixEpoch()), "kNever");
  EXPECT_DEATH(PeriodAt({}, Interval::kDay, absl::InfiniteFuture()), "years 1 to 9999");
  EXPECT_DEATH(PeriodAt({}, Interval::kDay, absl::InfinitePast()), "years 1 to 9999");
}

}  // namespace
}  // namespace owo::rating
