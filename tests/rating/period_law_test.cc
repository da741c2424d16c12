// Properties of the periods of every customer, for any zones and any changes between them.

#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "service/rating/period.h"
#include "tests/rating/random.h"

namespace owo::rating {
namespace {

constexpr std::string_view kZones[] = {"UTC",
                                       "Africa/Cairo",
                                       "Africa/Casablanca",
                                       "Africa/Lagos",
                                       "America/Havana",
                                       "America/New_York",
                                       "America/Sao_Paulo",
                                       "America/St_Johns",
                                       "Antarctica/Troll",
                                       "Asia/Beirut",
                                       "Asia/Kathmandu",
                                       "Asia/Kolkata",
                                       "Asia/Tehran",
                                       "Australia/Lord_Howe",
                                       "Europe/Dublin",
                                       "Pacific/Apia",
                                       "Pacific/Chatham",
                                       "Pacific/Kiritimati",
                                       "Pacific/Kwajalein",
                                       "Pacific/Pago_Pago"};

absl::TimeZone RandomZone(Random& random) {
  return LoadZone(kZones[random.Between(0, std::ssize(kZones) - 1)]).value();
}

absl::Time RandomTime(Random& random) {  // between 1990 and 2030
  return absl::FromUnixMillis(random.Between(631'152'000'000, 1'893'456'000'000));
}

// Returns zones with up to four changes, days or years apart.
Zones RandomZones(Random& random) {
  Zones zones(RandomZone(random));
  absl::Time since = RandomTime(random);
  for (int64_t i = random.Between(0, 4); i > 0; --i) {
    zones.ChangeTo(RandomZone(random), since);
    since += absl::Minutes(random.Between(0, random.OneIn(2) ? 5'000 : 2'000'000));
  }
  return zones;
}

Interval RandomInterval(Random& random) {
  return static_cast<Interval>(random.Between(0, static_cast<int64_t>(Interval::kYear)));
}

// Returns a time near the last change of zone, near a clock change, or anywhere.
absl::Time TimeOfInterest(Random& random, const Zones& zones) {
  const absl::Time any = RandomTime(random);
  const absl::Time change = zones.history().back().since;
  if (change != absl::InfinitePast() && random.OneIn(3)) {
    const int64_t minutes = random.OneIn(2) ? 90 : 10'000;
    return change + absl::Minutes(random.Between(-minutes, minutes));
  }
  absl::TimeZone::CivilTransition clocks;
  if (random.OneIn(2) && zones.current().NextTransition(any, &clocks)) {
    return zones.current().At(clocks.to).trans + absl::Minutes(random.Between(-90, 90));
  }
  return any;
}

TEST(PeriodLawTest, PeriodsFollowEachOtherWithoutGapOrOverlap) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const Zones zones = RandomZones(random);
    const Interval interval = RandomInterval(random);
    const absl::Time time = TimeOfInterest(random, zones);
    const Period period = PeriodAt(zones, interval, time);
    ASSERT_LE(period.start, time);
    ASSERT_LT(time, period.end);
    if (interval == Interval::kHour) {
      ASSERT_EQ(period.ordinal, absl::ToUnixSeconds(period.start));
    }
    ASSERT_EQ(period, PeriodAt(zones, interval, period.start));
    ASSERT_EQ(period, PeriodAt(zones, interval, period.end - absl::Nanoseconds(1)));
    const Period next = PeriodAt(zones, interval, period.end);
    ASSERT_EQ(next.start, period.end);
    ASSERT_GT(next.ordinal, period.ordinal);
    const Period previous = PeriodAt(zones, interval, period.start - absl::Nanoseconds(1));
    ASSERT_EQ(previous.end, period.start);
    ASSERT_LT(previous.ordinal, period.ordinal);
  }
}

TEST(PeriodLawTest, ChangeOfZoneLeavesThePeriodInForceAndAllBeforeAlone) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const Zones before = RandomZones(random);
    const Interval interval = RandomInterval(random);
    const absl::Time since =
        std::max(TimeOfInterest(random, before), before.history().back().since);
    if (since == absl::InfinitePast()) continue;
    Zones after = before;
    after.ChangeTo(RandomZone(random), since);
    const Period in_force = PeriodAt(before, interval, since);
    ASSERT_EQ(PeriodAt(after, interval, since), in_force);
    ASSERT_EQ(PeriodAt(after, interval, in_force.end - absl::Nanoseconds(1)), in_force);
    ASSERT_EQ(PeriodAt(after, interval, in_force.end).start, in_force.end);
    const absl::Time earlier = since - absl::Minutes(random.Between(0, 100'000));
    ASSERT_EQ(PeriodAt(after, interval, earlier), PeriodAt(before, interval, earlier));
  }
}

// In one zone the period of a time is that of its date, except when clocks go back across midnight.
TEST(PeriodLawTest, PeriodIsThatOfTheLocalDate) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const absl::TimeZone zone = RandomZone(random);
    if (zone.name() == "America/St_Johns") continue;
    const absl::Time time = RandomTime(random);
    const absl::CivilDay date = absl::ToCivilDay(time, zone);
    const auto ordinal = [&](Interval interval) {
      return PeriodAt(Zones(zone), interval, time).ordinal;
    };
    const absl::CivilDay epoch(1970, 1, 1);
    ASSERT_EQ(ordinal(Interval::kDay), date - epoch);
    ASSERT_EQ(ordinal(Interval::kWeek), absl::PrevWeekday(date + 1, absl::Weekday::monday) - epoch);
    ASSERT_EQ(ordinal(Interval::kMonth), absl::CivilDay(date.year(), date.month(), 1) - epoch);
    ASSERT_EQ(ordinal(Interval::kYear), absl::CivilDay(date.year(), 1, 1) - epoch);
  }
}

}  // namespace
}  // namespace owo::rating
