#include "service/rating/period.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "service/rating/check.h"

namespace owo::rating {
namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);

// The first date of the civil day, week, month, quarter or year that contains `date`.
absl::CivilDay FirstDate(Interval interval, absl::CivilDay date) {
  switch (interval) {
    case Interval::kDay:
      return date;
    case Interval::kWeek:
      return absl::PrevWeekday(date + 1, absl::Weekday::monday);
    case Interval::kMonth:
      return absl::CivilDay(absl::CivilMonth(date));
    case Interval::kQuarter:
      return absl::CivilDay(date.year(), (date.month() - 1) / 3 * 3 + 1, 1);
    case Interval::kYear:
      return absl::CivilDay(absl::CivilYear(date));
    case Interval::kHour:
    case Interval::kNever:
      break;
  }
  CheckFailed("period: interval is not one of dates");
}

// The first date of the interval after the one that begins on `first`.
absl::CivilDay NextDate(Interval interval, absl::CivilDay first) {
  switch (interval) {
    case Interval::kDay:
      return first + 1;
    case Interval::kWeek:
      return first + 7;
    case Interval::kMonth:
      return absl::CivilDay(absl::CivilMonth(first) + 1);
    case Interval::kQuarter:
      return absl::CivilDay(absl::CivilMonth(first) + 3);
    case Interval::kYear:
      return absl::CivilDay(absl::CivilYear(first) + 1);
    case Interval::kHour:
    case Interval::kNever:
      break;
  }
  CheckFailed("period: interval is not one of dates");
}

// The first instant of `date` or, if the zone skips that date, of a later date: midnight, the first
// of two midnights, or the end of the gap that contains midnight.
absl::Time FirstInstant(absl::TimeZone zone, absl::CivilDay date) {
  const absl::TimeZone::TimeInfo midnight = zone.At(absl::CivilSecond(date));
  return midnight.kind == absl::TimeZone::TimeInfo::SKIPPED ? midnight.trans : midnight.pre;
}

// The period that contains `time` if `zone` had always been in force.
Period PeriodOfDates(absl::TimeZone zone, Interval interval, absl::Time time) {
  absl::CivilDay first = FirstDate(interval, absl::ToCivilDay(time, zone));
  absl::CivilDay next = NextDate(interval, first);
  absl::Time start = FirstInstant(zone, first);
  absl::Time end = FirstInstant(zone, next);
  Check(start <= time, "period: a local date has instants before its first");
  // If the clock is set back across midnight, the end of a date repeats after the next has begun.
  while (end <= time) {
    first = next;
    next = NextDate(interval, first);
    start = end;
    end = FirstInstant(zone, next);
  }
  return {interval, first - kEpoch, start, end};
}

// The instant of a transition. The civil time after the jump is unique or, if the clock was set
// back, the first repeated one.
absl::Time InstantOf(absl::TimeZone zone, const absl::TimeZone::CivilTransition& transition) {
  return zone.At(transition.to).trans;
}

// The last transition at or before `time`. Transitions are known by whole seconds.
absl::Time LastTransition(absl::TimeZone zone, absl::Time time) {
  absl::TimeZone::CivilTransition transition;
  const absl::Time next_second = absl::FromUnixSeconds(absl::ToUnixSeconds(time) + 1);
  if (!zone.PrevTransition(next_second, &transition)) return absl::InfinitePast();
  return InstantOf(zone, transition);
}

absl::Time NextTransition(absl::TimeZone zone, absl::Time time) {
  absl::TimeZone::CivilTransition transition;
  if (!zone.NextTransition(time, &transition)) return absl::InfiniteFuture();
  return InstantOf(zone, transition);
}

Period LocalHour(absl::TimeZone zone, absl::Time time) {
  const absl::TimeZone::CivilInfo local = zone.At(time);
  const absl::Time full =
      time - local.subsecond - absl::Minutes(local.cs.minute()) - absl::Seconds(local.cs.second());
  const absl::Time start = std::max(full, LastTransition(zone, time));
  const absl::Time end = std::min(full + absl::Hours(1), NextTransition(zone, time));
  return {Interval::kHour, absl::ToUnixSeconds(start), start, end};
}

Period NaturalPeriod(absl::TimeZone zone, Interval interval, absl::Time time) {
  return interval == Interval::kHour ? LocalHour(zone, time) : PeriodOfDates(zone, interval, time);
}

// A span of time in which one zone determines the periods. Begins at the end of `before`, if set.
struct Reign {
  absl::TimeZone zone;
  std::optional<Period> before;
};

// The period after `before`, under `zone`. Begins at the end of `before` and ends with the period
// of `zone` at that time. If that period still has the date of `before`, because `zone` is further
// west, it ends with the next date instead.
Period FirstPeriod(absl::TimeZone zone, const Period& before) {
  Period first = NaturalPeriod(zone, before.interval, before.end);
  first.start = before.end;
  if (before.interval == Interval::kHour) {
    first.ordinal = absl::ToUnixSeconds(first.start);
  } else if (first.ordinal <= before.ordinal) {
    const absl::CivilDay date = NextDate(before.interval, kEpoch + before.ordinal);
    first.ordinal = date - kEpoch;
    first.end = FirstInstant(zone, NextDate(before.interval, date));
  }
  return first;
}

// REQUIRES: `time` is not before the end of `reign.before`.
Period PeriodIn(const Reign& reign, Interval interval, absl::Time time) {
  if (reign.before) {
    const Period first = FirstPeriod(reign.zone, *reign.before);
    if (time < first.end) return first;
  }
  return NaturalPeriod(reign.zone, interval, time);
}

}  // namespace

Period PeriodAt(const Zones& zones, Interval interval, absl::Time time) {
  Check(interval != Interval::kNever, "PeriodAt: kNever has no period of its own");
  Check(time >= absl::FromUnixSeconds(-62'135'596'800) &&
            time < absl::FromUnixSeconds(253'402'300'800),
        "PeriodAt: time must be in the years 1 to 9999");
  Reign reign{zones.history().front().zone, std::nullopt};
  for (const Zones::Change& change : zones.history().subspan(1)) {
    if (change.since > time) break;
    // A change inside the period that an earlier change left as it was replaces that change.
    if (reign.before && change.since < reign.before->end) {
      reign.zone = change.zone;
    } else {
      reign = {change.zone, PeriodIn(reign, interval, change.since)};
    }
  }
  if (reign.before && time < reign.before->end) return *reign.before;
  return PeriodIn(reign, interval, time);
}

std::string Period::Label(absl::TimeZone zone) const {
  const absl::CivilDay date = kEpoch + (interval == Interval::kHour ? 0 : ordinal);
  const int64_t year = date.year();
  switch (interval) {
    case Interval::kHour:
      return absl::FormatTime("%Y-%m-%dT%H:%M%Ez", start, zone);
    case Interval::kDay:
      return absl::StrFormat("%04d-%02d-%02d", year, date.month(), date.day());
    case Interval::kWeek: {
      const absl::CivilDay thursday = date + 3;  // an ISO week belongs to the year of its Thursday
      return absl::StrFormat("%04d-W%02d", int64_t{thursday.year()},
                             (absl::GetYearDay(thursday) - 1) / 7 + 1);
    }
    case Interval::kMonth:
      return absl::StrFormat("%04d-%02d", year, date.month());
    case Interval::kQuarter:
      return absl::StrFormat("%04d-Q%d", year, (date.month() - 1) / 3 + 1);
    case Interval::kYear:
      return absl::StrFormat("%04d", year);
    case Interval::kNever:
      break;
  }
  CheckFailed("Period::Label: kNever has no label");
}

}  // namespace owo::rating
